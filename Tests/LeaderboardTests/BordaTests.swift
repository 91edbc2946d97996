// Votes, ranks, means and coverage on pools small enough to count by hand.

import Core
import Testing

@testable import Leaderboard

struct BordaTests {
  let two = [Toy.task("one"), Toy.task("two")]

  @Test func `the toy of the protocol: B first, then A, then C`() {
    let board = Toy.board(
      [
        Toy.model("A", ["one": 0.9, "two": 0.2]), Toy.model("B", ["one": 0.9, "two": 0.3]),
        Toy.model("C", ["one": 0.5, "two": nil]),
      ], tasks: two)
    // n = 3. Task one: A and B share places 1 and 2, rank 1.5, so 1.5 each; C is third, so 0.
    // Task two: B first, 2; A second, 1; C has none, 0. Sums: A 2.5, B 3.5, C 0.
    #expect(board.models.map(\.model) == ["B", "A", "C"])
    #expect(board.models.map(\.votes) == [3.5, 2.5, 0])
    #expect(board.models.map(\.rank) == [1, 2, 3])
    #expect(board.pool.models == 3)
  }

  @Test func `equal votes share the best place and the next place is skipped`() {
    let board = Toy.board(
      [
        Toy.model("A", ["one": 0.9, "two": 0.1]), Toy.model("B", ["one": 0.1, "two": 0.9]),
        Toy.model("C", ["one": 0.05, "two": 0.05]),
      ], tasks: two)
    // A: 2 + 1, B: 1 + 2, C: 0 + 0.
    #expect(board.models.map(\.votes) == [3, 3, 0])
    #expect(board.models.map(\.rank) == [1, 1, 3])
    #expect(board.models.map(\.model) == ["A", "B", "C"])
  }

