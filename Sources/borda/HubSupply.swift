// The data that tasks need of a hub: surveyed, told, fetched, and handed to the run.

import Core
import Evaluation
import Foundation
import Hub
import Leaderboard
import Synchronization

/// What some tasks need of a hub; nothing where their data are all on this machine.
struct HubSupply: Sendable {
  private(set) var datasets: [HubDataset] = []
  private let settings: HubSettings?

  /// Finds out which files tasks need and which the cache lacks.
  ///
  /// - Parameters:
  ///   - wants: tasks and cells; those whose data are a folder are left out
  ///   - locator: knows whose data are a folder
  ///   - isOffline: asks nothing of the network
  ///   - isQuiet: does not say that it asks
  /// - Throws: `.usage` for variables of the environment that make no sense, `.interrupted`
  init(
    for wants: [HubDataset.Want], _ locator: DataLocator, isOffline: Bool, isQuiet: Bool
  ) async throws(Failure) {
    var groups: [(repository: String, revision: String, wants: [HubDataset.Want])] = []
    for want in wants {
      guard let source = locator.hubSource(of: want.task), !want.cells.isEmpty else { continue }
      let place = groups.firstIndex {
        $0.repository == source.repository && $0.revision == source.revision
      }
      if let place {
        groups[place].wants.append(want)
      } else {
        groups.append((source.repository, source.revision, [want]))
      }
    }
    guard !groups.isEmpty else {
      settings = nil
      return
    }
    let settings = try HubSettings().offline(isOffline)
    self.settings = settings
    if !isQuiet { Self.tell(groups.map { ($0.repository, $0.revision) }, settings) }
    let progress = FetchProgress(isQuiet: true)
    datasets = try await HubClient.open(settings, onEvent: { progress.show($0) }) {
      [groups] hub throws(Failure) in
      try await Self.survey(groups, hub)
    }
  }

  /// Says how many lists of files are asked for: with many data sets it takes a while.
  private static func tell(
    _ sources: [(repository: String, revision: String)], _ settings: HubSettings
  ) {
    let cache = HubCache(settings)
    let unknown = sources.count { name, revision in
      let repository = try? HubRepository(.dataset, name, revision: revision)
      return repository.map { cache.listing(of: $0) == nil } ?? false
    }
    guard unknown > 0, !settings.isOffline else { return }
    Terminal.note("data: asking the hub about \(NumberText.count(unknown, "data set"))")
  }

  /// What a run needs; nothing for tasks whose results are current.
  ///
  /// - Parameters:
  ///   - selection: the tasks and languages of the run
  ///   - runner: knows what is left to do
  ///   - isOffline: asks nothing of the network
  ///   - isQuiet: does not say that it asks
  /// - Throws: as above
  /// - Returns: what of it the cache lacks, and the rest
  static func of(
    _ selection: Selection, for runner: Runner, isOffline: Bool, isQuiet: Bool
  ) async throws -> HubSupply {
    let wants = selection.tasks.map { task in
      // What is wrong with the task itself, the run will tell.
      let cells = runner.locator.hubSource(of: task).flatMap { _ in
        try? runner.cellsToDo(of: task, in: selection)
      }
      return HubDataset.Want(task: task, cells: cells ?? [])
    }
    let locator = runner.locator
    return try await Interruption.watching {
      try await HubSupply(for: wants, locator, isOffline: isOffline, isQuiet: isQuiet)
    }
  }

  /// Questions that are asked at the same time; each is short.
  private static let surveysAtOnce = 8

  private static func survey(
    _ groups: [(repository: String, revision: String, wants: [HubDataset.Want])], _ hub: HubClient
  ) async throws(Failure) -> [HubDataset] {
    // Once the hub was found silent, nobody waits for it as patiently again.
    let silence = Silence()
    let found = await hub.each(groups, atOnce: surveysAtOnce) { group in
      let client = silence.isNoticed ? hub.impatient : hub
      let dataset = await HubDataset(
        group.repository, revision: group.revision, for: group.wants, with: client)
      if dataset.failure?.code == .tryAgain { silence.notice() }
      return dataset
    }
    if let stopped = found.lazy.compactMap(\.failure).first(where: { $0.code == .interrupted }) {
      throw stopped
    }
    return found
  }

  /// Whether nothing could be asked.
  var isOffline: Bool { settings?.isOffline ?? false }

  /// The data sets that have something to fetch.
  var incomplete: [HubDataset] { datasets.filter { !$0.missing.isEmpty } }

  var missingFiles: Int { datasets.reduce(0) { $0 + $1.missing.count } }
  var missingBytes: Int { datasets.reduce(0) { $0 + $1.missingBytes } }

  // MARK: Saying so

