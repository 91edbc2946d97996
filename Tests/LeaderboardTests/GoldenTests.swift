// Boards of real result files against the tables of mteb.
// The files lie beside the checkout in shared/leaderboard; without them these tests are skipped.

import Core
import Foundation
import Testing

@testable import Leaderboard

@Suite(.enabled(if: Golden.isThere, "needs ../shared/leaderboard and tar"))
struct GoldenTests {
  @Test(arguments: [
    ("golden-8", Golden.Archive.slim), ("golden-30", .slim), ("golden-8", .eight),
    ("golden-30", .thirty),
  ])
  func `ranks, votes, means and languages are those of mteb`(
    name: String, archive: Golden.Archive
  ) throws {
    let golden = try Golden(name, from: archive)
    let board = golden.board(allLanguages: true)
    try compareSummary(board, golden)
    try compareEntries(board, golden)
    try compareLanguages(board, golden.table("per_language"), count: golden.languageCount)
    try compareLanguages(
      golden.board(allLanguages: false), golden.table("per_language_view"), count: 20)
  }

  @Test func `votes of 306 models, 15 of them without a complete task, are those of mteb`() throws {
    let folder = Golden.folder.appending(path: "golden-oct2025")
    let partial = try Golden.Table(folder.appendingPathExtension("per_task_partial.csv"))
    let whole = try Golden.Table(folder.appendingPathExtension("per_task.csv"))
    let summary = try Golden.Table(folder.appendingPathExtension("summary.csv"))
    let tasks = partial.header.filter { $0 != "Model" }
    let n = whole.rows.count { row in tasks.contains { row[$0]?.isEmpty == false } }
    #expect(n == 291)
    let votes = Ranks.votes(
      ballots: tasks.map { task in partial.rows.map { $0[task].flatMap { Double($0) } } },
      candidates: partial.rows.count, n: n)
    let places = Dictionary(
      uniqueKeysWithValues: zip(partial.rows.map { $0["Model"] }, zip(votes, Ranks.minimum(votes))))
    var ranksApart: [String] = []
    for row in summary.rows {
      let place = try #require(places[row["Model"]])
      #expect(row["Borda votes"].flatMap { Double($0) } == place.0)
      if row["Rank (Borda)"] != String(place.1) { ranksApart.append(row["Model"] ?? "") }
    }
    // mteb adds the votes up in its own order and so parts three that are equal or all but.
    #expect(
      ranksApart.sorted() == [
        "Alibaba-NLP/gte-Qwen2-7B-instruct", "Linq-AI-Research/Linq-Embed-Mistral",
        "intfloat/multilingual-e5-base",
      ])
  }

  private func compareSummary(_ board: Board, _ golden: Golden) throws {
    let table = try golden.table("summary")
    #expect(table.rows.count == board.models.count)
    #expect(board.tasks.count == 130)
    #expect(board.unscoredTasks.isEmpty)
    for row in table.rows {
      let model = try #require(board.standing(row["Model"] ?? ""))
      #expect(model.rank == row["Rank (Borda)"].flatMap { Int($0) }, "\(model.model)")
      #expect(model.votes == row["Borda votes"].flatMap { Double($0) }, "\(model.model)")
      #expect(isClose(model.meanTask, row["Mean (Task)"]), "\(model.model)")
      #expect(isClose(model.meanTaskType, row["Mean (TaskType)"]), "\(model.model)")
      #expect(
        model.entries.count { !$0.isMissing } == row["n_tasks_any"].flatMap { Int($0) },
        "\(model.model)")
      #expect(
        model.completeTasks == row["n_tasks_no_null"].flatMap { Int($0) }, "\(model.model)")
      for (type, mean) in zip(board.types, model.types) {
        #expect(isClose(mean, row[type.rawValue]), "\(model.model) \(type)")
      }
    }
  }

  private func compareEntries(_ board: Board, _ golden: Golden) throws {
    let (whole, partial) = (try golden.table("per_task"), try golden.table("per_task_partial"))
    for (row, partialRow) in zip(whole.rows, partial.rows) {
      let model = try #require(board.standing(row["Model"] ?? ""))
      for (task, entry) in zip(board.tasks, model.entries) {
        #expect(isClose(entry.completeMean, row[task.name]), "\(model.model) \(task.name)")
        #expect(isClose(entry.mean, partialRow[task.name]), "\(model.model) \(task.name)")
      }
    }
  }

  private func compareLanguages(_ board: Board, _ table: Golden.Table, count: Int) throws {
    #expect(board.languages.languages.count == count)
    for row in table.rows {
      let model = try #require(board.languages.models.first { $0.model == row["Model"] })
      let wrong = zip(board.languages.languages, model.scores)
        .filter { !isClose($1, row[$0]) }
      #expect(wrong.isEmpty, "\(model.model): \(wrong.prefix(3))")
    }
  }

  /// Within 1e-12, or both absent.
  private func isClose(_ value: Double?, _ text: String?) -> Bool {
    guard let text, !text.isEmpty else { return value == nil && text != nil }
    guard let value, let wanted = Double(text) else { return false }
    return abs(value - wanted) < 1e-12
  }
}
