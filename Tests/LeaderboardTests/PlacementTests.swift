// Own models in a pool, and pools frozen into a file: the same places by any way.

import Core
import Foundation
import Testing

@testable import Leaderboard

private let tasks = [
  Toy.task("one"), Toy.task("two", type: "Retrieval"),
  Toy.task(
    "many", type: "Clustering", splits: ["test", "dev"],
    subsets: [("en", ["eng-Latn"]), ("de", ["deu-Latn"]), ("fr", ["fra-Latn"])]),
]
private let benchmark = Benchmark(name: "Toy", tasks: tasks)

private func frame(_ models: [Toy.Model]) -> Frame {
  Frame(pool: Toy.pool(models), benchmark: benchmark)
}

private func board(_ frame: Frame, _ rules: Rules = .current) -> Board {
  Board(frame: frame, benchmark: benchmark, rules: rules, hash: Toy.fnv1a)
}

private func placement(
  _ own: Frame, in pool: Frame, _ insertion: Insertion, rules: Rules = .current,
  replacing: Bool = false
) throws -> Placement {
  try Placement(
    of: own, in: pool, benchmark: benchmark, rules: rules, insertion: insertion,
    replacing: replacing, hash: Toy.fnv1a)
}

/// Freezes, writes, reads, thaws.
private func thawed(_ frame: Frame, _ rules: Rules = .current) throws -> Frame {
  let lines = FrozenPool(board(frame, rules), hash: Toy.fnv1a).lines(hash: Toy.fnv1a)
  let pool = try FrozenPool(
    reading: Array(lines.joined(separator: "\n").utf8), file: "pool.json", hash: Toy.fnv1a)
  return try pool.frame(of: benchmark, file: "pool.json", hash: Toy.fnv1a)
}

@Suite struct `A placement` {
  private let three = frame([
    Toy.model("A", ["one": 0.9, "two": 0.1]), Toy.model("B", ["one": 0.5, "two": 0.5]),
    Toy.model("C", ["one": 0.1, "two": 0.3]),
  ])

  @Test func `counts votes anew with the own model in the pool`() throws {
    let own = frame([Toy.model("X", ["one": 0.6, "two": 0.2])])
    let placed = try #require(try placement(own, in: three, .oneAtATime).placed.first)
    // n = 4. one: A 3, X 2, B 1, C 0. two: B 3, C 2, X 1, A 0. B 4; A 3 and X 3; C 2.
    #expect(placed.standing.votes == 3 && placed.standing.rank == 2 && placed.of == 4)
    #expect(placed.above == .init(model: "A", votes: 3, gap: 0))
    #expect(placed.below == .init(model: "C", votes: 2, gap: 1))
    #expect(placed.behind == 1)
    #expect(placed.pool.models == 4 && placed.change.before.models == 3)
    #expect(placed.pool.hash != placed.change.before.hash)
    // Alone: one A 2, B 1, C 0; two B 2, C 1, A 0: B 3, A 2, C 1. The order stays.
    #expect(placed.change.moved == 0 && placed.change.swaps.isEmpty)
  }

  @Test func `names the models of the pool that it makes swap places`() throws {
    let pool = frame([
      Toy.model("A", ["one": 0.9, "two": 0.4]), Toy.model("B", ["one": 0.8, "two": 0.6]),
      Toy.model("C", ["one": 0.7, "two": 0.5]),
    ])
    // Alone: one A 2, B 1, C 0; two B 2, C 1, A 0: B 3, A 2, C 1.
    let own = frame([
      Toy.model("X", ["two": 0.45]), Toy.model("Y", ["two": 0.47]), Toy.model("Z", ["two": 0.49]),
    ])
    // Together n = 6. one: A 5, B 4, C 3. two: B 5, C 4, Z 3, Y 2, X 1, A 0. B 9, C 7, A 5.
    let together = try placement(own, in: pool, .together)
    #expect(together.placed.map(\.standing.model) == ["Z", "Y", "X"])
    #expect(together.placed.allSatisfy { $0.change.swaps == [.init(first: "A", second: "C")] })
    #expect(together.placed.allSatisfy { $0.change.moved == 2 && $0.pool.models == 6 })
    // Each alone n = 4. one: A 3, B 2, C 1. two: B 3, C 2, own 1, A 0. B 5, A 3, C 3: a tie, no swap.
    let alone = try placement(own, in: pool, .oneAtATime)
    #expect(alone.placed.allSatisfy { $0.change.swaps.isEmpty && $0.change.moved == 1 })
    #expect(Set(alone.placed.map(\.pool.hash)).count == 3)
  }

