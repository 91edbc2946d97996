// The real data sets beside the repository: every file's rows counted, some rows known exactly.

import Core
import Foundation
import TestSupport
import Testing

@testable import Datasets

@Suite(
  .enabled(if: Shared.isPresent, Shared.reason),
  .enabled(if: Programs.hasDuckDB, "duckdb is not on PATH"))
struct SharedDataTests {
  static let tasks =
    ((try? FileManager.default.contentsOfDirectory(
      atPath: Shared.url("data").path(percentEncoded: false))) ?? [])
    .filter { FilePaths.kind(of: Shared.url("data").appending(path: $0)) == .folder }.sorted()

  static func folder(_ task: String) throws -> DataFolder {
    try DataFolder(Shared.url("data").appending(path: task), duckDB: Programs.duckDB)
  }

  @Test(arguments: tasks)
  func `every file has the rows and columns that its description states`(_ task: String)
    async throws
  {
    let folder = try Self.folder(task)
    let description = try JSON(
      parsing: try Data(contentsOf: folder.root.appending(path: "task.json")))
    let files = try #require(description["files"]?.array)
    #expect(!files.isEmpty)
    for file in files {
      let configuration = try #require(file["config"]?.string)
      let split = try #require(file["split"]?.string)
      let columns = try #require(file["columns"]?.array).map { Column($0.string ?? "") }
      let found = try folder.files(configuration: configuration, split: split)
      let path = try #require(file["path"]?.string)
      #expect(found.map { FilePaths.display($0) }.allSatisfy { $0.hasSuffix("\(task)/\(path)") })
      let rows = try await folder.rows(columns, configuration: configuration, split: split)
      #expect(rows.count == file["rows"]?.integer, "\(task)/\(path)")
    }
  }

  struct Known: Sendable, CustomTestStringConvertible {
    let task: String
    var configuration = "default"
    var split = "test"
    let row: Int
    let columns: [Column]
    let values: [JSON]
    var testDescription: String { "\(task) \(configuration) \(row)" }
  }

  static let known = [
    Known(
      task: "STSBMultiMTOpen", configuration: "zh", row: 1,
      columns: ["sentence1", "sentence2", Column("score", as: .number)],
      values: [.string("废墟台阶前的一辆轻便摩托车。"), .string("废墟前的一辆轻便摩托车。"), .number(4.4)]),
    Known(
      task: "JSTS", split: "validation", row: 0, columns: ["score", "sentence2"],
      values: [.number(0), .string("厩舎で馬と女性とが寄り添っています。")]),
    Known(
      task: "LiveQAMedRetrieval", row: 1,
      columns: [
        Column("query-id", as: .text), Column("corpus-id", as: .text),
        Column("score", as: .integer),
      ],
      values: [.string("TQ1"), .string("GARD_0004450_Sec3"), .integer(2)]),
    Known(
      task: "Tatoeba", configuration: "ang-eng", row: 1, columns: ["sentence1", "sentence2"],
      values: [
        .string("Se æftera Ġēola is se forma monaþ þæs ᵹēares."),
        .string("January is the first month of the year."),
      ]),
    Known(
      task: "SIBFloresParallelBitext", row: 1, columns: ["eng_Latn"],
      values: [
        .string("Since moving to the Catalan-capital, Vidal had played 49 games for the club.")
      ]),
  ]

  @Test(arguments: known)
  func `known rows arrive exactly`(_ known: Known) async throws {
    let rows = try await Self.folder(known.task).rows(
      known.columns, configuration: known.configuration, split: known.split)
    #expect(rows[known.row] == known.values)
  }

  @Test func `quoted cells of tab-separated data lose their quotes`() async throws {
    let rows = try await Self.folder("NusaXBitextMining").rows(
      ["sentence1", "sentence2"], configuration: "eng-min", split: "train")
    let texts = rows.flatMap { $0.compactMap(\.string) }
    #expect(texts.count == 1000)
    #expect(texts.contains { $0.contains("\"") } && !texts.contains { $0.contains("\"\"") })
  }

  @Test func `the corpus split stands in for the one asked for`() async throws {
    let rows = try await Self.folder("LiveQAMedRetrieval").rows(
      [Column("_id", or: ["id"], as: .text), Column("title", isOptional: true), "text"],
      configuration: "corpus", rule: .orTheOnlyOne)
    #expect(rows.count == 1946 && rows[0][0] == .string("GARD_0004375_Sec1"))
  }
}
