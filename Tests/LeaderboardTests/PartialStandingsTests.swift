// Standings of unfinished evaluations: expected votes by hand, marks in every format, and how often
// the intervals hold what is found out later.

import Core
import Foundation
import TestSupport
import Testing

@testable import Leaderboard

@Suite struct `Partial standings` {
  private static let tasks = ["s1", "s2", "s3"].map { Toy.task($0) }

  @Test func `are the board's own where nothing is missing`() throws {
    let models = (0..<6).map { model in
      Toy.Model(
        model: "m\(model)", revisions: ["r"],
        results: (0..<8).map { task in
          Toy.result(
            "t\(task)", [("default", Double((model * 7 + task * 5) % 11), ["eng-Latn"])])
        })
    }
    let board = Toy.board(
      models, tasks: (0..<8).map { Toy.task("t\($0)", type: $0 < 4 ? "STS" : "Retrieval") })
    let standings = PartialStandings(board, Resampling(draws: 500))
    let official = RankIntervals(
      board.ballots, shown: board.models.map(\.model), Resampling(draws: 500))
    #expect(!standings.isPartial)
    #expect(standings.rows.map(\.model) == board.models.map(\.model))
    #expect(standings.rows.map(\.votes) == board.models.map(\.votes))
    #expect(standings.rows.map(\.rank) == board.models.map(\.rank))
    #expect(standings.rows.map(\.votesInterval) == official.votes)
    #expect(standings.rows.map(\.ranks) == official.ranks)
    #expect(standings.rows.map(\.group) == official.groups)
  }

  @Test func `expect of what is missing what the models have shown`() throws {
    let board = Toy.board(
      [
        Toy.model("A", ["s1": 0.9, "s2": 0.8, "s3": 0.5]),
        Toy.model("B", ["s1": 0.5, "s2": 0.6, "s3": 0.6]), Toy.model("C", ["s1": 0.1, "s2": 0.7]),
      ], tasks: Self.tasks)
    let standings = PartialStandings(board, Resampling(draws: 500))
    // Expected wins on an STS task: A over C two of two, of all types (2 + 1/2) / (2 + 1) = 5/6, by
    // one task pulled to that (2 + 5/6) / 3 = 17/18; A over B two of three, (2 + 5/8) / 4 = 21/32;
    // B over A 11/32; B over C one of two, 1/2.
    // A on s3: 21/32 + 17/18 expected, and 21/32 less than that against B, twice for two rivals.
    // B: 11/32 + 1/2 and twice 21/32 more, which is above 2, the most. C on s3: the mean of 0 and 1.
    let expected: [(String, Double)] = [
      ("A", 4 + 17.0 / 18 - 21.0 / 32), ("B", 1 + 0 + 2), ("C", 0 + 1 + 0.5),
    ]
    for (row, (model, votes)) in zip(standings.rows, expected) {
      #expect(row.model == model)
      #expect(abs(row.votes - votes) < 1e-6, "\(row.votes)")
    }
    #expect(standings.rows.map(\.isPartial) == [false, false, true])
    #expect(standings.rows.map(\.tasks) == [3, 3, 2])
    #expect(standings.rows.map(\.rank) == [1, 2, 3])
    // The board itself goes on counting the missing task as 0: A 2 + 2 + 1, B 1 + 0 + 2, C 0 + 1.
    #expect(board.models.map(\.votes) == [5, 3, 1])
  }

  @Test func `count a task scored in part as missing, and name types that nothing is known of`()
    throws
  {
    let two = Toy.task(
      "Two", type: "Bitext", subsets: [("a", ["dan-Latn"]), ("b", ["swe-Latn"])])
    func row(_ model: String, _ bitext: [(String, Double?, [String])]) -> Toy.Model {
      var toy = Toy.model(model, ["s1": 0.5, "s2": 0.4, "s3": 0.3])
      toy.results.append(Toy.result("Two", bitext))
      return toy
    }
    let board = Toy.board(
      [
        row("A", [("a", 0.5, ["dan-Latn"]), ("b", 0.5, ["swe-Latn"])]),
        row("B", [("a", 0.9, ["dan-Latn"])]),
      ], tasks: Self.tasks + [two])
    let standings = PartialStandings(board, Resampling(draws: 500))
    let b = try #require(standings.rows.first { $0.model == "B" })
    #expect(b.tasks == 3 && b.isPartial)
    #expect(b.unknownTypes.map(\.rawValue) == ["Bitext"])
    // Three ties of two models, half a point each, and as much expected of the fourth.
    #expect(b.votes == 2)
    // Nothing was seen to vary, and the other type is any number of points: wider than nothing.
    #expect(b.votesInterval.high > b.votesInterval.low)
  }