  @Test func `refuses a model of both unless it is to replace the pool's`() throws {
    let own = frame([Toy.model("A", ["one": 0.1, "two": 0.1])])
    let refused = #expect(throws: Failure.self) { try placement(own, in: three, .oneAtATime) }
    #expect(refused?.exitCode == 64 && refused?.subject == "A")
    #expect(refused?.hint?.contains("--replace") == true)
    let placed = try #require(
      try placement(own, in: three, .oneAtATime, replacing: true).placed.first)
    // n = 3. one: B 2, then A and C share ranks 2 and 3: 0.5 each. two: B 2, C 1, A 0.
    #expect(placed.replaces && placed.of == 3 && placed.standing.votes == 0.5)
  }

  @Test func `says whose means go when an own model has a subset that nobody had`() throws {
    let pool = frame([
      Toy.Model(
        model: "A", revisions: [], results: [Toy.result("many", [("en", 0.5, ["eng-Latn"])])])
    ])
    let own = frame([
      Toy.Model(
        model: "X", revisions: [],
        results: [Toy.result("many", [("en", 0.4, ["eng-Latn"]), ("de", 0.4, ["deu-Latn"])])])
    ])
    let all = try placement(own, in: pool, .oneAtATime)
    let placed = try #require(all.placed.first)
    #expect(placed.change.lostMeans == ["A"])
    // Only X is complete now: n = 1, and X second of two gets 1 - 2.
    #expect(placed.pool.models == 1 && placed.standing.votes == -1)
    #expect(all.notes.contains { $0.contains("that A lacks") })
    let old = try placement(own, in: pool, .oneAtATime, rules: .october2025)
    #expect(old.placed.allSatisfy { $0.change.lostMeans.isEmpty })
  }

  @Test func `shows own scores beside the best and the middle of the pool`() throws {
    let own = frame([Toy.model("X", ["one": 0.6, "two": 0.2])])
    let placed = try placement(own, in: three, .oneAtATime)
    let everything = board(three.adding(own))
    let task = placed.report(by: .task, everything: everything).records.allRows
    // one: 0.6 behind A alone; two: 0.2 behind B and C.
    #expect(task.map { $0[0].text } == ["two", "one"])
    #expect(task.map { $0[4] } == [.integer(3), .integer(2)])
    #expect(task.map { $0[6] } == [.score(0.5), .score(0.9)])
    #expect(task.map { $0[8] } == [.score(0.3), .score(0.5)])
    for view in BoardView.allCases {
      let report = placed.report(by: view, everything: everything)
      for format in ReportFormats.all {
        let text = format.render(report, style: .plain)
        #expect(text.contains(placed.pool.hash) || view == .language, "\(view) \(format.name)")
      }
    }
  }
}

