// Means and votes by language, script, family and resource class, on pools small enough to count by
// hand.

import Core
import TestSupport
import Testing

@testable import Leaderboard

struct LanguageTests {
  static let facts = LanguageFacts(
    languages: [
      "dan": .init(name: "Danish", family: "Indo-European", resource: 3),
      "deu": .init(name: "German", family: "Indo-European", resource: 5),
      "eng": .init(name: "English", family: "Indo-European", resource: 5),
      "fin": .init(name: "Finnish", family: "Uralic", resource: 4),
      "rus": .init(name: "Russian", family: "Indo-European", resource: 4),
      "kze": .init(name: "Kosena", family: nil, resource: nil),
    ],
    scripts: ["Latn": "Latin", "Cyrl": "Cyrillic"])

  private typealias Row = (String, Double?, [String])

  private func model(_ name: String, _ tasks: KeyValuePairs<String, [Row]>) -> Toy.Model {
    Toy.Model(model: name, revisions: [], results: tasks.map { Toy.result($0, $1) })
  }

  /// Tasks with four subsets, whose languages only the results name.
  private func tasks(_ names: String...) -> [TaskDefinition] {
    names.map { Toy.task($0, subsets: ["a", "b", "c", "d"].map { ($0, []) }) }
  }

  private func view(_ weight: LanguageWeight = .cell, chosen: [String] = []) -> LanguageView {
    LanguageView(facts: Self.facts, weight: weight, chosen: chosen)
  }

  private func isClose(_ a: [Double?], _ b: [Double?]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { a, b in
        guard let a, let b else { return a == nil && b == nil }
        return abs(a - b) < 1e-12
      }
  }

  @Test func `cells and tasks as weights can turn an order around`() {
    func one(_ name: String, _ big: Double, _ small: Double) -> Toy.Model {
      model(
        name,
        [
          "big": [
            ("a", big, ["dan-Latn"]), ("b", big, ["dan-Latn"]), ("c", big, ["dan-Latn"]),
          ],
          "small": [("a", small, ["dan-Latn"])],
        ])
    }
    let board = Toy.board([one("A", 0.9, 0.1), one("B", 0.5, 0.9)], tasks: tasks("big", "small"))
    let byCell = board.languageBoard(by: .language, view())
    let byTask = board.languageBoard(by: .language, view(.task))
    // By cell: A (3 · 0.9 + 0.1) / 4 = 0.7, B (3 · 0.5 + 0.9) / 4 = 0.6.
    #expect(byCell.models.map(\.model) == ["A", "B"])
    #expect(isClose(byCell.models.flatMap(\.scores), [0.7, 0.6]))
    // By task: A (0.9 + 0.1) / 2 = 0.5, B (0.5 + 0.9) / 2 = 0.7.
    #expect(byTask.models.map(\.model) == ["B", "A"])
    #expect(isClose(byTask.models.flatMap(\.scores), [0.7, 0.5]))
    #expect(byTask.models.map(\.votes) == [1, 0])
    #expect(byTask.groups.map(\.all) == [.init(tasks: 2, cells: 4)])
  }

  @Test func `a pair counts for both languages, and once for what they share`() {
    let rows: [Row] = [("a", 0.9, ["eng-Latn", "deu-Latn"]), ("b", 0.3, ["eng-Latn"])]
    let board = Toy.board([model("A", ["t": rows])], tasks: tasks("t"))
    let languages = board.languageBoard(by: .language, view())
    // deu: 0.9. eng: (0.9 + 0.3) / 2 = 0.6.
    #expect(languages.groups.map(\.title) == ["deu-Latn German", "eng-Latn English"])
    #expect(isClose(languages.models[0].scores, [0.9, 0.6]))
    for grouping in [LanguageGrouping.family, .script, .resource] {
      let shared = board.languageBoard(by: grouping, view())
      // Two cells, the pair one of them: 0.6, not (0.9 + 0.9 + 0.3) / 3 = 0.7.
      #expect(isClose(shared.models[0].scores, [0.6]))
      #expect(shared.groups[0].all == .init(tasks: 1, cells: 2))
      #expect(shared.groups[0].languages == 2)
    }
  }