  @Test func `a missing task earns nothing and empties the means`() throws {
    let board = Toy.board(
      [Toy.model("A", ["one": 0.4, "two": 0.6]), Toy.model("B", ["one": 0.8])], tasks: two)
    // n = 2. A: 2 - 2 on one, 2 - 1 on two: 1. B: 2 - 1 on one: 1.
    let (a, b) = (try #require(board.standing("A")), try #require(board.standing("B")))
    #expect(a.votes == 1)
    #expect(b.votes == 1)
    #expect(a.meanTask == 0.5)
    #expect(b.meanTask == nil)
    #expect(b.meanTaskType == nil)
    #expect(b.types == [nil])
    #expect(b.completeTasks == 1)
    #expect(b.entries[1].isMissing)
  }

  @Test func `a hidden model takes part in ranks and can push a vote below zero`() throws {
    let pair = Toy.task("pair", subsets: [("en", ["eng-Latn"]), ("de", ["deu-Latn"])])
    func result(_ rows: [(String, Double?)]) -> [TaskResult] {
      [Toy.result("pair", rows.map { ($0.0, $0.1, []) })]
    }
    let board = Toy.board(
      [
        Toy.Model(model: "whole", revisions: [], results: result([("en", 0.2), ("de", 0.4)])),
        Toy.Model(model: "half", revisions: [], results: result([("en", 0.9), ("de", nil)])),
        Toy.Model(model: "none", revisions: [], results: result([("en", nil)])),
      ], tasks: [pair])
    // Complete is 2 subsets x 1 split = 2 cells: only `whole`, so n = 1. Its rank among the
    // partial means 0.9 and 0.3 is 2: 1 - 2 = -1 votes, and place 2 behind the hidden `half`.
    #expect(board.models.map(\.model) == ["whole"])
    #expect(board.hidden == ["half"])
    let whole = try #require(board.standing("whole"))
    #expect(whole.votes == -1)
    #expect(whole.rank == 2)
    #expect(abs((whole.meanTask ?? 0) - 0.3) < 1e-15)
    #expect(board.pool.models == 1)
  }

  @Test func `what is required is set by what anybody scored, not by the definition`() {
    let task = Toy.task(
      "t", splits: ["test", "validation"], subsets: [("en", []), ("de", []), ("fr", [])])
    func model(_ name: String, _ subsets: [String]) -> Toy.Model {
      Toy.Model(
        model: name, revisions: [], results: [Toy.result("t", subsets.map { ($0, 0.5, []) })])
    }
    let board = Toy.board([model("A", ["en", "de"]), model("B", ["en"])], tasks: [task])
    // Subsets scored by anybody: en, de; splits: test. 2 x 1.
    #expect(board.tasks[0].required == 2)
    #expect(board.standing("A")?.entries[0].isComplete == true)
    #expect(board.hidden == ["B"])
  }

  @Test func `cells outside the task's splits and subsets do not count`() {
    let task = Toy.task("t", subsets: [("en", ["eng-Latn"])])
    let other = Toy.result("t", split: "train", [("en", 0.1, [])])
    var result = Toy.result("t", [("en", 0.5, ["eng-Latn"]), ("xx", 0.9, ["deu-Latn"])])
    result.splits += other.splits
    let board = Toy.board(
      [Toy.Model(model: "A", revisions: [], results: [result])], tasks: [task])
    #expect(board.models[0].meanTask == 0.5)
    #expect(board.models[0].entries[0].cells == 1)
    #expect(board.languages.languages == ["eng-Latn"])
  }

  @Test func `a task that nobody has is left out and named`() {
    let board = Toy.board([Toy.model("A", ["one": 0.5])], tasks: two)
    #expect(board.tasks.map(\.name) == ["one"])
    #expect(board.unscoredTasks == ["two"])
    #expect(board.models[0].meanTask == 0.5)
  }

  @Test func `the mean over types weighs types, not tasks`() {
    let tasks = [Toy.task("a"), Toy.task("b"), Toy.task("c", type: "Retrieval")]
    let board = Toy.board([Toy.model("A", ["a": 0.25, "b": 0.75, "c": 1])], tasks: tasks)
    // Retrieval 1, STS (0.25 + 0.75) / 2 = 0.5; over types 0.75, over tasks 2/3.
    #expect(board.types.map(\.rawValue) == ["Retrieval", "STS"])
    #expect(board.models[0].types == [1, 0.5])
    #expect(board.models[0].meanTaskType == 0.75)
    #expect(board.models[0].meanTask == 2.0 / 3)
  }

  @Test func `a language listed twice counts twice, a pair counts for both`() {
    let task = Toy.task("t", subsets: [("a", []), ("b", [])])
    let result = Toy.result(
      "t", [("a", 0.9, ["dan-Latn", "dan-Latn"]), ("b", 0.3, ["dan-Latn", "swe-Latn"])])
    let board = Toy.board(
      [Toy.Model(model: "A", revisions: [], results: [result])], tasks: [task])
    // dan: (0.9 + 0.9 + 0.3) / 3 = 0.7, swe: 0.3.
    #expect(board.languages.languages == ["dan-Latn", "swe-Latn"])
    #expect(abs((board.languages.models[0].scores[0] ?? 0) - 0.7) < 1e-15)
    #expect(board.languages.models[0].scores[1] == 0.3)
    #expect(board.languages.cells == [2, 1])
  }

  @Test func `languages are the ballots of the language table`() {
    let task = Toy.task("t", subsets: [("a", []), ("b", []), ("c", [])])
    func model(_ name: String, _ scores: [Double]) -> Toy.Model {
      let rows = zip(["a", "b", "c"], zip(scores, ["dan-Latn", "nob-Latn", "swe-Latn"]))
        .map { ($0, Optional($1.0), [$1.1]) }
      return Toy.Model(model: name, revisions: [], results: [Toy.result("t", rows)])
    }
    let models = [model("A", [0.9, 0.1, 0.1]), model("B", [0.2, 0.2, 0.2])]
    let all = Toy.board(models, tasks: [task])
    // B wins nob and swe, A wins dan; n = 2, so B 1 + 1, A 1.
    #expect(all.languages.models.map(\.model) == ["B", "A"])
    #expect(all.languages.models.map(\.votes) == [2, 1])
    let view = Toy.board(models, tasks: [task], view: ["swe-Latn", "dan-Latn", "fin-Latn"])
    #expect(view.languages.languages == ["swe-Latn", "dan-Latn"])
    #expect(view.languages.models.map(\.votes) == [1, 1])
    #expect(view.languages.models.map(\.rank) == [1, 1])
  }

  @Test func `the order of models and of rows changes nothing, the hash included`() {
    let models = [
      Toy.model("A", ["one": 0.1, "two": 0.2]), Toy.model("B", ["two": 0.3, "one": 0.7]),
      Toy.model("C", ["one": 0.7]),
    ]
    let turned = models.reversed().map { model in
      var model = model
      model.results.reverse()
      return model
    }
    let (a, b) = (Toy.board(models, tasks: two), Toy.board(turned, tasks: two))
    #expect(a.models == b.models)
    #expect(a.pool == b.pool)
    #expect(a.languages == b.languages)
    #expect(a.json == b.json)
  }

  @Test func `another score, revision or model is another pool`() {
    let models = [Toy.model("A", ["one": 0.1]), Toy.model("B", ["one": 0.7])]
    var revised = models
    revised[0].revisions = ["r2"]
    let pools = [
      models, revised, [Toy.model("A", ["one": 0.1000001]), models[1]], [models[0]],
    ]
    let hashes = Set(pools.map { Toy.board($0, tasks: two).pool.hash })
    #expect(hashes.count == 4)
    #expect(hashes.allSatisfy { $0.count == 8 })
  }

  @Test func `an empty pool is an empty board`() {
    let board = Toy.board([], tasks: two)
    #expect(board.models.isEmpty)
    #expect(board.tasks.isEmpty)
    #expect(board.pool.models == 0)
    #expect(board.languages.models.isEmpty)
    for format in ReportFormats.all {
      for view in BoardView.allCases {
        #expect(!format.render(board.report(by: view), style: .plain).isEmpty)
      }
    }
  }
}
