// Paired differences on pools small enough to count by hand.

import Core
import Testing

@testable import Leaderboard

/// A board of models that have one score for each of some tasks, all of one type.
private func board(_ scores: [(String, [Double?])]) -> Board {
  let names = scores[0].1.indices.map { "t\($0 + 1)" }
  let models = scores.map { model, scores in
    Toy.Model(
      model: model, revisions: [],
      results: zip(names, scores).compactMap { task, score in
        score.map { Toy.result(task, [("default", $0, ["eng-Latn"])]) }
      })
  }
  return Toy.board(models, tasks: names.map { Toy.task($0) })
}

private func comparison(
  _ board: Board, _ models: [String], isAllPairs: Bool = false
) throws -> Comparison {
  Comparison(try Pairing(board, models: models, isAllPairs: isAllPairs))
}

@Suite struct `A comparison` {
  @Test func `has differences of both means, of votes, and what is won and lost`() throws {
    let tasks = [Toy.task("one"), Toy.task("two"), Toy.task("three", type: "Retrieval")]
    let board = Toy.board(
      [
        Toy.model("A", ["one": 0.6, "two": 0.5, "three": 0.75]),
        Toy.model("B", ["one": 0.5, "two": 0.5, "three": 0.25]),
      ], tasks: tasks)
    let found = try comparison(board, ["A", "B"])
    // Differences 0.1, 0, 0.5: mean 0.2. Types: Retrieval 0.5, STS 0.05: mean 0.275.
    let (tasks3, types2, votes) = (found.taskMeans[0], found.typeMeans[0], found.votes[0])
    #expect(abs(tasks3.estimate.difference - 0.2) < 1e-15)
    #expect(abs(types2.estimate.difference - 0.275) < 1e-15)
    #expect(tasks3.tally == Comparison.Tally([1, 0, 1]))
    #expect((types2.tally.wins, types2.tally.ties, types2.tally.losses) == (2, 0, 0))
    // n = 2: A has 1 + 0.5 + 1, B has 0 + 0.5 + 0.
    #expect(votes.estimate.difference == 2)
    #expect((votes.first, votes.other) == (2.5, 0.5))
    // Of the four choices of signs of 0.1 and 0.5, two have a sum as far from 0.
    #expect(tasks3.estimate.pValue == 0.5)
    #expect(types2.estimate.pValue == 0.5)
    #expect(found.verdict(on: tasks3) == .undecided)
    #expect(found.types[0].map(\.name) == ["Retrieval", "STS"])
    #expect(found.types[0][0].estimate.pValue == nil)
    #expect(found.verdict(on: found.types[0][0]) == .unknown)
  }

  @Test func `decides where the corrected chance is small enough`() throws {
    let pool = board([
      ("A", [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]), ("B", [0.8, 0.7, 0.6, 0.5, 0.4, 0.2]),
      ("C", [0.9, 0.8, 0.7, 0.6, 0.4, 0.5]), ("D", [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]),
    ])
    // Six wins: only two of the 64 choices of signs are as extreme, p = 2 / 64 = 0.03125.
    let alone = try comparison(pool, ["A", "B"])
    #expect(alone.taskMeans[0].estimate.pValue == 0.03125)
    #expect(alone.verdict(on: alone.taskMeans[0]) == .ahead)
    #expect(try comparison(pool, ["B", "A"]).verdict(on: alone.taskMeans[0]) == .ahead)
    let turned = try comparison(pool, ["B", "A"])
    #expect(turned.verdict(on: turned.taskMeans[0]) == .behind)
    // With a second pair Holm doubles it: 0.0625.
    let both = try comparison(pool, ["A", "B", "C"])
    #expect(both.taskMeans.map(\.estimate.adjusted) == [0.0625, 1])
    #expect(both.verdict(on: both.taskMeans[0]) == .undecided)
    let same = try comparison(pool, ["A", "D"])
    #expect(same.verdict(on: same.taskMeans[0]) == .same)
    #expect(same.sentence(0) == "A and D have the same scores on 6 tasks.")
    #expect(turned.sentence(0) == alone.sentence(0))
    #expect(alone.sentence(0).hasPrefix("A is ahead of B by 11.67 points of Mean (Task), 95 %"))
    #expect(alone.sentence(0).hasSuffix("over 6 tasks; p = 0.031."))
  }

  @Test func `pairs all with all, or the first with each other one`() throws {
    let pool = board([("A", [0.1, 0.2]), ("B", [0.3, 0.2]), ("C", [0.4, 0.1])])
    let names = { (found: Comparison) in found.pairs.map { $0.first.model + $0.other.model } }
    #expect(names(try comparison(pool, ["B", "A", "C"])) == ["BA", "BC"])
    #expect(names(try comparison(pool, ["B", "A", "C"], isAllPairs: true)) == ["BA", "BC", "AC"])
  }

