// A model named `org/name@revision`: found in the shared cache, else fetched, which is said first.

import Core
import Encoders
import Foundation
import Hub
import Leaderboard

enum HubModel {
  /// The SPEC with a folder on this machine in the place of a model of a hub.
  ///
  /// - Parameters:
  ///   - spec: what the user named
  ///   - isOffline: asks nothing of the network
  ///   - isDry: fetches nothing
  /// - Throws: `.missing` for a model that neither cache nor hub has, in a dry run also for one that
  ///   would have to be fetched; `.unusable` for one without weights that Borda reads; whatever
  ///   fetching it throws
  /// - Returns: the checkpoint's snapshot; any other SPEC as it is
  static func local(
    _ spec: ModelSpec, isOffline: Bool, isDry: Bool = false
  ) async throws(Failure) -> ModelSpec {
    guard case .hub(let name, let revision) = spec else { return spec }
    let text = name + (revision.map { "@\($0)" } ?? "")
    let repository = try HubRepository(.model, name, revision: revision)
    let settings = try HubSettings().offline(isOffline)
    if let folder = try cached(repository, HubCache(settings)) { return .checkpoint(folder) }
    guard !settings.isOffline else {
      throw Failure(
        .missing, text,
        "is no folder and not in the cache, and --offline or HF_HUB_OFFLINE forbids to ask",
        hint: "run borda fetch \(text) --model where there is a network, and copy "
          + FilePaths.display(settings.cache))
    }
    let progress = FetchProgress()
    defer { progress.end() }
    do {
      return try await Interruption.watching {
        try await HubClient.open(settings, onEvent: { progress.show($0) }) { hub throws(Failure) in
          let need = try await need(of: try await hub.listing(of: repository), hub)
          if isDry { throw wouldFetch(need, text) }
          progress.say(
            "model: fetching \(need.summary), into \(FilePaths.display(hub.settings.cache))")
          progress.begin(bytes: need.missing.reduce(0) { $0 + $1.size })
          return .checkpoint(try await hub.fetch(need.files, of: need.listing))
        }
      }
    } catch {
      throw Self.explained(error, text)
    }
  }

  private static func wouldFetch(_ need: Need, _ text: String) -> Failure {
    Failure(
      .missing, text, "would have to be fetched first: \(need.summary)",
      hint: "run borda fetch \(text) --model, then the dry run again")
  }

  /// A model that no hub has may have been meant as a folder.
  private static func explained(_ error: any Error, _ text: String) -> Failure {
    guard var failure = error as? Failure else {
      return Failure(.interrupted, text, "stopped; what was fetched is kept")
    }
    if failure.code == .missing, failure.message.hasPrefix("no such model") {
      failure.message = "there is no such folder, and \(failure.message)"
      let sibling = FilePaths.nearestSibling(of: URL(filePath: text))
      if let sibling { failure.hint = "did you mean the folder \(sibling)?" }
    }
    return failure
  }

  // MARK: In the cache

  /// The snapshot, where it holds everything that the engine reads; the network is not asked.
  private static func cached(
    _ repository: HubRepository, _ cache: HubCache
  ) throws(Failure) -> URL? {
    guard let folder = cache.snapshot(of: repository) else { return nil }
    let root = folder.resolvingSymlinksInPath().path(percentEncoded: false)
    let here = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
    var paths = here.filter { FilePaths.kind(of: folder.appending(path: $0)) == .file }
    // The list that came with it knows what is not here.
    if let listing = cache.listing(of: repository) { paths = listing.files.map(\.path) }
    let wanted = try CheckpointFiles(paths) { path throws(Failure) in
      let file = folder.appending(path: path)
      return FilePaths.kind(of: file) == .file ? try CheckpointFiles.read(file) : nil
    }
    guard let wanted, wanted.hasWeights else { return nil }
    let isHere = wanted.paths.allSatisfy {
      FilePaths.kind(of: folder.appending(path: $0)) == .file
    }
    return isHere ? folder : nil
  }

  // MARK: From the hub

  /// What of a model is to be fetched.
  struct Need: Sendable {
    let listing: HubListing
    let files: [HubFile]
    let missing: [HubFile]

    /// `org/name @ 0123456789ab: 9 files, 1.2 GB`.
    var summary: String {
      "\(listing.repository.name) @ \(listing.commit.prefix(12)): "
        + "\(NumberText.count(missing.count, "file")), "
        + "\(ByteCount(missing.reduce(0) { $0 + $1.size }))"
    }
  }

  /// Finds out which files make the checkpoint; fetches those that list others, no more.
  ///
  /// - Throws: `.unusable` for a repository without weights that Borda reads
  static func need(
    of listing: HubListing, _ hub: HubClient
  ) async throws(Failure) -> Need {
    let repository = listing.repository
    let folder = hub.cache.folder(of: listing)
    let files = Dictionary(
      listing.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    for path in CheckpointFiles.indexes(among: listing.files.map(\.path)) {
      guard let file = files[path] else { continue }
      guard file.size <= CheckpointFiles.limit else {
        throw Failure(
          .unusable, "\(path) of \(repository.name)",
          "has \(ByteCount(file.size)), too much for a list of files",
          hint: "name another model")
      }
      _ = try await hub.fetch([file], of: listing)
    }
    let wanted = try CheckpointFiles(listing.files.map(\.path)) { path throws(Failure) in
      try CheckpointFiles.read(folder.appending(path: path))
    }
    guard let wanted, wanted.hasWeights, wanted.pickle == nil else {
      throw noWeights(listing, wanted?.pickle)
    }
    let chosen = wanted.paths.compactMap { files[$0] }
    return Need(
      listing: listing, files: chosen,
      missing: chosen.filter { hub.cache.find($0.path, of: listing.repository) == nil })
  }

  private static func noWeights(_ listing: HubListing, _ pickle: String?) -> Failure {
    let name = listing.repository.name
    guard let pickle else {
      return Failure(
        .unusable, name, "has no weights in the safetensors format",
        hint: "name a repository that holds a whole model")
    }
    return Failure(
      .unusable, name,
      "has weights only as a Python pickle (\(pickle)), which runs code when it is opened",
      hint: "look for a revision with model.safetensors, or convert it where you trust it")
  }
}
