// Ablation tables fed with the numbers that the paper prints, compared with what it says of them.

import Core
import Testing

@testable import Leaderboard

struct AblationTests {
  private func lines(_ ablation: Ablation, _ format: String) throws -> [String] {
    try ReportFormats.named(format).render(ablation.report, style: .plain)
      .split(separator: "\n").map(String.init)
  }

  @Test func `six checkpoints and their merge: the gains that the paper names`() throws {
    let ablation = try Ablation(
      title: "Checkpoints and their mean", types: PaperTables.types,
      rows: PaperTables.checkpoints, footing: PaperTables.footing, gaining: "Merged")
    let markdown = try lines(ablation, "markdown")
    // "+119 votes / +0.84" over the best: 39,573 - 39,454, 69.46 - 68.62; clustering is best in
    // checkpoint 4: 54.35 - 54.91.
    #expect(
      markdown.contains(
        "| their best | +119 | +0.84 | +0.72 | +2.16 | +0.84 | -0.56 | +0.02 "
          + "| +0.15 | +0.06 | +0.74 | +1.36 | +0.33 |"))
    // "+230 votes / +1.36" over the average: 236,058 / 6 = 39,343; 408.62 / 6 = 68.1033; types
    // 359.45 / 6 = 59.9083; bitext 474.83 / 6 = 79.1383.
    #expect(
      markdown.contains {
        $0.hasPrefix("| their average | +230 | +1.36 | +1.18 | +2.58 | +1.56 |")
      })
    #expect(
      markdown.contains(
        "| 4 | 39401 | 68.36 | 60.18 | 79.52 | 71.89 | **54.91** | 10.32 | 29.20 | 83.82 | 67.04 "
          + "| 66.15 | 78.76 |"))
    #expect(
      markdown.contains(
        "| Merged | **39573** | **69.46** | **61.09** | **81.72** | **73.21** | 54.35 | **10.82** "
          + "| **29.86** | **83.97** | **67.78** | **68.69** | **79.41** |"))
    let latex = try lines(ablation, "latex")
    #expect(
      latex.contains(
        "\\quad their best & +119 & +0.84 & +0.72 & +2.16 & +0.84 & $-$0.56 "
          + "& +0.02 & +0.15 & +0.06 & +0.74 & +1.36 & +0.33 \\tabularnewline"))
    #expect(
      latex.contains(
        "6 & 39454 & 68.62 & 60.37 & 79.56 & 72.37 & 54.34 & 10.80 & 29.71 & 83.60 & 66.91 "
          + "& 66.99 & 79.08 \\tabularnewline"))
  }

  @Test func `four losses: the best of each column bold`() throws {
    let ablation = try Ablation(
      title: "Losses", types: PaperTables.types, rows: PaperTables.losses,
      footing: PaperTables.footing)
    let latex = try lines(ablation, "latex")
    #expect(
      latex.contains(
        "\\raggedright\\hangindent=0.5em Qwen3 & 36835 & 62.14 & 55.49 & \\textbf{73.50} & 60.60 & \\textbf{54.82} & 4.97 "
          + "& 25.22 & 80.63 & 64.11 & 60.12 & 75.41 \\tabularnewline"))
    #expect(
      latex.contains(
        "\\raggedright\\hangindent=0.5em Hard negatives only & \\textbf{38225} & \\textbf{64.03} & \\textbf{56.04} & 72.94 "
          + "& \\textbf{66.99} & 52.27 & \\textbf{5.69} & 24.60 & \\textbf{80.77} "
          + "& \\textbf{64.44} & 60.66 & \\textbf{75.99} \\tabularnewline"))
    #expect(ablation.gains == nil)
    #expect(ablation.table.groups.count == 1)
  }

  @Test func `seven sources of data against none, with some of the columns`() throws {
    let columns = try Ablation.Column.named(
      ["votes", "mean", "classification", "Clustering", "MultilabelClassification", "votes"],
      types: PaperTables.types)
    let ablation = try Ablation(
      title: "Data", types: PaperTables.types, rows: PaperTables.generators, columns: columns,
      footing: PaperTables.footing, baseline: "none")
    let markdown = try lines(ablation, "markdown")
    #expect(
      markdown.contains("| Model | Votes | Mean (Task) | Class. | Clust. | Multi-label |"))
    #expect(markdown.contains("| **Change to none** |  |  |  |  |  |"))
    // "+464 votes, +0.94": 37,812 - 37,348, 62.89 - 61.95.
    #expect(markdown.contains("| equal mix of six | +464 | +0.94 | +2.23 | +1.01 | +0.97 |"))
    #expect(markdown.contains("| gpt-oss-120b | +246 | +0.43 | +0.96 | +0.83 | +0.07 |"))
    let json = ablation.json
    let first = json["changes"]?["models"]?.array?.first
    #expect(json["changes"]?["baseline"] == .string("none"))
    #expect(first?["model"] == .string("gpt-oss-20b"))
    #expect(first?["votes"] == .integer(384))
    #expect(json["models"]?.array?.count == 8)
    let records = ablation.records
    #expect(records.allRows.count == 15)
    #expect(records.allRows.allSatisfy { $0.count == records.columns.count })
  }

  @Test func `a value that is missing leaves its differences out`() throws {
    func row(_ label: String, _ mean: Double?) -> Ablation.Row {
      .init(label: label, votes: 1, meanTask: mean, meanTaskType: mean, types: [])
    }
    let ablation = try Ablation(
      title: "T", types: [], rows: [row("a", 0.5), row("b", nil), row("c", 0.25)],
      footing: PaperTables.footing, baseline: "b", gaining: "a")
    #expect(ablation.change(of: row("a", 0.5)) == [0, nil, nil])
    #expect(ablation.gains?.overBest == [0, nil, nil])
    #expect(ablation.gains?.overAverage == [0, nil, nil])
    #expect(ablation.table.footnotes.contains("– A mean needs every task complete."))
  }

  @Test func `rows of a board keep its numbers, and types it lacks stay empty`() throws {
    let board = Toy.board(
      [Toy.model("o/A", ["one": 0.75]), Toy.model("o/B", ["one": 0.5])], tasks: [Toy.task("one")])
    let types = [TaskType(rawValue: "Retrieval"), TaskType(rawValue: "STS")]
    let rows = board.models.map {
      Ablation.Row(label: $0.model, $0, types: board.types, in: types)
    }
    let ablation = try Ablation(
      title: "T", types: types, rows: rows, footing: .alone(beside: board.pool), baseline: "o/B")
    #expect(rows[0].types == [nil, 0.75])
    #expect(ablation.change(of: rows[0]) == [1, 0.25, 0.25, nil, 0.25])
    #expect(ablation.table.footnotes[0].contains("was put beside it alone"))
    #expect(ablation.table.footnotes[0].contains(board.pool.hash))
  }

  @Test func `models inserted alone keep the votes of their own pools`() throws {
    let task = Toy.task("one")
    let pool = [Toy.model("P", ["one": 0.5])]
    func board(_ own: [Toy.Model]) -> Board { Toy.board(pool + own, tasks: [task]) }
    let (a, b) = (Toy.model("o/A", ["one": 0.75]), Toy.model("o/B", ["one": 0.625]))
    // Alone beside P each has 2 - 1 votes; together A has 3 - 1 and B 3 - 2.
    let inserted = Ablation.Inserted(
      pool: board([]),
      places: [a, b].reduce(into: [:]) { places, model in
        let one = board([model])
        places[model.model] = one.standing(model.model).map { ($0, one.types) }
      })
    let together = try Ablation(board([a, b]), models: ["o/A", "o/B"], baseline: "o/B")
    #expect(together.rows.map(\.label) == ["A", "B"])
    #expect(together.rows.map(\.votes) == [2, 1])
    #expect(together.change(of: together.rows[0]) == [1, 0.125, 0.125, 0.125])
    let alone = try Ablation(
      board([a, b]), models: ["o/A", "P"], labels: ["mine", "theirs"], columns: ["votes"],
      baseline: "o/B", inserted: inserted)
    // The baseline comes first where it is not among the models; P alone has 1 - 1.
    #expect(alone.rows.map(\.label) == ["B", "mine", "theirs"])
    #expect(alone.rows.map(\.votes) == [1, 1, 0])
    #expect(alone.footing == .alone(beside: board([]).pool))
    #expect(throws: Failure.self) {
      try Ablation(board([a, b]), models: ["o/A", "P"], labels: ["one"], baseline: "P")
    }
  }

  @Test func `names that are no rows and no columns are refused with the nearest`() {
    #expect {
      try Ablation(
        title: "", types: [], rows: PaperTables.losses, footing: PaperTables.footing,
        baseline: "gemni")
    } throws: { error in
      (error as? Failure)?.code == .usage && (error as? Failure)?.hint == "did you mean Gemini?"
    }
    #expect {
      try Ablation.Column.named(["clustring"], types: PaperTables.types)
    } throws: { error in
      (error as? Failure)?.hint == "did you mean Clustering?"
    }
    #expect(throws: Failure.self) {
      try Ablation(
        title: "", types: [], rows: [PaperTables.losses[0], PaperTables.losses[0]],
        footing: PaperTables.footing)
    }
  }
}