  @Test(arguments: Rules.allCases)
  func `leaves out tasks that one of two has not whole, by any rules`(rules: Rules) throws {
    let pair = Toy.task("pair", subsets: [("en", ["eng-Latn"]), ("de", ["deu-Latn"])])
    func model(_ name: String, _ de: Double?, _ t: Double?, _ u: Double) -> Toy.Model {
      let rows: [(String, Double?, [String])] = [
        ("en", 0.5, ["eng-Latn"]), ("de", de, ["deu-Latn"]),
      ]
      return Toy.Model(
        model: name, revisions: [],
        results: [Toy.result("pair", rows)]
          + (t.map { [Toy.result("t", [("default", $0, [])])] } ?? [])
          + [Toy.result("u", [("default", u, [])])])
    }
    let board = Board(
      pool: Toy.pool([
        model("A", 0.7, 0.9, 0.75), model("B", nil, 0.6, 0.5), model("C", 0.1, nil, 0.25),
      ]),
      benchmark: Benchmark(name: "Toy", tasks: [pair, Toy.task("t"), Toy.task("u")]),
      rules: rules, hash: Toy.fnv1a)
    let found = try comparison(board, ["A", "B", "C"], isAllPairs: true)
    // A and B: B has half of `pair`. A and C: C has no `t`. B and C: only `u` is left.
    let tasks = found.pairs.map { $0.tasks.map { board.tasks[$0].name } }
    #expect(tasks == [["t", "u"], ["pair", "u"], ["u"]])
    #expect(abs(found.taskMeans[0].estimate.difference - 0.275) < 1e-15)
    #expect(found.taskMeans[2].estimate.interval == nil)
    #expect(found.sentence(2) == "B is 25.00 points above C on 1 task, too few to say more.")
    let notes = found.tables(by: .overall)[0].footnotes.joined(separator: " ")
    #expect(notes.contains("B (1 partial), C (1 missing)"))
  }

  @Test func `says which pairs have no task in common`() throws {
    let pool = board([("A", [0.1, 0.2, nil]), ("B", [nil, 0.1, 0.2]), ("C", [nil, nil, 0.3])])
    let found = try comparison(pool, ["A", "B", "C"])
    #expect(found.pairs.map(\.other.model) == ["B"])
    #expect(
      found.tables(by: .overall)[0].footnotes.contains {
        $0.contains("no complete task in common: A and C")
      })
  }

  /// Names, the code of the failure, and what it says.
  @Test(arguments: [
    (["A"], Failure.Code.usage, "at least two"), ([], .usage, "at least two"),
    (["A", "B", "A"], .usage, "named twice"), (["A", "org/lung"], .usage, "did you mean org/long"),
    (["A", "org/long"], .incomplete, "no task of Toy is complete"),
    (["A", "half"], .incomplete, "has no complete task"),
  ])
  func `refuses what cannot be compared`(
    names: [String], code: Failure.Code, words: String
  ) throws {
    let both = Toy.task("both", splits: ["test", "dev"])
    let models = [
      Toy.model("A", ["one": 0.2]), Toy.model("B", ["one": 0.3]), Toy.model("org/long", ["two": 1]),
      Toy.model("half", ["both": 0.2]),
      Toy.Model(
        model: "dev", revisions: [],
        results: [Toy.result("both", split: "dev", [("default", 1, [])])]
      ),
    ]
    let pool = Toy.board(models, tasks: [Toy.task("one"), Toy.task("two"), both])
    do {
      _ = try comparison(pool, names)
      Issue.record("nothing was refused")
    } catch let failure as Failure {
      #expect(failure.code == code)
      #expect(failure.description.contains(words), "\(failure)")
    }
  }

  @Test func `by language takes means over the cells of every task`() throws {
    let subsets = [("a", ["eng-Latn"]), ("b", ["eng-Latn", "deu-Latn"]), ("c", ["deu-Latn"])]
    let tasks = [Toy.task("one", subsets: subsets), Toy.task("two", subsets: subsets)]
    func model(_ name: String, _ one: [Double], _ two: [Double], c: String) -> Toy.Model {
      // Subset b lists English twice, which makes it no two cells.
      let lists = [["eng-Latn"], ["eng-Latn", "eng-Latn", "deu-Latn"], [c]]
      func rows(_ scores: [Double]) -> [(String, Double?, [String])] {
        zip(["a", "b", "c"], zip(scores, lists)).map { ($0, $1.0, $1.1) }
      }
      return Toy.Model(
        model: name, revisions: [],
        results: [Toy.result("one", rows(one)), Toy.result("two", rows(two))])
    }
    let board = Toy.board(
      [
        model("A", [0.5, 0.75, 0.25], [1, 1, 1], c: "deu-Latn"),
        model("B", [0.25, 0.5, 0.25], [0, 1, 1], c: "deu-Latn"),
        model("C", [0.25, 0.5, 0.25], [0, 1, 1], c: "gsw-Latn"),
      ], tasks: tasks, view: ["eng-Latn", "deu-Latn"])
    let found = try comparison(board, ["A", "B", "C"]).languages
    // English: one (0.5 + 0.75) / 2 - (0.25 + 0.5) / 2 = 0.25; two 1 - 0.5: mean 0.375.
    // German: one (0.75 + 0.25) / 2 - (0.5 + 0.25) / 2 = 0.125; two 0: mean 0.0625.
    #expect(found[0].map(\.name) == ["eng-Latn", "deu-Latn"])
    #expect(found[0].map(\.estimate.difference) == [0.375, 0.0625])
    #expect(found[0].map(\.estimate.units) == [2, 2])
    // Against C, whose files call subset c otherwise, no task has the same cells of German.
    #expect(found[1].map(\.name) == ["eng-Latn"])
  }
}

