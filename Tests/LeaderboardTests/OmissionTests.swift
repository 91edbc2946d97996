// Votes with something left out: by hand, and against a count from nothing on random pools.

import Core
import TestSupport
import Testing

@testable import Leaderboard

struct OmissionTests {
  /// Three models; `solo` is German throughout, `pair` half so, `one` English.
  static let board: Board = {
    func model(_ name: String, _ one: Double, _ en: Double, _ de: Double, _ solo: Double)
      -> Toy.Model
    {
      Toy.Model(
        model: name, revisions: [],
        results: [
          Toy.result("one", [("default", one, ["eng-Latn"])]),
          Toy.result("pair", [("en", en, ["eng-Latn"]), ("de", de, ["deu-Latn", "deu-Latn"])]),
          Toy.result("solo", [("default", solo, ["deu-Latn"])]),
        ])
    }
    return Toy.board(
      [
        model("A", 0.9, 0.8, 0.2, 0.1), model("B", 0.5, 0.4, 0.8, 0.9),
        model("C", 0.1, 0.6, 0.5, 0.5),
      ],
      tasks: [
        Toy.task("one"), Toy.task("pair", type: "Retrieval", subsets: [("en", []), ("de", [])]),
        Toy.task("solo"),
      ])
  }()

  // n = 3. one: A 2, B 1, C 0. pair: B 0.6, C 0.55, A 0.5: B 2, C 1, A 0. solo: B 2, C 1, A 0.
  // Together A 2, B 5, C 2: ranks 2, 1, 2.

