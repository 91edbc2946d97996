// Small Parquet files read many at a time: starting DuckDB takes several times as long as one of them.

import Core
import Foundation
import Synchronization

/// Which small Parquet files are going to be read, and what DuckDB printed of those it has read ahead.
///
/// Reading ahead is never needed: whatever goes wrong in it is met again, and told, when the file is
/// read alone.
final class ParquetBatches: Sendable {
  /// Larger files are read alone.
  static let largestFile = 1 << 19
  /// Files that are read at a time, and their bytes: more would not fit into one command line, or
  /// take memory that a small budget has not.
  private static let mostFiles = 32
  private static let largestBatch = 2 << 20

  private struct Output {
    let file: DataFile
    let shape: RowShape
    let lines: [UInt8]
  }

  private struct State {
    /// Files with the same columns, each once.
    var groups: [[URL]] = []
    var outputs: [URL: Output] = [:]
  }

  private let state = Mutex(State())

  func expect(_ groups: [[URL]]) { state.withLock { $0 = State(groups: groups) } }

  /// What DuckDB prints of a file; nil where it has to be read alone.
  nonisolated(nonsending) func lines(
    of file: URL, _ facts: DataFile, _ shape: RowShape, with duckDB: DuckDB
  ) async -> [UInt8]? {
    if let output = takeOutput(of: file), output.file == facts, output.shape == shape {
      return output.lines
    }
    let batch = batch(from: file)
    guard batch.count > 1 else { return nil }
    let outputs = await duckDB.outputs(of: batch.map(\.url), shape: shape)
    state.withLock { state in
      for (one, lines) in zip(batch, outputs) {
        state.outputs[one.url] = Output(file: one.facts, shape: shape, lines: lines)
      }
    }
    guard let output = takeOutput(of: file), output.file == facts else { return nil }
    return output.lines
  }

  private func takeOutput(of file: URL) -> Output? {
    state.withLock { $0.outputs.removeValue(forKey: file) }
  }

  /// A file and those behind it in the list, as far as they fit into a batch and are not at hand.
  private func batch(from file: URL) -> [(url: URL, facts: DataFile)] {
    let known = state.withLock(\.self)
    guard let group = known.groups.first(where: { $0.contains(file) }) else { return [] }
    var batch: [(url: URL, facts: DataFile)] = []
    var size = 0
    let start = group.firstIndex(of: file) ?? 0
    for url in group[start...] + group[..<start] where known.outputs[url] == nil {
      guard let facts = try? DataFile(url) else { break }
      size += facts.size
      guard size <= Self.largestBatch, batch.count < Self.mostFiles else { break }
      batch.append((url, facts))
    }
    return batch
  }
}

extension DataFolder {
  /// Says what is going to be read, so that small Parquet files are read many at a time.
  ///
  /// - Parameter readings: the parts that each reading asks for, [readings][parts]; those at the same
  ///   place are asked for the same columns
  package func expect(_ readings: [[DataPart]]) {
    guard paths.contains(where: { $0.hasSuffix(".parquet") }) else { return }
    let places = 0..<(readings.map(\.count).max() ?? 0)
    batches.expect(
      places.map { place in
        let parts = Set(readings.compactMap { place < $0.count ? $0[place] : nil })
        let paths = Set(parts.flatMap { (try? sources(of: $0)) ?? [] })
        return paths.sorted().map { root.appending(path: $0) }.filter(Self.isSmallTable)
      })
  }

  private static func isSmallTable(_ file: URL) -> Bool {
    guard let format = FileFormat(path: file.lastPathComponent), format.kind == .parquet,
      format.compression == nil, let facts = try? DataFile(file)
    else { return false }
    return facts.size <= ParquetBatches.largestFile
  }
}
