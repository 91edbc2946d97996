// Columns that hold lists: one row of some tables is a whole group of texts.

import Core
import Datasets

extension PairTable.Row {
  /// A list of texts, empty ones allowed; whole numbers become their digits.
  func textList(_ column: Int) throws(Failure) -> [String] {
    let texts = values[column].array?.map { $0.string ?? $0.integer.map(String.init) }
    guard let texts, !texts.contains(nil) else {
      throw malformed("column '\(columns[column].name)' is no list of texts")
    }
    return texts.compactMap { $0 }
  }

  /// A list of numbers.
  func numberList(_ column: Int) throws(Failure) -> [Double] {
    let numbers = values[column].array?.map(\.double)
    guard let numbers, numbers.allSatisfy({ $0?.isFinite == true }) else {
      throw malformed("column '\(columns[column].name)' is no list of numbers")
    }
    return numbers.compactMap { $0 }
  }
}