  @Test func `a task left out takes its points away`() throws {
    let omissions = try Omissions(Self.board, without: .task, models: ["A", "B", "C"])
    #expect(omissions.n == 3)
    #expect(omissions.models.map(\.votes) == [2, 5, 2])
    #expect(omissions.models.map(\.rank) == [2, 1, 2])
    #expect(omissions.omissions.map(\.name) == ["one", "pair", "solo"])
    #expect(
      omissions.omissions.map { $0.places.map(\.votes) } == [[0, 4, 2], [2, 3, 1], [2, 3, 1]])
    #expect(
      omissions.omissions.map { $0.places.map(\.rank) } == [[3, 1, 2], [2, 1, 3], [2, 1, 3]])
    #expect(omissions.range(ofModel: 0) == 2...3)
    #expect(omissions.range(ofModel: 1) == 1...1)
  }

  @Test func `a type left out takes all its tasks away`() throws {
    let omissions = try Omissions(Self.board, without: .type, models: ["A", "B", "C"])
    #expect(omissions.omissions.map(\.name) == ["Retrieval", "STS"])
    #expect(omissions.omissions.map(\.droppedTasks) == [1, 2])
    #expect(omissions.omissions.map { $0.places.map(\.votes) } == [[2, 3, 1], [0, 2, 1]])
  }

  @Test func `a language left out takes its cells away, and tasks that have no others`() throws {
    let omissions = try Omissions(Self.board, without: .language, models: ["A", "B", "C"])
    // Without German: solo is gone; pair is its English cell, A 0.8, C 0.6, B 0.4: A 2, C 1, B 0.
    // A 2 + 2, B 1 + 0, C 0 + 1. Without English: one is gone; pair is B 2, C 1, A 0.
    #expect(omissions.omissions.map(\.name) == ["deu-Latn", "eng-Latn"])
    #expect(omissions.omissions.map(\.droppedTasks) == [1, 1])
    #expect(omissions.omissions.map(\.changedTasks) == [1, 1])
    #expect(omissions.omissions.map { $0.places.map(\.votes) } == [[4, 1, 1], [0, 4, 2]])
    #expect(omissions.omissions.map { $0.places.map(\.rank) } == [[1, 2, 2], [3, 1, 2]])
    // One rank each: B loses 4 votes by German, then A 2 by either, German before English.
    let moving = omissions.effects.filter { $0.rankChange != 0 }
    #expect(moving.map(\.from.model) == ["B", "A", "A"])
    #expect(moving.map(\.omission) == ["deu-Latn", "deu-Latn", "eng-Latn"])
    #expect(moving.map(\.votesChange) == [-4, 2, -2])
    #expect(moving.map(\.rankChange) == [1, -1, 1])
  }

  @Test func `tables, records and JSON say the same`() throws {
    let omissions = try Omissions(Self.board, without: .language, models: ["A"])
    let table = omissions.influenceTable(limit: 1)
    #expect(table.allRows.map { $0.map(\.text) } == [["deu-Latn", "A", "2", "1", "2", "+2"]])
    #expect(table.footnotes.contains { $0.contains("2 changes of rank over 2 languages") })
    #expect(
      omissions.rangeTable.allRows.map { $0.map(\.text) }
        == [["A", "2", "1", "3", "deu-Latn", "eng-Latn"]])
    #expect(
      omissions.records.allRows.map { $0.prefix(9).map(\.data) } == [
        ["language", "deu-Latn", "1", "1", "A", "4", "2", "1", "-1"],
        ["language", "eng-Latn", "1", "1", "A", "0", "-2", "3", "1"],
      ])
    let json = omissions.json
    #expect(json["schema"] == .integer(1))
    #expect(json["models"]?.array?.first?["worst_rank"] == .integer(3))
    #expect(json["omissions"]?.array?.first?["votes"] == .array([.integer(4)]))
  }

  @Test func `a model that is not on the board is answered with the nearest`() {
    let board = Toy.board([Toy.model("org/large", ["one": 1])], tasks: [Toy.task("one")])
    #expect {
      try Omissions(board, without: .task, models: ["org/lagre"])
    } throws: { error in
      (error as? Failure)?.code == .usage && (error as? Failure)?.hint == "did you mean org/large?"
    }
  }

  /// Cells of random languages, some models without some of them, ties on purpose.
  private func randomBoard(_ seed: UInt64) -> Board {
    var random = SplitMix(state: seed)
    let languages = ["deu-Latn", "eng-Latn", "fra-Latn", "hin-Deva"]
    let subsets = ["a", "b", "c", "d", "e"]
    let tasks = (0..<5).map { Toy.task("t\($0)", subsets: subsets.map { ($0, []) }) }
    let lists = tasks.map { _ in
      subsets.map { _ in
        (0..<Int.random(in: 1...3, using: &random)).compactMap { _ in
          languages.randomElement(using: &random)
        }
      }
    }
    let models = (0..<7).map { model in
      Toy.Model(
        model: "m\(model)", revisions: [],
        results: zip(tasks, lists).compactMap { task, lists in
          guard Int.random(in: 0..<6, using: &random) > 0 else { return nil }
          return Toy.result(
            task.name,
            zip(subsets, lists).map { subset, list in
              let isThere = Int.random(in: 0..<5, using: &random) > 0
              let score = Double(Int.random(in: -2...9, using: &random)) / 10
              return (subset, isThere ? score : nil, list)
            })
        })
    }
    return Toy.board(models, tasks: tasks)
  }

  /// Votes from means that are taken anew over some cells and tasks.
  private func votes(
    _ board: Board, cells: (Frame.Cell) -> Bool, tasks: (TaskDefinition) -> Bool
  ) -> [Double] {
    let frame = board.frame
    let ballots = frame.tasks.indices.filter { tasks(frame.tasks[$0]) }.map { task in
      frame.models.map { model in
        ExactSum.mean(of: model.cells.filter { Int($0.task) == task && cells($0) }.map(\.score))
      }
    }
    return Ranks.votes(ballots: ballots, candidates: frame.models.count, n: board.ballots.n)
  }

  @Test(arguments: 0..<30) func `as if counted from nothing`(seed: UInt64) throws {
    let board = randomBoard(seed)
    let names = board.ballots.models
    func check(_ omissions: Omissions, _ expected: (Omissions.Omission) -> [Double]) {
      for omission in omissions.omissions {
        let votes = Dictionary(uniqueKeysWithValues: zip(names, expected(omission)))
        let ranks = Dictionary(
          uniqueKeysWithValues: zip(names, Ranks.minimum(expected(omission))))
        for place in omission.places {
          #expect(place.votes == votes[place.model], "\(omission.name) \(place.model)")
          #expect(place.rank == ranks[place.model], "\(omission.name) \(place.model)")
        }
      }
    }
    check(try Omissions(board, without: .task)) { omission in
      votes(board, cells: { _ in true }, tasks: { $0.name != omission.name })
    }
    check(try Omissions(board, without: .type)) { omission in
      votes(board, cells: { _ in true }, tasks: { $0.type.rawValue != omission.name })
    }
    let languages = try Omissions(board, without: .language)
    #expect(languages.omissions.map(\.name) == board.frame.languages.sorted())
    check(languages) { omission in
      votes(
        board,
        cells: { cell in
          !board.frame.lists[Int(cell.list)].contains {
            board.frame.languages[$0] == omission.name
          }
        }, tasks: { _ in true })
    }
  }
}
