// A table with a column per language, of which thousands of subsets pair two each: read once, where
// every subset would read its file again.

import Core
import Datasets
import Synchronization

/// The columns of a parallel task, those of the split read last.
final class ParallelColumns: Sendable {
  private let names: [String]
  private let kept = Mutex<(split: String, columns: [String: [String]])?>(nil)

  /// - Parameter names: of all columns that subsets name, each once
  init(names: [String]) { self.names = names }

  /// The texts of two columns, row by row.
  ///
  /// - Returns: nil where one of them is not there or not whole; reading it alone tells what is wrong
  /// - Throws: what reading the data throws
  func texts(
    _ first: String, _ second: String, of cell: Cell, in table: PairTable
  ) async throws(Failure) -> (first: [String], second: [String])? {
    let known = kept.withLock { $0?.split == cell.split ? $0?.columns : nil }
    var columns = known ?? [:]
    if known == nil {
      columns = try await read(cell, table)
      kept.withLock { $0 = (cell.split, columns) }
    }
    guard let first = columns[first], let second = columns[second] else { return nil }
    return (first, second)
  }

  private func read(_ cell: Cell, _ table: PairTable) async throws(Failure) -> [String: [String]] {
    var columns = [[String]?](repeating: [], count: names.count)
    try await table.forEachRow(
      of: cell, names.map { Column($0, isOptional: true) }, configuration: "default"
    ) { row throws(Failure) in
      for (place, value) in row.values.enumerated() {
        guard let text = value.string else {
          columns[place] = nil
          continue
        }
        columns[place]?.append(text)
      }
    }
    return Dictionary(uniqueKeysWithValues: zip(names, columns)).compactMapValues { $0 }
  }
}
