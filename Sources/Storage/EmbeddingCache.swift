// The embedding cache of one model as a run uses it: whatever is wrong with it costs time, never the
// run.

package import Core
package import Foundation
import Synchronization

/// Vectors that were computed before, found by model, prompt and text.
///
/// The file is opened with the first question. A damaged one is made anew; one that cannot be used is
/// left alone for the rest of the run, with one note that says why.
package final class EmbeddingCache: Sendable {
  /// What a caller may choose.
  package struct Settings: Sendable {
    /// Holds the files of all models; made where it is absent.
    package var folder: URL
    /// Most bytes on disk, all models together; nil for a fifth of what the disk has.
    package var size: Int?
    /// Bytes of the disk that stay free; nil for a twentieth of the disk, 1 to 10 GB.
    package var reserve: Int?
    /// Seconds to wait for other processes.
    package var patience = 5.0
    /// Told in a sentence, at most once of each kind.
    package var onNote: (@Sendable (String) -> Void)?

    package init(folder: URL) { self.folder = folder }
  }

  package let identity: EmbeddingCacheIdentity
  private let model: ModelIdentity
  private let settings: Settings
  private let folder: EmbeddingCacheFolder
  private let url: URL
  private let state = Mutex(State())

  private struct State {
    var condition = Condition.unopened
    /// Why nothing more is stored, if so.
    var isReadOnly = false
    var wasRebuilt = false
    var timesBusy = 0
    var bounds: EmbeddingCacheBounds?
    /// Seconds since 1970 of the opening.
    var start = 0.0
    /// Chunks whose last use is recorded, and those for which it still has to be.
    var recorded: Set<Int64> = []
    var used: Set<Int64> = []
    var notes: Set<String> = []
  }

  private enum Condition {
    case unopened
    case open(EmbeddingCacheFile, EmbeddingCacheLock)
    case off
  }

  /// - Parameters:
  ///   - model: whose vectors are kept.
  ///   - engineVersion: changes whenever the engine's vectors do.
  ///   - settings: where and how much.
  package init(model: ModelIdentity, engineVersion: String = "", _ settings: Settings) {
    self.model = model
    self.settings = settings
    identity = EmbeddingCacheIdentity(model, engineVersion: engineVersion)
    folder = EmbeddingCacheFolder(settings.folder)
    url = folder.file(of: identity)
  }

  /// Where the cache of the model lies.
  package var file: URL { url }

  // MARK: Questions

  /// Looks vectors up and copies those that are there to rows `rows` of `values`.
  ///
  /// - Parameters:
  ///   - keys: no two of them equal.
  ///   - rows: the row for each key.
  ///   - values: [texts, dimensions].
  /// - Returns: what the text of each key cost, nil where it is not there; nil instead of all where
  ///   there is no cache to ask.
  func find(
    _ keys: [EmbeddingCacheKey], rows: [Int], to values: inout [Float]
  ) -> [TextCost?]? {
    state.withLock { state in
      guard let file = opened(&state) else { return nil }
      var costs: [TextCost?] = []
      for start in stride(from: 0, to: keys.count, by: EmbeddingCacheFile.groupSize) {
        let group = start..<min(start + EmbeddingCacheFile.groupSize, keys.count)
        do throws(EmbeddingCacheTrouble) {
          let found = try file.find(Array(keys[group]), rows: Array(rows[group]), to: &values)
          costs += found.costs
          state.used.formUnion(found.chunks.subtracting(state.recorded))
          state.timesBusy = 0
          if !found.damaged.isEmpty {
            note("damaged entries", "has damaged entries; they are computed again", &state)
            try file.remove(found.damaged)
          }
        } catch {
          costs += Array(repeating: nil, count: group.upperBound - costs.count)
          handle(error, isWriting: false, &state)
          guard case .open = state.condition else {
            return costs + Array(repeating: nil, count: keys.count - costs.count)
          }
        }
      }
      return costs
    }
  }

  /// Stores vectors that were computed together.
  ///
  /// - Parameters:
  ///   - keys: no two of them equal.
  ///   - outcome: their vectors and costs, in the same order.
  func store(_ keys: [EmbeddingCacheKey], _ outcome: EmbedOutcome) {
    state.withLock { state in
      guard !state.isReadOnly, let file = opened(&state) else { return }
      let pages = EmbeddingCacheEntry.pages(dimensions: outcome.embeddings.dimensions)
      let bytes = keys.count * pages.bytesPerEntry
      do throws(EmbeddingCacheTrouble) {
        let bounds = state.bounds ?? EmbeddingCacheBounds(total: 0, reserve: 0)
        let room = EmbeddingCacheRoom(
          folder: folder, bounds: bounds, url: url, file: file, start: state.start)
        try recordUse(in: file, &state)
        guard try room.make(for: bytes) else {
          state.isReadOnly = true
          note(
            "full",
            "is full (\(ByteCount(bounds.total)) in all, \(ByteCount(bounds.reserve)) of the"
              + " disk stay free); further texts are not kept. --cache-size sets another size",
            &state)
          return
        }
        let entries = keys.enumerated().map { place, key in
          (
            key: key,
            data: EmbeddingCacheEntry.data(
              outcome.embeddings[place], outcome.costs[place], key)
          )
        }
        state.recorded.insert(try file.store(entries, now: Self.now))
        state.timesBusy = 0
      } catch {
        handle(error, isWriting: true, &state)
      }
    }
  }

  /// Records which chunks were used; called at the end of a request.
  func recordUse() {
    state.withLock { state in
      guard !state.isReadOnly, case .open(let file, _) = state.condition else { return }
      do throws(EmbeddingCacheTrouble) {
        try recordUse(in: file, &state)
      } catch {
        handle(error, isWriting: true, &state)
      }
    }
  }

  private func recordUse(
    in file: EmbeddingCacheFile, _ state: inout State
  ) throws(EmbeddingCacheTrouble) {
    guard !state.used.isEmpty else { return }
    try file.markUse(of: state.used.sorted(), now: Self.now)
    state.recorded.formUnion(state.used)
    state.used = []
  }

  private static var now: Double { Date().timeIntervalSince1970 }

  // MARK: Opening

  /// The file, opened now if it was not; nil where there is none to be had.
  private func opened(_ state: inout State) -> EmbeddingCacheFile? {
    switch state.condition {
    case .open(let file, _): return file
    case .off: return nil
    case .unopened: break
    }
    state.condition = .off
    do throws(EmbeddingCacheTrouble) {
      state.condition = try open(&state)
    } catch {
      note("unusable", "cannot be used (\(error.reason)); every text is embedded", &state)
    }
    guard case .open(let file, _) = state.condition else { return nil }
    return file
  }

  private func open(_ state: inout State) throws(EmbeddingCacheTrouble) -> Condition {
    do throws(Failure) {
      try AtomicFile.makeFolder(settings.folder)
    } catch {
      throw .refused(error.cause ?? error.message)
    }
    let network = EmbeddingCacheDisk.networkKind(of: settings.folder)
    if let network {
      note(
        "network",
        "is on a network file system (\(network)), which is slow; --cache or BORDA_CACHE can name a"
          + " folder on a disk of this machine", &state)
    }
    state.start = Self.now
    let taken = folder.files.reduce(0) { $0 + folder.bytes(of: $1) }
    var bounds = EmbeddingCacheBounds(
      asked: settings.size, taken: taken, space: DiskSpace.of(settings.folder))
    if let reserve = settings.reserve { bounds.reserve = reserve }
    state.bounds = bounds
    if folder.isMarkedDamaged(url) { try removeDamaged(&state) }
    do throws(EmbeddingCacheTrouble) {
      return try openOnce(isShared: network != nil)
    } catch {
      guard case .damaged = error else { throw error }
      try removeDamaged(&state)
      return try openOnce(isShared: network != nil)
    }
  }

  private func openOnce(isShared: Bool) throws(EmbeddingCacheTrouble) -> Condition {
    let end = ContinuousClock.now + .seconds(settings.patience)
    var lock = try EmbeddingCacheLock.attempt(folder.lockFile(of: url), .shared)
    while lock == nil {
      guard .now < end else { throw .busy }
      usleep(20_000)
      lock = try EmbeddingCacheLock.attempt(folder.lockFile(of: url), .shared)
    }
    guard let lock else { throw .busy }
    let file = try EmbeddingCacheFile(
      url, facts: facts, dimensions: model.dimensions, isShared: isShared,
      patience: settings.patience)
    lock.markUse()
    return .open(file, lock)
  }

  /// What `borda cache show` tells of the file.
  private var facts: [String: String] {
    [
      "identity": identity.facts, "model": model.name, "revision": model.revision,
      "engine": model.engine, "dtype": model.dtype, "dimensions": String(model.dimensions),
    ]
  }

  // MARK: Trouble

  /// Removes a damaged file, if no other process uses it; else the file waits for the next run.
  private func removeDamaged(_ state: inout State) throws(EmbeddingCacheTrouble) {
    guard let lock = try EmbeddingCacheLock.attempt(folder.lockFile(of: url), .alone) else {
      folder.markDamaged(url)
      throw .refused("it is damaged, and another process uses it")
    }
    try folder.remove(url, holding: lock)
    note("damaged", "was damaged and begins anew", &state)
  }

  /// Decides what becomes of the cache after something went wrong.
  private func handle(
    _ trouble: EmbeddingCacheTrouble, isWriting: Bool, _ state: inout State
  ) {
    switch trouble {
    case .busy where state.timesBusy < 2: state.timesBusy += 1
    case .damaged(let reason):
      if case .open(let file, _) = state.condition { file.close() }
      // Gives the lock back, so that the file can be taken alone.
      state.condition = .off
      folder.markDamaged(url)
      (state.used, state.recorded) = ([], [])
      if state.wasRebuilt {
        note("unusable", "is damaged again (\(reason)) and is not used any further", &state)
      } else {
        state.wasRebuilt = true
        state.condition = .unopened
      }
    case _ where isWriting:
      state.isReadOnly = true
      note(
        "unwritable", "takes nothing more (\(trouble.reason)); further texts are not kept", &state)
    default:
      if case .open(let file, _) = state.condition { file.close() }
      state.condition = .off
      note("unusable", "cannot be used (\(trouble.reason)); every text is embedded", &state)
    }
  }

  private func note(_ kind: String, _ sentence: String, _ state: inout State) {
    guard state.notes.insert(kind).inserted else { return }
    settings.onNote?("note: the embedding cache \(FilePaths.display(url)) \(sentence)")
  }
}
