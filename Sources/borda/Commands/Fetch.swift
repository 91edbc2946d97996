// `borda fetch`: data sets of tasks, or a repository of a hub, into the cache that is shared with
// Python.

import ArgumentParser
import Core
import Datasets
import Evaluation
import Foundation
import Hub
import Leaderboard

struct Fetch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch data sets or a model from a hub into the shared cache.",
    discussion: """
      EXAMPLES:
        borda fetch --benchmark 'MTEB(eng, v2)' --dry-run
        borda fetch --tasks STSBenchmark SCIDOCS
        borda fetch --benchmark 'MTEB(Multilingual, v2)' --languages deu
        borda fetch mteb/stsbenchmark-sts --dry-run
        borda fetch org/data@refs/pr/4 --files README.md 'data/test-*'
        borda fetch org/model --model
        borda fetch org/model --model --files '**'

      Of tasks, no more than what they read; of a model, no more than Borda reads.
      Files that are in the cache are not fetched again, whatever program put them
      there. A transfer that broke goes on where it stopped. docs/hub.md tells of
      HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE and proxies.
      """)

  @Argument(
    help: ArgumentHelp(
      "Repository, as organisation/name or organisation/name@revision.", valueName: "name"))
  var repository: String?

  @Flag(help: "The repository is a model's, not a data set's.") var model = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Only these files; * and ? stand for parts of a name, ** for folders.", valueName: "paths"))
  var files: [String] = []

  @OptionGroup(title: "Data of tasks instead of a repository") var tasks: TaskOptions

  @Flag(help: "Only say what would be fetched, and how much.") var dryRun = false
  @Flag(help: "Ask nothing of a hub: say what the cache has.") var offline = false
  @OptionGroup var format: FormatOption

  func validate() throws {
    let namesTasks = tasks.benchmark != nil || !tasks.tasks.isEmpty
    guard (repository != nil) != namesTasks else {
      throw ValidationError("Name a repository, or tasks with --benchmark or --tasks.")
    }
    guard repository == nil || (tasks.types.isEmpty && tasks.languages.isEmpty) else {
      throw ValidationError("--types and --languages mean nothing to a repository.")
    }
    guard repository != nil || (files.isEmpty && !model) else {
      throw ValidationError("--files and --model mean nothing to tasks.")
    }
  }

  func run() async throws {
    try format.check()
    guard let repository else { return try await fetchTasks() }
    let wanted = try HubRepository(model ? .model : .dataset, repository)
    let settings = try HubSettings().offline(offline)
    let progress = FetchProgress(namesFiles: true)
    defer { progress.end() }
    let (files, isDry, isModel) = (files, dryRun, model)
    let report = try await Interruption.watching {
      try await HubClient.open(settings, onEvent: { progress.show($0) }) { hub throws(Failure) in
        let listing = try await hub.listing(of: wanted)
        let chosen =
          isModel && files.isEmpty
          ? try await HubModel.need(of: listing, hub).files
          : try Self.choose(files, from: listing)
        let missing = chosen.filter { hub.cache.find($0.path, of: listing.repository) == nil }
        if !isDry {
          progress.begin(bytes: missing.reduce(0) { $0 + $1.size })
          _ = try await hub.fetch(chosen, of: listing)
          hub.sweep()
        }
        return FetchReport.of(chosen, of: listing, missing: missing, isDry: isDry, hub)
      }
    }
    progress.end()
    try format.print(report)
  }

  // MARK: Data of tasks

  private func fetchTasks() async throws {
    let (selection, _) = try tasks.selection(otherwise: .refusal)
    let wants = selection.tasks.filter { $0.unsupported == nil }.map {
      HubDataset.Want(task: $0, cells: selection.cells(of: $0))
    }
    let (isDry, isOffline) = (dryRun, offline)
    let progress = FetchProgress()
    defer { progress.end() }
    let (before, after) = try await Interruption.watching {
      let before = try await HubSupply(
        for: wants, DataLocator(), isOffline: isOffline, isQuiet: false)
      if isDry { return (before, before) }
      before.announcement.forEach(Terminal.note)
      var after = before
      try await after.fetch(progress) { dataset, failure in
        progress.say(
          failure.map { "\(dataset.name): failed: \($0.subject): \($0.message)" }
            ?? "\(dataset.name): fetched \(ByteCount(dataset.missingBytes))")
      }
      return (before, after)
    }
    progress.end()
    try format.print(
      SupplyReport.of(after, before: before, selection: selection, isDry: isDry))
    if !isDry { try Self.finish(after) }
  }

  /// Ends with what went wrong: 75 where trying again may help with all of it.
  private static func finish(_ supply: HubSupply) throws {
    let failed = supply.datasets.filter { $0.failure != nil }
    guard !failed.isEmpty else { return }
    complain(of: failed.flatMap(\.failures), isOffline: supply.isOffline)
    Terminal.note("failed: \(failed.map(\.name).joined(separator: ", "))")
    let codes = Set(failed.flatMap(\.failures).map(\.exitCode))
    let isAll = failed.count == supply.datasets.count || codes == [75]
    throw ExitCode(isAll && codes.count == 1 ? codes.first ?? 1 : 1)
  }

  /// Tells every reason once: a hub that is away would fill the screen.
  private static func complain(of failures: [Failure], isOffline: Bool) {
    let groups = Dictionary(grouping: failures) { failure in
      [failure.code.rawValue, failure.cause ?? "", isOffline ? "" : failure.message]
    }
    for group in groups.values.sorted(by: { $0[0].subject < $1[0].subject }) {
      Terminal.complain(group[0])
      let others = group.dropFirst().map(\.subject)
      guard !others.isEmpty else { continue }
      let more = others.count > 10 ? " and \(others.count - 10) more" : ""
      Terminal.note("  the same: \(others.prefix(10).joined(separator: ", "))\(more)")
    }
  }

  /// Those of a listing that one of the patterns, or every file's own name, matches.
  private static func choose(
    _ patterns: [String], from listing: HubListing
  ) throws(Failure) -> [HubFile] {
    var chosen: Set<HubFile> = []
    for pattern in patterns {
      let glob = GlobPattern(pattern)
      let found = listing.files.filter { $0.path == pattern || glob.matches($0.path) }
      guard !found.isEmpty else {
        throw Failure(
          .missing, listing.repository.name, "no file matches '\(pattern)'",
          hint: Suggest.hint(
            for: pattern, among: listing.files.map(\.path),
            otherwise: "see its files with --dry-run and without --files"))
      }
      chosen.formUnion(found)
    }
    return patterns.isEmpty ? listing.files : listing.files.filter(chosen.contains)
  }
}