@Suite struct `Single items` {
  private let pool = board([("A", [0.5, 0.6]), ("B", [0.4, 0.5])])

  private func items(_ task: String, shift: Double = 0) -> ItemDifferences {
    // Cell means 0.75 and 0.25 for A, 0.6 and 0.2 for B: tasks 0.5 and 0.4.
    let first = ItemDifferences.Cell(
      split: "test", subset: "x", first: [1, 0.5], other: [0.7, 0.5])
    let second = ItemDifferences.Cell(
      split: "test", subset: "y", first: [0.25, 0.25, 0.25 + shift], other: [0.2, 0.1, 0.3])
    return ItemDifferences(task: task, item: "query", cells: [first, second])
  }

  @Test func `give a task its noise, cells weighing alike`() throws {
    var evidence = ItemEvidence()
    evidence.tasks = [items("t1")]
    let pairing = try Pairing(pool, models: ["A", "B"], isAllPairs: false)
    let found = Comparison(pairing, evidence: [evidence])
    let row = found.tasks[0][0]
    #expect(row.estimate.units == 5)
    #expect(abs(row.estimate.difference - 0.1) < 1e-15)
    #expect((row.tally.wins, row.tally.ties, row.tally.losses) == (3, 1, 1))
    // Weights 1/4 and 1/6: 0.3/4, 0.05/6, 0.15/6, -0.05/6, in 1/120: 9, 1, 3, -1, sum 12.
    // Sums at least as far from 0: 9 + 3 with the ones +1 -1, -1 +1 or +1 +1: three of 16, and their
    // opposites.
    #expect(row.estimate.pValue == 6.0 / 16)
    #expect(found.tasks[0][1].estimate.units == 0)
    #expect(found.tasks[0][1].estimate.pValue == nil)
    #expect(found.beyondNoise(0) == (1, 0, 0))
    #expect(found.cells[0].map(\.name) == ["x", "y"])
    #expect(found.cells[0].map(\.parent) == ["t1", "t1"])
  }

  @Test func `that do not add up to the scores are refused`() throws {
    var evidence = ItemEvidence()
    evidence.tasks = [items("t1", shift: 0.3), items("none")]
    let pairing = try Pairing(pool, models: ["A", "B"], isAllPairs: false)
    let found = Comparison(pairing, evidence: [evidence])
    #expect(found.evidence[0].tasks.isEmpty)
    // The mean of cell y becomes 0.35, that of the task 0.55.
    #expect(
      found.evidence[0].refused == [
        .init(task: "t1", reason: "the mean of its items is 55.00, its score 50.00")
      ])
    let notes = found.tables(by: .task)[0].footnotes.joined()
    #expect(notes.contains("Details not used: t1 (the mean of its items"))
  }

  @Test func `of great number are counted as normal`() throws {
    // 2100 times 1 and 1900 times -1: z = 200 / sqrt(4000); erfc(z / sqrt 2) by Python's math.
    let values = Array(repeating: 1.0, count: 2100) + Array(repeating: -1.0, count: 1900)
    let estimate = DifferenceEstimate(groups: [values], rows: 1, Resampling())
    #expect(abs((estimate.pValue ?? 0) - 0.0015654022580025488) < 1e-12)
    let interval = try #require(estimate.interval)
    #expect(abs(interval.low - 0.019045140216007134) < 1e-9)
    #expect(abs(interval.high - 0.08095485978399287) < 1e-9)
    // Draws say the same where they are made.
    let fewer = Array(repeating: 1.0, count: 1050) + Array(repeating: -1.0, count: 950)
    let drawn = DifferenceEstimate(groups: [fewer], rows: 1, Resampling())
    #expect(abs((drawn.pValue ?? 0) - 0.0253) < 0.006)
  }
}

