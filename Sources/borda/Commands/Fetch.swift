// `borda fetch`: a data set or a model of a hub into the cache that is shared with Python.

import ArgumentParser
import Core
import Datasets
import Foundation
import Hub
import Leaderboard

struct Fetch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Fetch a data set or a model from a hub into the shared cache.",
    discussion: """
      EXAMPLES:
        borda fetch mteb/stsbenchmark-sts --dry-run
        borda fetch org/data@refs/pr/4 --files README.md 'data/test-*'
        borda fetch org/model --model

      Files that are in the cache are not fetched again, whatever program put
      them there. A transfer that broke goes on where it stopped. docs/hub.md
      tells of HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE.
      """)

  @Argument(
    help: ArgumentHelp(
      "Repository, as organisation/name or organisation/name@revision.", valueName: "name"))
  var repository: String

  @Flag(help: "The repository is a model's, not a data set's.") var model = false

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Only these files; * and ? stand for parts of a name, ** for folders.", valueName: "paths"))
  var files: [String] = []

  @Flag(help: "Only say what would be fetched, and how much.") var dryRun = false
  @OptionGroup var format: FormatOption

  func run() async throws {
    try format.check()
    let wanted = try HubRepository(model ? .model : .dataset, repository)
    let settings = try HubSettings()
    let progress = FetchProgress()
    let (files, isDry) = (files, dryRun)
    let report = try await Interruption.watching {
      try await HubClient.open(settings, onEvent: progress.show) { hub throws(Failure) in
        let listing = try await hub.listing(of: wanted)
        let chosen = try Self.choose(files, from: listing)
        let missing = chosen.filter { hub.cache.find($0.path, of: listing.repository) == nil }
        if !isDry {
          progress.begin(missing)
          _ = try await hub.fetch(chosen, of: listing)
        }
        return FetchReport.of(chosen, of: listing, missing: missing, isDry: isDry, hub)
      }
    }
    progress.end()
    try format.print(report)
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

/// The answer of `fetch`, and the plan of a dry run.
enum FetchReport {
  static func of(
    _ files: [HubFile], of listing: HubListing, missing: [HubFile], isDry: Bool, _ hub: HubClient
  ) -> Report {
    let absent = Set(missing.map(\.path))
    let state = { (file: HubFile) in
      absent.contains(file.path) ? (isDry ? "to fetch" : "fetched") : "in the cache"
    }
    let folder = hub.cache.folder(of: listing.repository)
      .appending(path: "snapshots/\(listing.commit)").path(percentEncoded: false)
    let bytes = { (files: [HubFile]) in
      let sum = files.reduce(0) { $0 + $1.size }
      return NumberText.count(files.count, "file") + ", " + NumberText.count(sum, "byte")
    }
    let (past, future) = ("Fetched", "To fetch")
    let table = TableView(
      title: "\(listing.repository.name) at \(listing.commit)",
      columns: [
        .init("file", "File", .text), .init("bytes", "Bytes", .count),
        .init("state", "State", .text),
      ],
      rows: files.map { [.text($0.path), .integer($0.size), .text(state($0))] },
      footnotes: [
        "\(isDry ? future : past): \(bytes(missing)); in all \(bytes(files)).", "Folder: \(folder)",
      ])
    let json = JSON.object([
      ("schema", .integer(1)), ("repository", .string(listing.repository.name)),
      ("kind", .string(listing.repository.kind.rawValue)), ("commit", .string(listing.commit)),
      ("folder", .string(folder)),
      (
        "files",
        .array(
          files.map { file in
            .object([
              ("path", .string(file.path)), ("size", .integer(file.size)),
              ("sha256", .optional(file.sha256) { .string($0) }), ("state", .string(state(file))),
            ])
          })
      ),
    ])
    return Report(tables: [table], records: table, json: json)
  }
}
