// What is kept of unfinished tasks: every cell at once, at a bounded cost, whatever happens to the
// files; and what processes that were killed leave behind.

import Core
import Foundation
import Storage
import TestSupport
import Testing

private let model = ModelIdentity(name: "org/model", revision: "r1", dimensions: 2, engine: "toy")
private let inputs = ["a": "1"]

private func result(_ rows: [TaskResult.Row]) -> TaskResult {
  TaskResult(
    taskName: "T", datasetRevision: "d", mtebVersion: nil,
    splits: [.init(name: "test", rows: rows)], evaluationTime: nil, date: nil)
}

private func row(_ number: Int) -> TaskResult.Row {
  TaskResult.Row(
    subset: "s\(number)", languages: ["eng-Latn"], mainScore: 1 / Double(number + 3),
    scores: Scores())
}

private func cost(_ number: Int) -> CellCost {
  var cost = CellCost()
  cost.texts = number
  cost.notes = ["note \(number)"]
  cost.seconds = ["embed": 0.5]
  return cost
}

/// Keeps so many cells, one after the other; calls `body` after each with the number so far.
private func keep(
  _ count: Int, in store: ResultStore, _ body: (Int) throws -> Void = { _ in }
) throws {
  let keeper = CellKeeper("T", in: store, model: model)
  var rows: [TaskResult.Row] = []
  var sidecar = Sidecar(inputs: inputs)
  for number in 0..<count {
    rows.append(row(number))
    sidecar.add(cost(number))
    try keeper.keep(result([row(number)]), cost: cost(number), finished: rows.count) {
      (result(rows), sidecar)
    }
    try body(rows.count)
  }
}

private func kept(_ store: ResultStore) -> (rows: [TaskResult.Row], sidecar: Sidecar)? {
  store.partial(of: "T", model: model, inputs: inputs)
    .map { ($0.result.splits.flatMap(\.rows), $0.sidecar) }
}

@Suite struct `Cells of an unfinished task` {
  private let journal = "org__model/r1/borda/T.journal"
  private let partial = "org__model/r1/borda/T.partial.json"

  @Test func `are all there after each, with their costs, and each is written a few times only`()
    async throws
  {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      var rewritten = 0
      var size = -1
      try keep(300, in: store) { count in
        let (rows, sidecar) = try #require(kept(store))
        #expect(rows == (0..<count).map(row))
        // 0 + 1 + … + (count - 1)
        #expect(sidecar.cost.texts == count * (count - 1) / 2)
        #expect(sidecar.cost.notes.count == count)
        #expect(sidecar.cost.seconds["embed"] == Double(count) / 2)
        let now = try Data(contentsOf: folder.appending(path: partial)).count
        if now != size { rewritten += count }
        size = now
      }
      #expect(rewritten < 300 * 15)
    }
  }

  @Test func `survive a journal that ends anywhere, up to there`() async throws {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      var whole = Data()
      var base = 0
      // The files as a killed process leaves them, once there are some cells in the journal.
      let copy = try TemporaryFolder()
      try keep(100, in: store) { count in
        let journal = try Data(contentsOf: folder.appending(path: journal))
        let lines = journal.split(separator: UInt8(ascii: "\n")).count
        guard lines == 7, whole.isEmpty else { return }
        whole = journal
        base = count - 6
        try copy.copy(of: folder)
      }
      #expect(base > 0)
      let other = ResultStore(root: copy.url)
      for length in stride(from: 0, through: whole.count, by: 7) {
        try copy.write(whole.prefix(length), to: journal)
        let there = whole.prefix(length).count { $0 == UInt8(ascii: "\n") }
        let (rows, _) = try #require(kept(other))
        // A last line that lacks nothing but its end is whole too.
        #expect([0, 1].contains(rows.count - (base + max(0, there - 1))), "\(length)")
        #expect(rows == (0..<rows.count).map(row))
      }
      try copy.write(Data(count: whole.count), to: journal)
      #expect(kept(other)?.rows.count == base)
      // A journal that follows another file counts for nothing.
      try copy.write(whole, to: journal)
      try other.keepPartial(result([row(0)]), sidecar: Sidecar(inputs: inputs), model: model)
      #expect(kept(other)?.rows.count == 1)
    }
  }

  @Test func `are there for one program to read once the task is left`() async throws {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      let keeper = CellKeeper("T", in: store, model: model)
      let all = (0..<20).map(row)
      for number in all.indices {
        try keeper.keep(result([row(number)]), cost: cost(number), finished: number + 1) {
          (result(Array(all[...number])), Sidecar(inputs: inputs))
        }
      }
      #expect(keeper.needsClosing)
      try keeper.close((result(all), Sidecar(inputs: inputs)))
      #expect(!keeper.needsClosing)
      let json = try JSON(parsing: try folder.text(of: partial))
      #expect(json["rows"]?["scores"]?["test"]?.array?.count == 20)
    }
  }

  @Test func `that somebody has changed are damaged, those of other inputs are not`() async throws {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      try store.keepPartial(result([row(0)]), sidecar: Sidecar(inputs: inputs), model: model)
      #expect(store.unfinished("T", model: model, inputs: ["a": "2"]) == .other)
      #expect(store.unfinished("U", model: model, inputs: inputs) == .absent)
      let text = try folder.text(of: partial)
      // A third is 0.3333333333333333.
      try folder.write(partial, text.replacing("0.3333", with: "0.4333"))
      guard case .damaged = store.unfinished("T", model: model, inputs: inputs) else {
        Issue.record("changed rows pass for kept ones")
        return
      }
    }
  }
}

@Suite struct `What dead processes leave` {
  @Test func `is swept away, what living ones write is not`() async throws {
    try await withTemporaryFolder { folder in
      let store = ResultStore(root: folder)
      try store.keep(
        result([row(0)]), sidecar: Sidecar(inputs: inputs), model: model)
      let own = Leftovers.temporary(for: folder.appending(path: "org__model/r1/T.json"))
      let name = own.lastPathComponent
      let process = "-\(getpid())-"
      #expect(name.hasPrefix(".T.json.") && name.contains(process))
      // No process has so high a number.
      let dead = name.replacing(process, with: "-999999999-")
      let elsewhere = dead.replacing(/\.[0-9a-f]{8}-/, with: ".00000000-")
      let places = ["", "borda/", "borda/details/", "borda/failures/"].map { "org__model/r1/\($0)" }
      for place in places {
        for name in [name, dead, elsewhere] { try folder.write(place + name, "half") }
        try folder.write("\(place).hidden", "mine")
      }
      try folder.write("org__model/r1/borda/T.lock", "")
      #expect(try store.prepare(for: model) == nil)
      let held = try #require(try store.lock("T", model: model))
      #expect(try store.lock("T", model: model) == nil)
      _ = try store.prepare(for: model)
      #expect(try store.lock("T", model: model) == nil)
      for place in places {
        let names = try FileManager.default.contentsOfDirectory(
          atPath: folder.appending(path: place).path(percentEncoded: false))
        #expect(
          names.filter { $0.hasPrefix(".") }.sorted() == [".hidden", elsewhere, name].sorted())
      }
      held.releaseAndRemove()
      #expect(!exists(folder.appending(path: "org__model/r1/borda/T.lock")))
      let again = try store.lock("T", model: model)
      #expect(again != nil)
    }
  }
}
