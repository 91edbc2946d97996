// `borda cache`: what the embedding cache holds, and room on the disk again.

import ArgumentParser
import Core
import Foundation
import Leaderboard
import Storage

struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Look at the vectors that evaluate keeps, and remove them.",
    discussion: """
      EXAMPLES:
        borda cache show
        borda cache show --format json
        borda cache clear --model sentence-transformers/all-MiniLM-L6-v2
        borda cache clear

      The cache may be removed at any time; the next run computes what it lacks.
      """, subcommands: [Show.self, Clear.self])

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the models whose vectors are kept.",
      discussion: """
        EXAMPLES:
          borda cache show
          borda cache show --cache /scratch/embeddings --format csv
        """)

    @OptionGroup var folder: CacheFolderOption
    @OptionGroup var format: FormatOption

    func run() throws {
      try format.check()
      try format.print(CacheReport.of(EmbeddingCacheFolder(folder.url)))
    }
  }

  struct Clear: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove the vectors of one model, or all.",
      discussion: """
        EXAMPLES:
          borda cache clear --model sentence-transformers/all-MiniLM-L6-v2
          borda cache clear

        What a run uses at this moment stays; the exit code is then 75.
        """)

    @OptionGroup var folder: CacheFolderOption

    @Option(
      help: ArgumentHelp(
        "Only this model, org/name as borda cache show lists it.", valueName: "name"))
    var model: String?

    func run() throws {
      let folder = EmbeddingCacheFolder(folder.url)
      let entries = try chosen(of: folder.entries())
      var removed = (files: 0, bytes: 0)
      var failures: [Failure] = []
      for entry in entries {
        do throws(Failure) {
          try folder.remove(entry)
          removed = (removed.files + 1, removed.bytes + entry.bytes)
        } catch {
          failures.append(error)
        }
      }
      let text = "\(NumberText.count(removed.files, "file")), \(ByteCount(removed.bytes))"
      try Terminal.print("removed \(text)\n")
      for failure in failures.dropLast() { Terminal.complain(failure) }
      if let last = failures.last { throw last }
    }

    private func chosen(
      of entries: [EmbeddingCacheFolder.Entry]
    ) throws(Failure) -> [EmbeddingCacheFolder.Entry] {
      guard let model else { return entries }
      let chosen = entries.filter { $0.model == model }
      guard chosen.isEmpty else { return chosen }
      throw Failure(
        .usage, model, "no vectors of such a model are kept",
        hint: Suggest.hint(
          for: model, among: entries.map(\.model), otherwise: "borda cache show lists them"))
    }
  }
}

enum CacheReport {
  /// A row for each file: model, how its vectors were made, how many, how large, when last used.
  static func of(_ folder: EmbeddingCacheFolder) -> Report {
    let entries = folder.entries()
    let texts = entries.reduce(0) { $0 + ($1.texts ?? 0) }
    let bytes = entries.reduce(0) { $0 + $1.bytes }
    let name = FilePaths.display(folder.url)
    var footnotes = [
      entries.isEmpty
        ? "\(name) holds nothing."
        : "\(name): \(NumberText.count(texts, "text")), \(ByteCount(bytes))."
    ]
    footnotes += entries.compactMap { entry in
      entry.problem.map { "\(entry.file.lastPathComponent) cannot be read: \($0)." }
    }
    let table = TableView(
      title: "Embedding cache", columns: columns(bytes: .text),
      rows: entries.map { row(of: $0, bytes: .text(ByteCount($0.bytes).description)) },
      footnotes: footnotes)
    let records = TableView(
      title: "Embedding cache", columns: columns(bytes: .count),
      rows: entries.map { row(of: $0, bytes: .integer($0.bytes)) })
    let json = JSON.object([
      ("schema", .integer(1)), ("folder", .string(name)), ("texts", .integer(texts)),
      ("bytes", .integer(bytes)), ("models", .array(entries.map(json))),
    ])
    return Report(tables: [table], records: records, json: json)
  }

  private static func columns(bytes: TableView.Kind) -> [TableView.Column] {
    var columns: [TableView.Column] = [
      .init("model", "Model", .text), .init("revision", "Revision", .text),
      .init("engine", "Engine", .text), .init("dimensions", "Dimensions", .count),
      .init("texts", "Texts", .count), .init("bytes", "Size", bytes),
      .init("last_use", "Last use", .text),
    ]
    columns[5].alignment = .trailing
    return columns
  }

  private static func row(
    of entry: EmbeddingCacheFolder.Entry, bytes: TableView.Cell
  ) -> [TableView.Cell] {
    func fact(_ key: String) -> TableView.Cell { entry.facts[key].map { .text($0) } ?? .absent }
    return [
      .text(entry.model), entry.facts["revision"].map { .text(String($0.prefix(12))) } ?? .absent,
      fact("engine"), entry.facts["dimensions"].flatMap { Int($0) }.map { .integer($0) } ?? .absent,
      entry.texts.map { .integer($0) } ?? .absent, bytes,
      entry.lastUse.map { .text(Self.time($0)) } ?? .absent,
    ]
  }

  private static func json(_ entry: EmbeddingCacheFolder.Entry) -> JSON {
    .object([
      ("model", .string(entry.model)),
      ("revision", .optional(entry.facts["revision"]) { .string($0) }),
      ("engine", .optional(entry.facts["engine"]) { .string($0) }),
      ("dtype", .optional(entry.facts["dtype"]) { .string($0) }),
      ("dimensions", .optional(entry.facts["dimensions"].flatMap { Int($0) }) { .integer($0) }),
      ("texts", .optional(entry.texts) { .integer($0) }), ("bytes", .integer(entry.bytes)),
      ("last_use", .optional(entry.lastUse) { .string(Self.time($0)) }),
      ("file", .string(FilePaths.display(entry.file))),
      ("problem", .optional(entry.problem) { .string($0) }),
    ])
  }

  /// In universal time, 2026-11-23T16:03:20Z.
  private static func time(_ date: Date) -> String { date.formatted(.iso8601) }
}