  @Test func `a language listed twice counts twice by cell, once by task and in groups`() {
    let rows: [Row] = [
      ("a", 0.9, ["dan-Latn", "dan-Latn"]), ("b", 0.3, ["dan-Latn", "fin-Latn"]),
    ]
    let board = Toy.board([model("A", ["t": rows])], tasks: tasks("t"))
    // By cell (0.9 + 0.9 + 0.3) / 3 = 0.7; by task (0.9 + 0.3) / 2 = 0.6.
    #expect(isClose(board.languageBoard(by: .language, view()).models[0].scores, [0.7, 0.3]))
    #expect(isClose(board.languageBoard(by: .language, view(.task)).models[0].scores, [0.6, 0.3]))
    #expect(isClose(board.languageBoard(by: .family, view()).models[0].scores, [0.6, 0.3]))
    #expect(board.languages.cells == [2, 1])
  }

  @Test func `families hold several languages, what is unknown comes last`() {
    let rows: [Row] = [
      ("a", 0.2, ["kze-Latn"]), ("b", 0.5, ["rus-Cyrl"]), ("c", 0.7, ["dan-Latn"]),
      ("d", 0.4, ["fin-Latn", "python-Code"]),
    ]
    let board = Toy.board([model("A", ["t": rows])], tasks: tasks("t"))
    let families = board.languageBoard(by: .family, view())
    // Indo-European (0.5 + 0.7) / 2; Uralic 0.4; unknown: Kosena 0.2 and python 0.4, 0.3.
    #expect(families.groups.map(\.key) == ["Indo-European", "Uralic", "unknown"])
    #expect(families.groups.map(\.languages) == [2, 1, 2])
    #expect(isClose(families.models[0].scores, [0.6, 0.4, 0.3]))
    let classes = board.languageBoard(by: .resource, view())
    #expect(classes.groups.map(\.key) == ["3", "4", "unknown"])
    // Class 4: Russian 0.5 and Finnish 0.4.
    #expect(isClose(classes.models[0].scores, [0.7, 0.45, 0.3]))
    let scripts = board.languageBoard(by: .script, view())
    #expect(scripts.groups.map(\.title) == ["Cyrl Cyrillic", "Latn Latin", "unknown"])
    // Latin: (0.2 + 0.7 + 0.4) / 3.
    #expect(isClose(scripts.models[0].scores, [0.5, 1.3 / 3, 0.4]))
    let table = board.table(of: classes)
    #expect(table.footnotes.contains { $0.contains("Joshi") && $0.contains("2 languages unknown") })
  }

  @Test func `without facts every family is unknown, scripts are known by their codes`() {
    let board = Toy.board(
      [Toy.model("A", ["t": 0.5])],
      tasks: tasks("t").map { task in
        Toy.task(task.name)
      })
    #expect(board.languageBoard(by: .family).groups.map(\.key) == ["unknown"])
    #expect(board.languageBoard(by: .script).groups.map(\.title) == ["Latn"])
  }

