// How large the embedding cache may become, and what goes first when it is full.

import Foundation

/// The bounds of a cache folder.
package struct EmbeddingCacheBounds: Sendable, Hashable {
  /// Most bytes of all files together.
  package var total: Int
  /// Bytes of the disk that are left alone.
  package var reserve: Int

  /// Bounds as they were asked for, or a fifth of what is free or taken by the cache already.
  ///
  /// A twentieth of the disk stays free, at least 1 GB and at most 10 GB.
  init(asked: Int?, taken: Int, space: (free: Int, total: Int)?) {
    total = asked ?? space.map { ($0.free + taken) / 5 } ?? 10_000_000_000
    reserve = space.map { min(max($0.total / 20, 1_000_000_000), 10_000_000_000) } ?? 0
  }

  package init(total: Int, reserve: Int) {
    self.total = total
    self.reserve = reserve
  }

  /// Bytes that a file may still take in: free pages inside it, and growth within both bounds.
  ///
  /// - Parameters:
  ///   - taken: bytes of all files of the cache.
  ///   - inside: free pages of the file in hand.
  ///   - free: bytes of the disk that are free; nil where nobody knows.
  /// - Returns: bytes, below zero where the cache is too large already.
  func room(taken: Int, inside: Int, free: Int?) -> Int {
    inside + growth(taken: taken, free: free)
  }

  /// Bytes by which the cache may grow; below zero where it has to shrink.
  func growth(taken: Int, free: Int?) -> Int {
    min(total - taken, free.map { $0 - reserve } ?? .max)
  }
}

/// Makes room in a cache folder for the file in hand.
struct EmbeddingCacheRoom {
  let folder: EmbeddingCacheFolder
  let bounds: EmbeddingCacheBounds
  /// The file in hand; other files are those of other models.
  let url: URL
  let file: EmbeddingCacheFile
  /// Seconds since 1970; what was used since then stays.
  let start: Double

  private var taken: Int { folder.files.reduce(0) { $0 + folder.bytes(of: $1) } }
  private var free: Int? { DiskSpace.of(folder.url)?.free }

  /// Whether entries of this many bytes fit, after removing what was not used for longest if they
  /// do not.
  ///
  /// Steps are big, a quarter of the bound at once: whole files of other models first, those that no
  /// process uses, then chunks of the file in hand that this run has not touched. What this run has
  /// used or stored stays: where one corpus is larger than the cache, a second run shall find the part
  /// that fitted rather than nothing.
  func make(for bytes: Int) throws(EmbeddingCacheTrouble) -> Bool {
    if try room() >= bytes { return true }
    try file.emptyJournal()
    if try room() >= bytes { return true }
    let wanted = max(bytes, bounds.total / 4)
    let others = folder.files.filter { $0.lastPathComponent != url.lastPathComponent }
      .map { (file: $0, use: folder.lastUse(of: $0) ?? .distantPast) }
      .sorted { $0.use < $1.use }
    for other in others where try room() < wanted {
      let lock = try EmbeddingCacheLock.attempt(folder.lockFile(of: other.file), .alone)
      if let lock { try? folder.remove(other.file, holding: lock) }
    }
    let lack = wanted - (try room())
    if lack > 0 {
      let growth = bounds.growth(taken: taken, free: free)
      try file.evict(bytes: lack, usedBefore: start, shrinks: growth < 0)
    }
    return try room() >= bytes
  }

  private func room() throws(EmbeddingCacheTrouble) -> Int {
    bounds.room(taken: taken, inside: try file.freeBytes(), free: free)
  }
}
