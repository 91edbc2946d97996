// Each format on one small board, letter by letter, and what awkward names do to it.

import Core
import Testing

@testable import Leaderboard

struct FormatTests {
  /// Two models, three tasks of two types; B lacks one task and has another in part.
  static let board: Board = {
    let pair = Toy.task(
      "Pairs", type: "BitextMining",
      subsets: [("da", ["dan-Latn", "eng-Latn"]), ("sv", ["swe-Latn", "eng-Latn"])])
    var a = Toy.model("org/A-large", ["One": 0.8125, "Two": 0.5])
    a.results.append(
      Toy.result(
        "Pairs", [("da", 0.9, ["dan-Latn", "eng-Latn"]), ("sv", 0.7, ["swe-Latn", "eng-Latn"])]))
    var b = Toy.model("B", ["One": 0.75])
    b.results.append(Toy.result("Pairs", [("da", 0.95, ["dan-Latn", "eng-Latn"])]))
    return Toy.board([a, b], tasks: [Toy.task("One"), Toy.task("Two"), pair])
  }()

  private func text(_ format: String, _ view: BoardView, width: Int? = nil) throws -> String {
    try ReportFormats.named(format).render(
      Self.board.report(by: view), style: ReportStyle(width: width))
  }

  @Test func `a table for the terminal`() throws {
    // n = 2. One: A 1, B 0. Two: A 1. Pairs: B's partial 0.95 before A's 0.8: B 1, A 0.
    // A: STS (81.25 + 50) / 2 = 65.625, even digit: 65.62; Bitext 80; types 72.8125; tasks 70.4166…
    #expect(
      try text("table", .ranking) == """
        Toy: 2 models, 3 tasks

        Rank  Model        Votes  Mean (Task)  Mean (TaskType)  Tasks
        ─────────────────────────────────────────────────────────────
           1  org/A-large     2         70.42            72.81    3/3
           2  B               1*            –                –    1/3

        Votes count against a pool of 2 models (pool \(Self.board.pool.hash)); ties share the mean rank; a missing task
          earns 0.
        * Partial: missing tasks earn 0 votes; borda rank --partial takes them for unknown. – A mean needs
          every task complete. Not all there: B (1 missing, 1 partial).

        """)
  }

  @Test func `tasks in the terminal, grouped by type, partial means marked`() throws {
    #expect(
      try text("table", .task) == """
        Toy: 2 models, 3 tasks, scores by task

        Task          A-large       B
        ─────────────────────────────
        BitextMining    80.00      –
          Pairs         80.00  95.00*

        STS             65.62      –
          One           81.25  75.00
          Two           50.00      –

        * Partial: not every subset and split is scored. The mean of those that are counts for votes, not
          for means.
        – No result; of a type: not every task complete.

        """)
  }

  @Test func `a narrow terminal gets panels that repeat the names`() throws {
    let lines = try text("table", .type, width: 30).split(separator: "\n").map(String.init)
    #expect(lines.filter { $0.hasPrefix("  1   org/A-large") }.count == 2)
    #expect(lines.filter { $0.contains("A-large") }.allSatisfy { $0.count <= 33 })
  }

  @Test func `bold only where colour is allowed`() {
    let report = Self.board.report()
    #expect(!TerminalFormat.render(report, style: .plain).contains("\u{1B}"))
    let bold = TerminalFormat.render(report, style: ReportStyle(allowsColour: true))
    #expect(bold.contains("\u{1B}[1mToy: 2 models, 3 tasks\u{1B}[0m"))
  }

  @Test func `languages in Markdown`() throws {
    // eng: A (0.9 + 0.7 + 0.8125 + 0.5) / 4 = 0.728125, B (0.95 + 0.75) / 2 = 0.85. n = 2: B is
    // before A in dan and eng, alone absent in swe: B 1 + 1, A 1.
    #expect(
      try text("markdown", .language) == """
        ### Toy, scores by language

        | Language | Tasks | Cells | B | A-large |
        | --- | ---: | ---: | ---: | ---: |
        | Rank |  |  | 1 | 2 |
        | Votes |  |  | 2 | 1 |
        | Complete |  |  | 1/3 | 3/3 |
        | dan-Latn | 1 | 1 | 95.00 | 90.00 |
        | eng-Latn | 3 | 4 | 85.00\\* | 72.81 |
        | swe-Latn | 1 | 1 | – | 70.00 |

        The score of a language is the mean over all scored cells that list it, of incomplete tasks too; it weighs cells, not tasks. A cell counts for each entry of its list: a pair for both languages.

        Ranks and votes here take the 3 languages as ballots, against the 2 models of pool \(Self.board.pool.hash) with a score for one of them; ties share the mean rank; a missing language earns 0.

        \\* Some tasks or cells are not scored; the mean is over those that are. – None is. Not all there: B (has 50.0 % of the cells).

        """)
  }

  @Test func `tasks in Markdown, the best of a row bold, a partial mean never`() throws {
    let lines = try text("markdown", .task).split(separator: "\n")
    #expect(lines.contains("| **BitextMining** | 80.00 | – |"))
    #expect(lines.contains("| Pairs | 80.00 | 95.00\\* |"))
    #expect(lines.contains("| One | **81.25** | 75.00 |"))
  }

  @Test func `records as CSV, the pool in every row`() throws {
    let hash = Self.board.pool.hash
    #expect(
      try text("csv", .ranking) == """
        rank,model,votes,mean_task,mean_task_type,BitextMining,STS,complete_tasks,tasks,partial,pool_models,pool,rules
        1,org/A-large,2,0.7041666666666666,0.728125,0.8,0.65625,3,3,false,2,\(hash),current
        2,B,1,,,,,1,3,true,2,\(hash),current

        """)
    #expect(
      try text("csv", .task) == """
        task,type,model,score,cells,required,partial
        One,STS,org/A-large,0.8125,1,1,false
        One,STS,B,0.75,1,1,false
        Two,STS,org/A-large,0.5,1,1,false
        Two,STS,B,,0,1,true
        Pairs,BitextMining,org/A-large,0.8,2,2,false
        Pairs,BitextMining,B,0.95,1,2,true

        """)
  }

  @Test func `JSON with a schema, ranked models and the pool`() throws {
    let json = try JSON(parsing: try text("json", .ranking))
    #expect(json["schema"] == .integer(1))
    #expect(json["benchmark"] == .string("Toy"))
    #expect(json["pool"]?["models"] == .integer(2))
    #expect(json["pool"]?["hash"] == .string(Self.board.pool.hash))
    let rules = json["pool"]?["rules"]
    #expect(rules?["ties"] == .string("equal scores share the mean of their ranks"))
    #expect(rules?["missing"] == .string("a missing task earns 0"))
    let models = try #require(json["models"]?.array)
    #expect(models[0]["model"] == .string("org/A-large"))
    #expect(models[0]["rank"] == .integer(1))
    #expect(models[0]["votes"] == .integer(2))
    #expect(models[0]["mean_task"] == .number(0.7041666666666666))
    #expect(models[0]["types"]?["STS"] == .number(0.65625))
    #expect(models[1]["mean_task"] == .null)
    #expect(models[1]["mean_task_type"] == .null)
    #expect(json["tasks"] == nil)
    let tasks = try JSON(parsing: try text("json", .task))["tasks"]?.array
    #expect(tasks?.count == 3)
    #expect(tasks?[2]["scores"]?["B"]?["complete"] == .bool(false))
    let languages = try JSON(parsing: try text("json", .language))["languages"]
    #expect(languages?["models"]?.array?.first?["scores"]?["swe-Latn"] == .null)
  }

  @Test func `an unknown format is answered with the nearest`() {
    #expect {
      try ReportFormats.named("markdwon")
    } throws: { error in
      (error as? Failure)?.code == .usage
        && (error as? Failure)?.hint == "did you mean markdown?"
    }
    #expect(Set(ReportFormats.names).count == ReportFormats.all.count)
  }

  @Test func `fields with commas, quotes and line breaks are quoted in CSV`() {
    #expect(CSVFormat.quoted("plain name") == "plain name")
    #expect(CSVFormat.quoted("a,b") == "\"a,b\"")
    #expect(CSVFormat.quoted("say \"hi\"") == "\"say \"\"hi\"\"\"")
    #expect(CSVFormat.quoted("two\r\nlines") == "\"two\r\nlines\"")
  }

  @Test func `markup in names stays text in Markdown`() {
    #expect(MarkdownFormat.escaped("a|b") == "a\\|b")
    #expect(MarkdownFormat.escaped("snake_case _x_") == "snake_case \\_x\\_")
    #expect(MarkdownFormat.escaped("<b>*1*</b>\n[x]") == "\\<b\\>\\*1\\*\\</b\\> \\[x\\]")
  }

  @Test func `wide characters take two columns`() {
    #expect(DisplayWidth.of("abc") == 3)
    #expect(DisplayWidth.of("日本語") == 6)
    #expect(DisplayWidth.of("e\u{301}te\u{301}") == 3)
    let table = TableView(
      title: "T", columns: [.init("a", "A", .text), .init("b", "B", .count)],
      rows: [[.text("日本"), .integer(1)], [.text("abc"), .integer(22)]])
    let report = Report(tables: [table], records: table, json: .null)
    #expect(
      TerminalFormat.render(report, style: .plain) == """
        T

        A      B
        ────────
        日本   1
        abc   22

        """)
  }

  @Test func `numbers as people read them`() {
    #expect(NumberText.score(0.69378) == "69.38")
    #expect(NumberText.score(1) == "100.00")
    #expect(NumberText.score(-0.0312) == "-3.12")
    #expect(NumberText.score(-0.00001) == "0.00")
    #expect(NumberText.votes(820) == "820")
    #expect(NumberText.votes(792.5) == "792.5")
    #expect(NumberText.votes(-1.5) == "-1.5")
    #expect(NumberText.grouped(1_234_567) == "1,234,567")
    #expect(NumberText.grouped(999) == "999")
  }
}