  @Test func `what a model lacks is marked and counted`() throws {
    let whole: [Row] = [
      ("a", 0.5, ["dan-Latn"]), ("b", 0.5, ["dan-Latn"]), ("c", 0.5, ["fin-Latn"]),
    ]
    let board = Toy.board(
      [
        model("A", ["t": whole, "u": [("a", 0.5, ["dan-Latn"])]]),
        model("B", ["t": [whole[0]], "u": [("a", 0.7, ["dan-Latn"])]]),
        model("C", ["t": whole]),
      ], tasks: tasks("t", "u"))
    let languages = board.languageBoard(by: .language, view())
    #expect(languages.groups.map(\.all) == [.init(tasks: 2, cells: 3), .init(tasks: 1, cells: 1)])
    let b = try #require(languages.models.first { $0.model == "B" })
    #expect(b.coverage == [.init(tasks: 2, cells: 2), .init(tasks: 0, cells: 0)])
    let c = try #require(languages.models.first { $0.model == "C" })
    #expect(c.coverage == [.init(tasks: 1, cells: 2), .init(tasks: 1, cells: 1)])
    let table = board.table(of: languages)
    // B has the better mean, (0.5 + 0.7) / 2 = 0.6; of A and C, equal, A comes first. Danish earns
    // B 2, A and C 0.5 each; Finnish, which B lacks, A and C 1.5 each.
    #expect(languages.models.map(\.model) == ["A", "B", "C"])
    let rows = table.allRows.map { $0.map { $0.text + $0.mark } }
    #expect(
      rows == [
        ["1", "A", "2", "2/2", "50.00", "50.00"], ["1", "B", "2", "0/2", "60.00*", "–"],
        ["1", "C", "2", "1/2", "50.00*", "50.00"], ["", "Tasks", "", "", "2", "1"],
        ["", "Cells", "", "", "3", "1"],
      ])
    // Of the four cells, B has two, C three.
    let note = try #require(table.footnotes.last)
    #expect(note.contains("B (has 50.0 % of the cells), C (has 75.0 % of the cells)"))
  }

  @Test func `where nobody has a whole task, its definition says what there is`() {
    let task = Toy.task(
      "t", subsets: [("a", ["dan-Latn"]), ("b", ["deu-Latn"]), ("c", ["fin-Latn"])])
    let board = Toy.board(
      [
        model("A", ["t": [("a", 0.5, ["dan-Latn"])]]),
        model("B", ["t": [("b", 0.5, ["deu-Latn"])]]),
      ],
      tasks: [task])
    // Indo-European has the subsets a and b; nobody has c.
    let families = board.languageBoard(by: .family, view())
    #expect(families.groups.map(\.all) == [.init(tasks: 1, cells: 2)])
    #expect(families.models.map { families.isComplete($0, 0) } == [false, false])
  }

  @Test func `all languages in one family weigh as their cells do, each once`() {
    var random = SplitMix(state: 7)
    let codes = ["dan-Latn", "deu-Latn", "eng-Latn", "rus-Cyrl"]
    for _ in 0..<20 {
      var cells: [Double] = []
      let results = (0..<3).map { task -> TaskResult in
        let rows = ["a", "b", "c", "d"].map { subset -> Row in
          let score = Double(random.next() % 1000) / 1000
          let list = (0..<1 + Int(random.next() % 3)).map { _ in codes[Int(random.next() % 4)] }
          cells.append(score)
          return (subset, score, list)
        }
        return Toy.result("t\(task)", rows)
      }
      let board = Toy.board(
        [Toy.Model(model: "A", revisions: [], results: results)], tasks: tasks("t0", "t1", "t2"))
      let families = board.languageBoard(by: .family, view())
      #expect(families.groups.map(\.all.cells) == [12])
      #expect(isClose(families.models[0].scores, [cells.reduce(0, +) / 12]))
    }
  }

  /// What is asked for, and what is left of danish, german, russian and finnish.
  @Test(arguments: [
    (["deu"], ["deu-Latn"]), (["deu-Latn", "fin_Latn"], ["deu-Latn", "fin-Latn"]),
    (["Uralic"], ["fin-Latn"]), (["cyrillic"], ["rus-Cyrl"]), (["Cyrl"], ["rus-Cyrl"]),
    (["german", "Russian"], ["deu-Latn", "rus-Cyrl"]),
    (["Indo-European"], ["dan-Latn", "deu-Latn", "rus-Cyrl"]),
  ])
  func `languages are chosen by codes and names`(words: [String], left: [String]) throws {
    let rows: [Row] = [
      ("a", 0.1, ["dan-Latn"]), ("b", 0.2, ["deu-Latn"]), ("c", 0.3, ["rus-Cyrl"]),
      ("d", 0.4, ["fin-Latn"]),
    ]
    let board = Toy.board([model("A", ["t": rows])], tasks: tasks("t"), view: ["dan-Latn"])
    #expect(board.languageBoard(by: .language, view()).languages == ["dan-Latn"])
    let chosen = view(chosen: words)
    try board.check(chosen)
    #expect(board.languageBoard(by: .language, chosen).languages == left)
    #expect(
      board.languageBoard(by: .family, chosen).groups.reduce(0) { $0 + $1.languages } == left.count)
  }

  @Test(arguments: [
    ("dan-Lant", "dan-Latn"), ("Germna", "German"), ("xho", "write codes"), ("Urallic", "Uralic"),
  ])
  func `a choice that no score is in is refused with the nearest`(word: String, hint: String) {
    let rows: [Row] = [
      ("a", 0.1, ["dan-Latn"]), ("b", 0.2, ["deu-Latn"]), ("d", 0.4, ["fin-Latn"]),
    ]
    let board = Toy.board([model("A", ["t": rows])], tasks: tasks("t"))
    let failure = #expect(throws: Failure.self) { try board.check(view(chosen: ["deu", word])) }
    #expect(failure?.subject == word)
    #expect(failure?.exitCode == 64)
    #expect(failure?.hint?.contains(hint) == true, "\(String(describing: failure))")
  }

  @Test func `a table shows the groups with most cells and says how many are left out`() {
    let subsets = (0..<60).map { i in
      let letters = Array("abcdefgh")
      return ("s\(i)", ["a\(letters[i / 8])\(letters[i % 8])-Latn"])
    }
    let task = Toy.task("t", subsets: subsets)
    let more = Toy.task("u", subsets: [("s59", subsets[59].1)])
    let results = [
      Toy.result("t", subsets.map { ($0.0, 0.5, $0.1) }),
      Toy.result("u", [("s59", 0.5, subsets[59].1)]),
    ]
    let board = Toy.board(
      [Toy.Model(model: "A", revisions: [], results: results)], tasks: [task, more])
    let report = board.report(by: .language)
    #expect(report.tables[0].allRows.count == 2 + 50)
    #expect(report.tables[0].allRows.last?.first?.text == "ahd-Latn")
    #expect(
      report.tables[0].footnotes.first
        == "The 50 of 60 languages with the most scored cells; ranks and votes count all of them.")
    #expect(report.records.allRows.count == 60)
    #expect(report.json["languages"]?["groups"]?.array?.count == 60)
    let all = board.report(by: .language, languages: LanguageView(showsAll: true))
    #expect(all.tables[0].allRows.count == 2 + 60)
  }

  @Test func `records and JSON say what a score was made of`() {
    let rows: [Row] = [("a", 0.5, ["dan-Latn"]), ("b", 0.25, ["rus-Cyrl"])]
    let board = Toy.board(
      [model("A", ["t": rows]), model("B", ["t": [rows[0]]])], tasks: tasks("t"))
    let report = board.report(by: .family, languages: view(.task))
    #expect(
      CSVFormat.render(report, style: .plain) == """
        family,model,score,name,languages,tasks,required_tasks,cells,required_cells,partial
        Indo-European,B,0.5,,2,1,1,1,2,true
        Indo-European,A,0.375,,2,1,1,2,2,false

        """)
    let json = report.json["families"]
    #expect(json?["families"]?.array?.compactMap(\.string) == ["Indo-European"])
    #expect(json?["weigh"]?.string == "task")
    #expect(json?["groups"]?.array?.first?["cells"]?.integer == 2)
    let model = json?["models"]?.array?.first
    #expect(model?["model"]?.string == "B")
    #expect(model?["scores"]?["Indo-European"]?.double == 0.5)
    #expect(model?["incomplete"]?["Indo-European"]?["cells"]?.integer == 1)
  }
}
