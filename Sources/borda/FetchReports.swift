// The answers of `fetch`: the files of one repository, or the data sets behind tasks.

import Core
import Evaluation
import Foundation
import Hub
import Leaderboard

/// The files of one repository, fetched or to be fetched.
enum FetchReport {
  static func of(
    _ files: [HubFile], of listing: HubListing, missing: [HubFile], isDry: Bool, _ hub: HubClient
  ) -> Report {
    let absent = Set(missing.map(\.path))
    let state = { (file: HubFile) in
      absent.contains(file.path) ? (isDry ? "to fetch" : "fetched") : "in the cache"
    }
    let folder = hub.cache.folder(of: listing).path(percentEncoded: false)
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

/// The data sets behind tasks: what they read, and what of it is here.
enum SupplyReport {
  /// A row for every data set, `before` being what was known before anything was fetched.
  static func of(
    _ supply: HubSupply, before: HubSupply, selection: Selection, isDry: Bool
  ) -> Report {
    let columns = [
      TableView.Column("dataset", "Data set", .text), .init("commit", "Commit", .text),
      .init("tasks", "Tasks", .text), .init("files", "Files", .count),
      .init("bytes", "Bytes", .count), .init("missing_bytes", "Bytes missing", .count),
      .init("licence", "Licence", .text), .init("state", "State", .text),
    ]
    let states = zip(supply.datasets, before.datasets).map {
      state(of: $0, before: $1, isOffline: supply.isOffline)
    }
    let rows = zip(supply.datasets, states).map { dataset, state -> [TableView.Cell] in
      let isKnown = dataset.listing != nil
      return [
        .text(dataset.name), .text(String(dataset.revision.prefix(12))),
        .text(dataset.taskNames), isKnown ? .integer(dataset.files.count) : .absent,
        isKnown ? .integer(dataset.bytes) : .absent,
        isKnown ? .integer(dataset.missingBytes) : .absent,
        .text(dataset.licences.isEmpty ? "unknown" : dataset.licences.joined(separator: ", ")),
        .text(state),
      ]
    }
    let table = TableView(
      title: NumberText.count(supply.datasets.count, "data set"), columns: columns, rows: rows,
      footnotes: footnotes(supply, before, selection, isDry))
    let json = JSON.object([
      ("schema", .integer(1)),
      ("files", .integer(supply.datasets.reduce(0) { $0 + $1.files.count })),
      ("bytes", .integer(supply.datasets.reduce(0) { $0 + $1.bytes })),
      ("missing_bytes", .integer(supply.missingBytes)),
      ("datasets", .array(zip(supply.datasets, states).map(json))),
    ])
    return Report(tables: [table], records: table, json: json)
  }

  private static func state(
    of dataset: HubDataset, before: HubDataset, isOffline: Bool
  ) -> String {
    if let failure = dataset.failure {
      return isOffline && failure.code == .missing ? "missing" : "failed: \(failure.message)"
    }
    if !dataset.missing.isEmpty { return "missing" }
    return before.missing.isEmpty ? "cached" : "fetched"
  }

  private static func footnotes(
    _ supply: HubSupply, _ before: HubSupply, _ selection: Selection, _ isDry: Bool
  ) -> [String] {
    let sums = { (files: Int, bytes: Int) in
      "\(NumberText.count(files, "file")), \(ByteCount(bytes))"
    }
    let files = supply.datasets.reduce(0) { $0 + $1.files.count }
    let all = sums(files, supply.datasets.reduce(0) { $0 + $1.bytes })
    let missing = sums(supply.missingFiles, supply.missingBytes)
    let fetched = sums(
      before.missingFiles - supply.missingFiles, before.missingBytes - supply.missingBytes)
    var notes = [
      isDry ? "To fetch: \(missing); in all \(all)." : "Fetched: \(fetched); in all \(all)."
    ]
    let unknown = supply.datasets.count { $0.listing == nil && $0.failure != nil }
    if unknown > 0 {
      notes.append("Not counted: \(NumberText.count(unknown, "data set")) whose files are unknown.")
    }
    let named = Set(supply.datasets.flatMap(\.readers).map(\.task.name))
    let rest = selection.tasks.filter { !named.contains($0.name) }
    let unsupported = rest.count { $0.unsupported != nil }
    if unsupported > 0 {
      notes.append(
        "Left out: \(NumberText.count(unsupported, "task")) that cannot be evaluated yet.")
    }
    if rest.count > unsupported {
      notes.append(
        "\(NumberText.count(rest.count - unsupported, "task")) with data in a folder of their own.")
    }
    return notes
  }

  private static func json(_ dataset: HubDataset, _ state: String) -> JSON {
    .object([
      ("repository", .string(dataset.name)), ("commit", .string(dataset.revision)),
      ("tasks", .strings(dataset.readers.map(\.task.name))),
      ("files", .integer(dataset.files.count)), ("bytes", .integer(dataset.bytes)),
      ("missing_files", .integer(dataset.missing.count)),
      ("missing_bytes", .integer(dataset.missingBytes)), ("licences", .strings(dataset.licences)),
      ("state", .string(state)),
    ])
  }
}