  @Test func `are wider for a model the less of it there is`() {
    var widths: [Double] = []
    for missing in [0, 6, 12] {
      var random = SplitMix(state: 3)
      let models = (0..<8).map { model in
        Toy.Model(
          model: "m\(model)", revisions: ["r"],
          results: (0..<18).compactMap { task in
            let score = Double(model) * 0.4 + Kind.normal(&random)
            return model == 3 && task < missing
              ? nil : Toy.result("t\(task)", [("default", score, ["eng-Latn"])])
          })
      }
      let board = Toy.board(
        models, tasks: (0..<18).map { Toy.task("t\($0)", type: "T\($0 % 3)") })
      let row = PartialStandings(board, Resampling(draws: 1000)).rows.first { $0.model == "m3" }
      widths.append((row?.votesInterval.high ?? 0) - (row?.votesInterval.low ?? 0))
    }
    #expect(widths[0] < widths[1] && widths[1] < widths[2], "\(widths)")
  }

  @Test func `do not depend on the order of models`() {
    let models = [
      Toy.model("A", ["s1": 0.9, "s2": 0.8, "s3": 0.5]), Toy.model("B", ["s1": 0.5, "s2": 0.6]),
      Toy.model("C", ["s1": 0.1, "s3": 0.7]),
    ]
    let rows = [models, models.reversed()].map {
      PartialStandings(Toy.board($0, tasks: Self.tasks), Resampling(draws: 300)).rows
    }
    #expect(rows[0] == rows[1])
  }
}

@Suite struct `What is partial` {
  private static let boards = ["whole", "partial"].map { name in
    Toy.board(
      [
        Toy.model("org/A", ["One": 0.8, "Two": 0.5]),
        name == "whole"
          ? Toy.model("B", ["One": 0.7, "Two": 0.6]) : Toy.model("B", ["One": 0.7]),
      ], tasks: [Toy.task("One"), Toy.task("Two", type: "Retrieval")])
  }

  /// What a format says of the second model where it is partial, and says nowhere else.
  @Test(arguments: [
    ("table", "*"), ("markdown", "\\*"), ("csv", "true"), ("json", "\"partial\": true"),
    ("html", "<i>*</i>"), ("latex", "*"),
  ])
  func `is marked in every format of every table`(name: String, mark: String) throws {
    let format = try ReportFormats.named(name)
    let reports: [(Board) -> (String, Report)] = [
      { ("ranking", $0.report(by: .ranking)) }, { ("type", $0.report(by: .type)) },
      { ("language", $0.report(by: .language)) },
      { board in
        let intervals = RankIntervals(
          board.ballots, shown: board.models.map(\.model), Resampling(draws: 200))
        return ("intervals", board.intervalReport(intervals, level: 0.95))
      },
      { ("standings", PartialStandings($0, Resampling(draws: 200)).report) },
    ]
    for report in reports {
      for board in Self.boards {
        let (view, report) = report(board)
        let text = format.render(report, style: .plain)
        // Bold text of Markdown and starred commands of LaTeX are no marks.
        let isMarked = text.replacing("**", with: "").contains(mark)
        #expect(isMarked == board.isPartial, "\(view): \(text)")
      }
    }
  }

  @Test func `is so in the report's files`() throws {
    for board in Self.boards {
      for file in ReportPage(board).files where ["ranking.csv", "board.json"].contains(file.path) {
        let text = file.contents()
        let isMarked = text.contains("true,") || text.contains("\"partial\": true")
        #expect(isMarked == board.isPartial, "\(file.path): \(text)")
      }
      #expect(ReportPage(board).html.contains("<i>*</i>") == board.isPartial)
    }
  }

  @Test func `is a board with a task that nobody has`() {
    let board = Toy.board(
      [Toy.model("A", ["One": 0.8])], tasks: [Toy.task("One"), Toy.task("Two")])
    #expect(board.isPartial)
    #expect(board.models.map(\.isPartial) == [false])
  }
}