@Suite struct `Tables of a comparison` {
  @Test(arguments: ComparisonView.allCases)
  func `are whole, fit a page and come in every format`(view: ComparisonView) throws {
    let pool = board([
      ("org/model-of-usual-length", [0.5, 0.6, 0.5]),
      ("org/model-of-another-length", [0.4, 0.5, 0.6]),
      ("org/a-third-one", [0.4, 0.4, nil]),
    ])
    var evidence = ItemEvidence()
    evidence.tasks = [
      ItemDifferences(
        task: "t1", item: "query",
        cells: [.init(split: "test", subset: "default", first: [1, 0], other: [0.8, 0])])
    ]
    let pairing = try Pairing(
      pool, models: pool.models.map(\.model), isAllPairs: false)
    let found = Comparison(pairing, evidence: [evidence, ItemEvidence()])
    let report = found.report(by: view)
    #expect(report.tables.count == (view == .overall ? 1 : 2))
    for table in report.tables + [report.records] {
      for row in table.allRows { #expect(row.count == table.columns.count) }
    }
    let text = TerminalFormat.render(report, style: .plain)
    for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    for format in ReportFormats.all { #expect(!format.render(report, style: .plain).isEmpty) }
    #expect(report.json["schema"] == .integer(1))
    #expect(report.json["pairs"]?.array?.count == 2)
    #expect(try JSON(parsing: report.json.pretty) == report.json)
  }

  @Test func `of intervals keep the order of the ranking`() throws {
    let pool = board([
      ("A", [0.9, 0.8, 0.7, 0.6, 0.9, 0.4]), ("B", [0.8, 0.7, 0.6, 0.5, 0.4, 0.3]),
      ("C", [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]),
    ])
    let intervals = RankIntervals(pool.ballots, shown: ["A", "B", "C"], Resampling(draws: 200))
    let report = pool.intervalReport(intervals, level: 0.95)
    #expect(report.tables[0].allRows.map { $0[1].text } == ["A", "B", "C"])
    #expect(report.tables[0].allRows.map { $0[2].text } == ["12", "6", "0"])
    #expect(report.json["models"]?.array?.first?["rank_interval"]?.array?.count == 2)
    #expect(report.records.allRows.count == 3)
  }

  @Test(arguments: [
    (NumberText.difference(0.012), "+1.20"), (NumberText.difference(-0.00001), "-0.00"),
    (NumberText.difference(0), "0.00"), (NumberText.interval(-0.0031, 0.0205), "-0.31 to +2.05"),
    (NumberText.probability(0.42), "0.42"), (NumberText.probability(0.0344), "0.034"),
    (NumberText.probability(0.00123), "0.0012"), (NumberText.probability(0.00001), "<0.0001"),
    (NumberText.probability(0), "<0.0001"), (NumberText.probability(1), "1.00"),
    (NumberText.relation(0.00001), "< 0.0001"), (NumberText.percent(0.95), "95 %"),
    (NumberText.percent(0.999), "99.9 %"), (NumberText.signed(-31.5, NumberText.votes), "-31.5"),
  ])
  func `write signs, intervals and chances`(text: String, expected: String) {
    #expect(text == expected)
  }
}

@Suite(.enabled(if: Golden.isThere, "needs ../shared/leaderboard and tar"))
struct `A comparison of real models` {
  @Test func `has the differences of mteb's scores, and the chance that numpy draws`() throws {
    let golden = try Golden("golden-30")
    let names = ["nvidia/llama-embed-nemotron-8b", "Qwen/Qwen3-Embedding-8B"]
    let found = try comparison(golden.board(allLanguages: false), names)
    let rows = try golden.table("per_task").rows
    let scores = try names.map { name in try #require(rows.first { $0["Model"] == name }) }
    var differences: [Double] = []
    for row in found.tasks[0] {
      let expected = try scores.map { try #require($0[row.name].flatMap { Double($0) }) }
      #expect(abs(row.estimate.difference - (expected[0] - expected[1])) < 1e-12)
      differences.append(expected[0] - expected[1])
    }
    #expect(differences.count == 130)
    let mean = found.taskMeans[0]
    #expect(abs(mean.estimate.difference - differences.reduce(0, +) / 130) < 1e-12)
    #expect(mean.tally == Comparison.Tally(differences))
    // 200,000 draws of signs with numpy.random.default_rng(1): 0.0241, standard error 0.0004; ours
    // are 10,000, standard error 0.0015.
    #expect(abs((mean.estimate.pValue ?? 0) - 0.0241) < 0.006)
    // Thirty models give 3430 and 3378.5 votes (golden-30.summary.csv).
    #expect(found.votes[0].estimate.difference == 51.5)
  }
}
