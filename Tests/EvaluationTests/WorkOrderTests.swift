// The order of a run that may be cut off, by hand; and the pace that says what it has time for.

import Core
import Foundation
import Testing

@testable import Evaluation

private func item(_ type: String, _ languages: [String], _ cost: Int) -> WorkOrder.Item {
  WorkOrder.Item(
    type: TaskType(rawValue: type), languages: Set(languages.compactMap(Language.init)), cost: cost)
}

@Suite struct `The order of work` {
  @Test func `puts what says most for each text first`() {
    let items = [
      item("STS", ["eng"], 1000), item("STS", ["eng"], 1000), item("Retrieval", ["eng"], 5000),
      item("Bitext", ["deu", "fra"], 2000),
    ]
    // Three types, three languages, four tasks. An STS task: (1/3 + 1/3 + 1/4) / 1000 = 9.2e-4,
    // bitext (1/3 + 2/3 + 1/4) / 2000 = 6.3e-4, retrieval 1.8e-4. After the first STS task, the
    // second is worth (1/2 / 3 + 1/2 / 3 + 1/4) / 1000 = 5.8e-4: less than bitext.
    #expect(WorkOrder.order(items) == [0, 3, 1, 2])
  }

  @Test func `knows what is finished`() {
    let items = [item("STS", ["eng"], 1000), item("Bitext", ["deu", "fra"], 1900)]
    // Two types, three languages, two tasks: (1/2 + 1/3 + 1/2) / 1000 = 1.3e-3 before
    // (1/2 + 2/3 + 1/2) / 1900 = 8.8e-4.
    #expect(WorkOrder.order(items) == [0, 1])
    // With an STS task done, three tasks: (1/4 + 1/6 + 1/3) / 1000 = 7.5e-4 after
    // (1/2 + 2/3 + 1/3) / 1900 = 7.9e-4.
    #expect(WorkOrder.order(items, finished: [item("STS", ["eng"], 1000)]) == [1, 0])
  }

  @Test func `has every task once, and the first of equals first`() {
    let same = Array(repeating: item("STS", ["eng"], 10), count: 5)
    #expect(WorkOrder.order(same) == [0, 1, 2, 3, 4])
    #expect(WorkOrder.order([]) == [])
    // Costs below the least count alike.
    #expect(WorkOrder.order([item("A", ["eng"], 90), item("B", ["eng"], 10)]) == [0, 1])
  }

  @Test func `goes through the languages of a task before any comes again`() {
    let cells = [["eng", "deu"], ["eng", "fra"], ["deu", "fra"], ["spa", "por"]].map { pair in
      Cell(
        subset: Subset(
          name: pair.joined(separator: "-"), languages: pair.compactMap(Language.init)),
        split: "test")
    }
    // First round: eng-deu and spa-por; then eng-fra, then deu-fra, whose fra has just been.
    #expect(WorkOrder.spread(cells) == [0, 3, 1, 2])
  }

  @Test func `of forty thousand subsets takes no time to speak of`() {
    let languages = (0..<200).compactMap { number in
      Language(
        "a" + String(UnicodeScalar(97 + UInt8(number / 26)))
          + String(UnicodeScalar(97 + UInt8(number % 26))))
    }
    let cells = languages.flatMap { one in
      languages.filter { $0 != one }.map { other in
        Cell(subset: Subset(name: "\(one)-\(other)", languages: [one, other]), split: "test")
      }
    }
    let order = WorkOrder.spread(cells)
    #expect(Set(order).count == 39_800)
    let first = Set(order.prefix(100).flatMap { cells[$0].subset.languages })
    #expect(first.count > 150)
  }
}

@Suite struct `A run's pace` {
  private static func task(_ name: String, _ type: TaskType) -> TaskDefinition {
    TaskDefinition(
      name: name, type: type, subsets: [], splits: ["test"], mainScore: "x",
      data: .path(URL(filePath: "/x"), sha256: nil), file: URL(filePath: "/x.yaml"))
  }

  @Test func `is the task's own, else with caution that of its type or of all`() {
    var pace = Pace()
    let (one, same, other) = (
      Self.task("A", .sts), Self.task("B", .sts), Self.task("C", .retrieval)
    )
    #expect(pace.mostSeconds(texts: 5, of: one) == nil)
    pace.add(texts: 10, seconds: 20, of: one)
    // Two seconds a text; half as much again within the type, twice as much beyond it.
    #expect(pace.mostSeconds(texts: 5, of: one) == 10)
    #expect(pace.mostSeconds(texts: 5, of: same) == 15)
    #expect(pace.mostSeconds(texts: 5, of: other) == 20)
    #expect([one, same, other].map { pace.seconds(texts: 5, of: $0) } == [10, 10, 10])
  }

  @Test func `tells what there is time for`() {
    let clock = RunClock(until: .now + .seconds(3600))
    let task = Self.task("A", .sts)
    // Nothing is known: tried. Then 3,000 seconds a text, and an hour has 3,600.
    #expect(clock.hasTime(for: 1_000_000, of: task))
    clock.add(texts: 1, seconds: 3000, of: task)
    #expect(clock.hasTime(for: 1, of: task))
    #expect(!clock.hasTime(for: 2, of: task))
    #expect(!RunClock(until: .now - .seconds(1)).hasTime(for: 0, of: task))
  }
}
