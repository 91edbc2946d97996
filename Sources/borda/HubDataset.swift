// A data set of a hub as some tasks need it: which of its files they read, and which of those the
// cache lacks.

import Core
import Datasets
import Evaluation
import Foundation
import Hub

/// One data set at one revision, and the tasks that read it.
struct HubDataset: Sendable {
  /// A task and the cells of it that are to be evaluated.
  struct Want: Sendable {
    let task: TaskDefinition
    let cells: [Cell]
  }

  /// A task, and what it reads.
  struct Reader: Sendable {
    let task: TaskDefinition
    var files: [HubFile] = []
    var failure: Failure?
  }

  let name: String
  /// As the tasks name it; a commit once that is known.
  private(set) var revision: String
  private(set) var readers: [Reader]
  /// All files; nil where the hub was not asked or did not answer.
  private(set) var listing: HubListing?
  private(set) var snapshot: HubSnapshot?
  /// What the cache lacks of the files that are read, each once.
  private(set) var missing: [HubFile] = []
  /// Bytes of those that earlier transfers left.
  private(set) var begunBytes = 0

  /// What its tasks read, each file once, in the order of the listing.
  var files: [HubFile] {
    let read = Set(readers.flatMap(\.files))
    return (listing?.files ?? []).filter(read.contains)
  }

  /// The licences of its tasks, each once.
  var licences: [String] {
    var seen: Set<String> = []
    return readers.compactMap(\.task.licence).filter { seen.insert($0).inserted }
  }

  /// What is wrong with it; the first reason where there are several.
  var failure: Failure? { failures.first }

  /// What is wrong with it or with what single tasks want of it, each once.
  var failures: [Failure] {
    var found: [Failure] = []
    for case let failure? in readers.map(\.failure) where !found.contains(failure) {
      found.append(failure)
    }
    return found
  }

  /// Finds out what is needed; whatever goes wrong is noted for the tasks that it concerns.
  ///
  /// Fetches the list of files and README.md where the cache lacks them, nothing else.
  init(_ name: String, revision: String, for wants: [Want], with hub: HubClient) async {
    self.name = name
    self.revision = revision
    readers = wants.map { Reader(task: $0.task) }
    do throws(Failure) {
      try await look(hub)
      for place in wants.indices { choose(wants[place], place) }
    } catch {
      let isAbsent = hub.settings.isOffline && error.code == .missing
      for place in readers.indices {
        readers[place].failure =
          isAbsent ? offline(readers[place].task, "its data, \(name) at \(revision),", hub) : error
      }
    }
    note(hub)
  }

  /// Lists the files and reads the card.
  private mutating func look(_ hub: HubClient) async throws(Failure) {
    let repository = try HubRepository(.dataset, name, revision: revision)
    do throws(Failure) {
      let listing = try await hub.listing(of: repository)
      try await Self.fetchCard(of: listing, hub)
      self.listing = listing
      revision = listing.commit
      snapshot = HubSnapshot(
        folder: hub.cache.folder(of: listing), commit: listing.commit,
        files: listing.files.map(\.path))
    } catch {
      // Python's client may have put all of it there without a list.
      guard hub.settings.isOffline || error.code == .tryAgain,
        let folder = hub.cache.snapshot(of: repository),
        let commit = hub.cache.commit(of: repository)
      else { throw error }
      revision = commit
      snapshot = HubSnapshot(folder: folder, commit: commit, files: nil)
    }
  }

  private static let cardLimit = 16 << 20

  private static func fetchCard(of listing: HubListing, _ hub: HubClient) async throws(Failure) {
    guard let card = listing.files.first(where: { $0.path == "README.md" }) else { return }
    guard card.size <= cardLimit else {
      throw Failure(
        .unsupported, "README.md of \(listing.repository.name)",
        "has \(ByteCount(card.size)), too much for the card of a data set",
        hint: "put the data into a folder and name the folder above it with --data")
    }
    _ = try await hub.fetch([card], of: listing)
  }

  /// Which files one task reads.
  private mutating func choose(_ want: Want, _ place: Int) {
    guard let snapshot else { return }
    do throws(Failure) {
      let data = try DataFolder(
        snapshot.folder, files: snapshot.files, transforms: want.task.transforms, duckDB: nil)
      let paths = try Evaluators.sources(of: want.cells, of: want.task, in: data)
      if let listing {
        let read = Set(paths)
        readers[place].files = listing.files.filter { read.contains($0.path) }
      } else if let gap = Shards.gap(in: paths) {
        throw Failure(
          .missing, name, "the cache has only some of the parts of \(gap)",
          hint: "fetch the data with a network, or copy the whole data set")
      }
    } catch {
      readers[place].failure = error
    }
  }

  /// Notes what the cache lacks by now; `failure` is what stopped the fetching of it.
  private mutating func note(_ hub: HubClient, _ failure: Failure? = nil) {
    guard let listing else { return }
    missing = files.filter { hub.cache.find($0.path, of: listing.repository) == nil }
    begunBytes = missing.reduce(0) { $0 + hub.cache.begun($1, of: listing.repository) }
    let absent = Set(missing)
    for place in readers.indices {
      let lacking = readers[place].files.filter(absent.contains)
      guard !lacking.isEmpty else { continue }
      if hub.settings.isOffline {
        let bytes = ByteCount(lacking.reduce(0) { $0 + $1.size })
        readers[place].failure = offline(readers[place].task, "\(bytes) of its data, \(name),", hub)
      } else if let failure {
        readers[place].failure = failure
      }
    }
  }

  /// Takes note of how fetching ended.
  mutating func finish(_ failure: Failure?, _ hub: HubClient) { note(hub, failure) }

  private func offline(_ task: TaskDefinition, _ what: String, _ hub: HubClient) -> Failure {
    Failure(
      .missing, task.name,
      "\(what) are not in the cache, and --offline or HF_HUB_OFFLINE forbids to ask",
      hint: "run borda fetch --tasks \(task.name) where there is a network, and copy "
        + FilePaths.display(hub.settings.cache))
  }
}

/// Files that were cut into numbered parts.
enum Shards {
  /// The name before the number of a file whose parts are not all there; nil where none lacks any.
  static func gap(in paths: [String]) -> String? {
    var parts: [String: (total: Int, found: Int)] = [:]
    for path in paths {
      guard let match = path.firstMatch(of: /^(.*)-\d{5}-of-(\d{5})/), let total = Int(match.2)
      else { continue }
      let key = "\(match.1)-of-\(match.2)"
      parts[key] = (total, (parts[key]?.found ?? 0) + 1)
    }
    return parts.filter { $0.value.found < $0.value.total }.keys.min()
  }
}
