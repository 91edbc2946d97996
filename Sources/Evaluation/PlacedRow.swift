// A row of one part of a data set, as failures name it and with its values checked.

import Core

/// Where a row stands.
struct PlacedRow {
  let place: String
  /// Counted from 1, in the order of the files; 0 before the first.
  var number = 0

  func malformed(_ problem: String, hint: String = "correct the row") -> Failure {
    Failure(.malformed, place, "row \(number): \(problem)", hint: hint)
  }

  func duplicate(_ id: String) -> Failure {
    malformed("the id '\(id)' occurs twice", hint: "remove one of the rows, or rename one")
  }

  func text(_ value: JSON, _ column: String) throws(Failure) -> String {
    guard let text = value.string else { throw malformed("column '\(column)' is no text") }
    return text
  }

  /// A list of ids, empty allowed; whole numbers become their digits.
  func ids(_ value: JSON, _ column: String) throws(Failure) -> [String] {
    let ids = value.array?.map { $0.string ?? $0.integer.map(String.init) }
    guard let ids, !ids.contains(nil) else {
      throw malformed("column '\(column)' is no list of ids")
    }
    return ids.compactMap { $0 }
  }

  func requireAny() throws(Failure) {
    guard number > 0 else {
      throw Failure(.malformed, place, "there is no row", hint: "check the data files")
    }
  }
}
