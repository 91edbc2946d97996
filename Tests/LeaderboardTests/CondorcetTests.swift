// Majorities between models: circles, winners and reversals on pools of a few tasks.

import Core
import TestSupport
import Testing

@testable import Leaderboard

struct CondorcetTests {
  /// A board of tasks given as orders of models, best first.
  private func board(_ orders: [String]) -> Board {
    let names = Set(orders.joined()).sorted()
    let tasks = orders.indices.map { Toy.task("t\($0)") }
    return Toy.board(
      names.map { name in
        Toy.Model(
          model: String(name), revisions: [],
          results: orders.enumerated().compactMap { place, order in
            let rank = Array(order).firstIndex(of: name)
            return rank.map { Toy.result("t\(place)", [("default", -Double($0), [])]) }
          })
      }, tasks: tasks)
  }

  @Test func `a circle of three has no winner and is its own Smith set`() throws {
    let condorcet = try Condorcet(board(["ABC", "BCA", "CAB"]))
    // A beats B on the first and the third task, and so on round; all have 3 votes.
    #expect(condorcet.models.map(\.votes) == [3, 3, 3])
    #expect(condorcet.wins == [[0, 2, 1], [1, 0, 2], [2, 1, 0]])
    #expect(condorcet.winner == nil)
    #expect(condorcet.smithSet == [0, 1, 2])
    #expect(condorcet.cycles == [[0, 1, 2]])
    #expect(condorcet.reversals.isEmpty)
    #expect(
      condorcet.cycleTable()?.allRows.map { $0.map(\.text) } == [
        ["1", "A", "B", "2", "1"], ["1", "B", "C", "2", "1"], ["1", "C", "A", "2", "1"],
      ])
  }

  @Test func `most votes, and yet beaten by the one that beats all`() throws {
    let condorcet = try Condorcet(board(["ABC", "ABC", "ABC", "BCA", "BCA"]))
    // n = 3. A 3 x 2, B 3 x 1 + 2 x 2, C 2 x 1; A is before B and before C on 3 of 5 tasks.
    #expect(condorcet.models.map(\.name) == ["B", "A", "C"])
    #expect(condorcet.models.map(\.votes) == [7, 6, 2])
    #expect(condorcet.winner == 1)
    #expect(condorcet.smithSet == [1])
    #expect(condorcet.cycles.isEmpty)
    #expect(condorcet.reversals == [.init(upper: 0, lower: 1, margin: 1)])
    #expect(condorcet.beaten == [1, 2, 0])
    #expect(
      condorcet.reversalTable()?.allRows.map { $0.map(\.text) } == [
        ["B", "A", "1", "3", "2", "0"]
      ])
    #expect(condorcet.json["condorcet_winner"] == .string("A"))
    #expect(condorcet.json["smith_set"] == .strings(["A"]))
    let answers = condorcet.verdictTable.allRows.map { $0[1].text }
    #expect(answers == ["B", "A", "A", "1", "0"])
  }

  @Test func `a circle below a winner is found, and the winner is alone in the Smith set`() throws {
    let condorcet = try Condorcet(board(["WABC", "WBCA", "WCAB"]))
    #expect(condorcet.winner == 0)
    #expect(condorcet.smithSet == [0])
    #expect(condorcet.cycles == [[1, 2, 3]])
  }

  @Test func `equal scores speak for neither, and a score is better than none`() throws {
    let condorcet = try Condorcet(
      Toy.board(
        [
          Toy.model("A", ["one": 0.5, "two": 0.1, "three": nil]),
          Toy.model("B", ["one": 0.5, "two": nil, "three": nil]),
          Toy.model("C", ["one": nil, "two": nil, "three": 0.1]),
        ], tasks: ["one", "two", "three"].map { Toy.task($0) }))
    // n = 3. A 1.5 + 2, B 1.5, C 2. A and B tie on one; both lack three.
    #expect(condorcet.models.map(\.name) == ["A", "C", "B"])
    #expect(condorcet.wins == [[0, 2, 1], [1, 0, 1], [0, 1, 0]])
    #expect(condorcet.ties[0][2] == 1)
    #expect(condorcet.winner == 0)
  }

  @Test func `some of the models, in order of votes, counted against the whole pool`() throws {
    let board = board(["ABC", "ABC", "ABC", "BCA", "BCA"])
    let condorcet = try Condorcet(board, models: ["C", "A"])
    #expect(condorcet.models.map(\.name) == ["A", "C"])
    #expect(condorcet.models.map(\.votes) == [6, 2])
    let table = condorcet.matrixTable()
    #expect(
      table.allRows.map { $0.map(\.text) } == [
        ["1", "A", "6", "–", "3", "1"], ["2", "C", "2", "2", "–", "0"],
      ])
    #expect(table.allRows[0][4].isBest)
    #expect(!table.allRows[1][3].isBest)
    #expect(
      condorcet.records.allRows.map { $0.prefix(7).map(\.data) } == [
        ["A", "C", "6", "2", "3", "2", "0"]
      ])
    #expect(throws: Failure.self) { try Condorcet(board, models: ["D"]) }
  }

  @Test(arguments: 0..<40) func `majorities hold together on random pools`(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let tasks = (0..<Int.random(in: 1...6, using: &random)).map { Toy.task("t\($0)") }
    let models = (0..<Int.random(in: 1...8, using: &random)).map { model in
      Toy.Model(
        model: "m\(model)", revisions: [],
        results: tasks.compactMap { task in
          let score = Int.random(in: -1...3, using: &random)
          return score < 0 ? nil : Toy.result(task.name, [("default", Double(score), [])])
        })
    }
    let condorcet = try Condorcet(Toy.board(models, tasks: tasks))
    let all = condorcet.models.indices
    for a in all {
      #expect(condorcet.wins[a][a] == 0)
      for b in all where a != b {
        #expect(condorcet.ties[a][b] == condorcet.ties[b][a])
        let counted = condorcet.wins[a][b] + condorcet.wins[b][a] + condorcet.ties[a][b]
        #expect(counted <= condorcet.tasks)
      }
    }
    // The Smith set: its members beat all others, and no smaller set of models does the same.
    let smith = Set(condorcet.smithSet)
    func dominates(_ set: Set<Int>) -> Bool {
      set.allSatisfy { a in all.allSatisfy { set.contains($0) || condorcet.beats(a, $0) } }
    }
    #expect(dominates(smith))
    for bits in 1..<(1 << all.count) where bits.nonzeroBitCount < smith.count {
      #expect(!dominates(Set(all.filter { bits & (1 << $0) != 0 })))
    }
    if let winner = condorcet.winner { #expect(smith == [winner]) }
    for cycle in condorcet.cycles {
      #expect(cycle.count >= 3)
      for (a, b) in zip(cycle, cycle.dropFirst() + cycle.prefix(1)) {
        #expect(condorcet.beats(a, b))
      }
    }
    for pair in condorcet.reversals {
      #expect(condorcet.models[pair.upper].votes > condorcet.models[pair.lower].votes)
      #expect(condorcet.beats(pair.lower, pair.upper))
    }
  }
}