  /// What is about to be fetched: a line of sums, then a line for every data set.
  var announcement: [String] {
    guard let settings, missingFiles > 0, !settings.isOffline else { return [] }
    let begun = datasets.reduce(0) { $0 + $1.begunBytes }
    let sums =
      "data: fetching \(NumberText.count(missingFiles, "file")), \(ByteCount(missingBytes)), "
      + (begun > 0 ? "\(ByteCount(begun)) of it there already, of " : "of ")
      + "\(NumberText.count(incomplete.count, "data set")) into \(FilePaths.display(settings.cache))"
    var lines = [sums]
    for dataset in incomplete {
      let licence = dataset.licences.isEmpty ? "unknown" : dataset.licences.joined(separator: ", ")
      lines.append(
        "  \(dataset.name) @ \(dataset.revision.prefix(12)): "
          + "\(NumberText.count(dataset.missing.count, "file")), "
          + "\(ByteCount(dataset.missingBytes)), licence \(licence), for \(dataset.taskNames)")
    }
    if let free = HubCache(settings).freeSpace(), free < missingBytes - begun {
      lines.append("  the disk of the cache has only \(ByteCount(free)) left")
    }
    return lines
  }

  // MARK: Fetching

  /// Fetches what the cache lacks; a data set that fails fails its own tasks and no others.
  ///
  /// - Parameters:
  ///   - progress: told what happens
  ///   - onEnd: told of every data set that is done
  /// - Throws: `.interrupted`
  mutating func fetch(
    _ progress: FetchProgress,
    onEnd: @escaping @Sendable (HubDataset, Failure?) -> Void = { _, _ in }
  ) async throws(Failure) {
    guard let settings, missingFiles > 0, !settings.isOffline else { return }
    progress.begin(bytes: missingBytes)
    let before = datasets
    datasets = try await HubClient.open(settings, onEvent: { progress.show($0) }) {
      hub throws(Failure) in
      var datasets = before
      let places = datasets.indices.filter { !datasets[$0].missing.isEmpty }
      let names = Dictionary(
        places.map { (datasets[$0].key, $0) }, uniquingKeysWith: { first, _ in first })
      let orders = places.compactMap { place in
        datasets[place].listing.map { HubOrder(datasets[place].missing, of: $0) }
      }
      let failures = try await hub.fetch(
        orders, onEvent: { progress.show($0, of: $1.listing.repository.name) },
        onEnd: { order, failure in
          if let place = names[HubDataset.key(of: order.listing)] { onEnd(before[place], failure) }
        })
      for (place, failure) in zip(places, failures) { datasets[place].finish(failure, hub) }
      hub.sweep()
      return datasets
    }
    progress.end()
  }

  /// Says what the cache lacks and fetches it.
  ///
  /// - Parameter isQuiet: says no more than the sums
  /// - Throws: `.interrupted`
  mutating func fetch(isQuiet: Bool) async throws {
    announcement.prefix(isQuiet ? 1 : .max).forEach(Terminal.note)
    let progress = FetchProgress(isQuiet: isQuiet)
    defer { progress.end() }
    let before = self
    self = try await Interruption.watching {
      var supply = before
      try await supply.fetch(progress) { dataset, failure in
        if failure == nil, !isQuiet { progress.say("data: \(dataset.name) is there") }
      }
      return supply
    }
  }

  // MARK: For the run

  /// A locator that finds the data here, and folders where the other one does.
  func locator(beside other: DataLocator) -> DataLocator {
    var locator = other
    let absent = DataLocator(override: other.override, duckDB: other.duckDB).snapshot
    locator.snapshot = { [self] task throws(Failure) in
      if let snapshot = try snapshot(of: task) { return snapshot }
      return try absent(task)
    }
    return locator
  }

  /// Where a task's data are.
  ///
  /// - Throws: why they are not on this machine
  func snapshot(of task: TaskDefinition) throws(Failure) -> HubSnapshot? {
    for dataset in datasets {
      guard let reader = dataset.readers.first(where: { $0.task.name == task.name }) else {
        continue
      }
      if let failure = reader.failure { throw failure }
      return dataset.snapshot
    }
    return nil
  }

  /// What each task still needs; a file that several tasks share is counted for the first of them.
  var downloads: [TaskDownload] {
    datasets.flatMap { dataset in
      var counted: Set<HubFile> = []
      let absent = Set(dataset.missing)
      return dataset.readers.map { reader in
        let files = reader.files.filter { absent.contains($0) && counted.insert($0).inserted }
        return TaskDownload(
          task: reader.task.name, repository: dataset.name, revision: dataset.revision,
          missingFiles: files.count,
          missingBytes: dataset.listing.map { _ in files.reduce(0) { $0 + $1.size } })
      }
    }
  }
}

/// Whether a hub was found not to answer.
private final class Silence: Sendable {
  private let state = Mutex(false)

  var isNoticed: Bool { state.withLock { $0 } }
  func notice() { state.withLock { $0 = true } }
}

extension HubDataset {
  var missingBytes: Int { missing.reduce(0) { $0 + $1.size } }
  var bytes: Int { files.reduce(0) { $0 + $1.size } }

  /// The first names of its tasks, and how many there are besides.
  var taskNames: String {
    let names = readers.map(\.task.name)
    let shown = names.prefix(3).joined(separator: ", ")
    return names.count > 3 ? "\(shown) and \(names.count - 3) more" : shown
  }

  fileprivate var key: String { listing.map(Self.key) ?? "\(name)@\(revision)" }

  fileprivate static func key(of listing: HubListing) -> String {
    "\(listing.repository.name)@\(listing.commit)"
  }
}
