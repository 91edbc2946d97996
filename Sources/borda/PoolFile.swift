// A frozen pool on disk: read whole, checked, matched with the catalogue and with what was asked for.

import Catalogue
import Core
import Foundation
import Leaderboard
import Storage

struct PoolFile {
  let pool: FrozenPool
  /// How messages name it.
  let name: String

  init(reading file: URL) throws(Failure) {
    name = FilePaths.display(file)
    let handle = try? FileHandle(forReadingFrom: file)
    defer { try? handle?.close() }
    let size = (try? handle?.seekToEnd()) ?? 0
    guard size <= FrozenPool.sizeLimit else {
      throw Failure(
        .malformed, name, "is larger than any pool", hint: "name a file of borda pool freeze")
    }
    guard let handle, (try? handle.seek(toOffset: 0)) != nil,
      let data = try? handle.readToEnd() ?? Data()
    else {
      throw Failure(.system, name, "cannot be read", hint: "check its permissions")
    }
    pool = try FrozenPool(reading: Array(data), file: name, hash: ContentHash.of)
  }

  static func write(_ pool: FrozenPool, to file: URL) throws(Failure) {
    let lines = pool.lines(hash: ContentHash.of)
    try AtomicFile.write(lines.joined(separator: "\n"), to: file)
  }

  /// The pool's benchmark as the catalogue has it.
  func benchmark(in catalogue: Catalogue, asked: String?) throws(Failure) -> Benchmark {
    guard asked == nil || asked == pool.benchmark else {
      throw Failure(
        .usage, "--benchmark", "\(name) is a pool of \(pool.benchmark), not of \(asked ?? "")",
        hint: "leave --benchmark out, or name another pool")
    }
    return try catalogue.benchmark(pool.benchmark)
  }

  /// The pool's rules, which its votes are counted by.
  func rules(asked: Rules?) throws(Failure) -> Rules {
    guard asked == nil || asked == pool.rules else {
      throw Failure(
        .usage, "--rules",
        "\(name) is a pool under the rules \(pool.rules.rawValue), not \(asked?.rawValue ?? "")",
        hint: "leave --rules out, or freeze the results anew with the other rules")
    }
    return pool.rules
  }

  func frame(of benchmark: Benchmark) throws(Failure) -> Frame {
    try pool.frame(of: benchmark, file: name, hash: ContentHash.of)
  }
}