@Suite struct `A frozen pool` {
  /// Models made up with gaps: whole tasks missing, subsets and splits missing, ties.
  private static func models(_ names: [String], seed: UInt64) -> [Toy.Model] {
    var state = seed
    func next(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    return names.map { name in
      var results: [TaskResult] = []
      for task in tasks where next(6) > 0 {
        let subsets = task.subsets.prefix(Int(next(UInt64(task.subsets.count))) + 1)
        var result = Toy.result(
          task.name,
          subsets.map { ($0.name, Double(next(40)) / 39, $0.languages.map(\.description)) },
          date: 1_760_000_000)
        if task.splits.count > 1, next(2) > 0 {
          result.splits.append(
            .init(
              name: "dev",
              rows: subsets.map {
                .init(
                  subset: $0.name, languages: [], mainScore: Double(next(1000)) / 999,
                  scores: Scores())
              }))
        }
        results.append(result)
      }
      return Toy.Model(model: name, revisions: ["r\(next(3))"], results: results)
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func `ranks and places as the folder that it was frozen from`(seed: UInt64) throws {
    let pool = frame(Self.models((0..<9).map { "pool/\($0)" }, seed: seed))
    // One own model is also one of the pool, and replaces it.
    let own = frame(Self.models(["own/a", "own/b", "pool/3"], seed: seed + 100))
    for rules in Rules.allCases {
      let frozen = try thawed(pool, rules)
      let (a, b) = (board(pool, rules), board(frozen, rules))
      #expect(a.models == b.models && a.hiddenModels == b.hiddenModels && a.pool == b.pool)
      for view in [BoardView.ranking, .task, .type] {
        let (one, other) = (a.report(by: view), b.report(by: view))
        #expect(one.tables == other.tables && one.records == other.records)
        #expect(one.json == other.json)
      }
      for insertion in Insertion.allCases {
        let one = try placement(own, in: pool, insertion, rules: rules, replacing: true)
        let other = try placement(own, in: frozen, insertion, rules: rules, replacing: true)
        #expect(one.placed == other.placed)
        // What the placement says of the changed pool is what reading everything anew says.
        let names = Set(own.models.map(\.name))
        if insertion == .together {
          let anew = board(
            frame(
              Self.models((0..<9).map { "pool/\($0)" }, seed: seed).filter {
                !names.contains($0.model)
              } + Self.models(["own/a", "own/b", "pool/3"], seed: seed + 100)), rules)
          let standings = Dictionary(uniqueKeysWithValues: anew.everyone.map { ($0.model, $0) })
          #expect(one.placed.allSatisfy { $0.standing == standings[$0.standing.model] })
          #expect(one.placed.allSatisfy { $0.pool == anew.pool })
        }
      }
      #expect(!frozen.hasCells && pool.hasCells)
    }
  }

  private func text(_ frame: Frame) -> String {
    FrozenPool(board(frame), hash: Toy.fnv1a).lines(hash: Toy.fnv1a).joined(separator: "\n")
  }

  private func read(_ text: String) throws -> FrozenPool {
    try FrozenPool(reading: Array(text.utf8), file: "pool.json", hash: Toy.fnv1a)
  }

  @Test func `is the same file for the same models in any order`() {
    let models = Self.models((0..<6).map { "m/\($0)" }, seed: 11)
    #expect(text(frame(models)) == text(frame(models.reversed())))
    #expect(text(frame(models)) == text(frame(models).withoutCells))
  }

  @Test func `is refused by name wherever it was cut off or edited`() throws {
    let whole = text(frame(Self.models((0..<4).map { "m/\($0)" }, seed: 12)))
    _ = try read(whole)
    for count in stride(from: 0, to: whole.utf8.count - 3, by: 37) {
      let cut = String(decoding: whole.utf8.prefix(count), as: UTF8.self)
      let failure = #expect(throws: Failure.self) { try read(cut) }
      #expect(failure?.subject == "pool.json" && failure?.code == .malformed)
    }
    let edits = [
      ("m/1", "m/9"), ("\"rules\": \"current\"", "\"rules\": \"2025-10\""),
      ("\"n\"", "\"n\""), ("\"cells\": [1", "\"cells\": [2"), ("\"subsets\": 3", "\"subsets\": 4"),
      ("\"subsets\": 3", "\"subsets\": 900000000000"), ("\"coverage\": [0", "\"coverage\": [7"),
      ("[[0, 1]]", "[[0, 9]]"), ("\"r0\"", "\"r7\""), ("\"kind\": \"borda pool\"", "\"kind\": 1"),
      ("\"seal\": \"", "\"seal\": \"0"), ("m/1", "m/2"),
    ]
    for (old, new) in edits where whole.contains(old) && old != new {
      let failure = #expect(throws: Failure.self) {
        try read(whole.replacingOccurrences(of: old, with: new))
      }
      #expect(failure?.subject == "pool.json", "\(old)")
    }
    let later = #expect(throws: Failure.self) {
      try read(whole.replacing("\"schema\": 1", with: "\"schema\": 2"))
    }
    #expect(later?.code == .unsupported)
  }

  @Test func `fits only the benchmark that it is of`() throws {
    let pool = try read(text(frame(Self.models((0..<4).map { "m/\($0)" }, seed: 13))))
    func refusal(_ change: (inout Benchmark) -> Void) -> String? {
      var other = benchmark
      change(&other)
      let failure = #expect(throws: Failure.self) {
        try pool.frame(of: other, file: "pool.json", hash: Toy.fnv1a)
      }
      #expect(failure?.exitCode == 3)
      return failure?.message
    }
    #expect(refusal { $0.name = "Other" } == "is a pool of Toy, not of Other")
    #expect(refusal { $0.tasks.removeLast() }?.contains("without many") == true)
    #expect(refusal { $0.tasks.append(Toy.task("new")) }?.contains("with new") == true)
    #expect(refusal { $0.tasks.reverse() }?.contains("another order") == true)
    #expect(
      refusal { $0.tasks[2].subsets.swapAt(0, 1) }?.contains("many has other subsets") == true)
    #expect(refusal { $0.tasks[2].splits.removeLast() }?.contains("many has other") == true)
  }
}
