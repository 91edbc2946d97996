// Every file of a folder of results, damaged in every way: the next run says so and mends it.

import Core
import Evaluation
import Foundation
import Storage
import TestSupport
import Testing

/// Ways in which a disk or a person can damage a file.
private enum Damage: CaseIterable {
  case empty, oneByte, quarter, half, allButTwo, zeros, noise, otherJSON, otherKind

  func applied(to data: Data) -> Data {
    var random = SplitMix(state: UInt64(data.count))
    return switch self {
    case .empty: Data()
    case .oneByte: data.prefix(1)
    case .quarter: data.prefix(data.count / 4)
    case .half: data.prefix(data.count / 2)
    case .allButTwo: data.dropLast(2)
    case .zeros: Data(count: data.count)
    case .noise: Data((0..<data.count).map { _ in UInt8.random(in: 0...255, using: &random) })
    case .otherJSON: Data("{}\n".utf8)
    case .otherKind: Data("[1, 2, null]\n".utf8)
    }
  }
}

@Suite struct `Damaged results` {
  /// Runs twice on copies of `made` with one file damaged, and compares with `wanted`.
  private func expectMended(
    _ bench: SubsetsBench, _ made: String, wanted: [String: String]
  ) async throws {
    let paths = try bench.contents(made).keys.sorted()
    for path in paths {
      for damage in Damage.allCases {
        let copy = try TemporaryFolder()
        try copy.copy(of: bench.folder.appending(path: made))
        let data = try Data(contentsOf: copy.url.appending(path: path))
        try copy.write(damage.applied(to: data), to: path)
        let store = ResultStore(root: copy.url)
        let log = RunLog()
        let embedder = ToyEmbedder()
        let note = try store.prepare(for: embedder.model)
        var runner = Runner(
          embedder: embedder, prompts: Prompts(), store: store, locator: DataLocator())
        runner.keepsDetails = true
        let summary = await runner.run(Selection(tasks: bench.tasks)) { log.add($0) }
        let place: Comment = "\(path), \(damage)"
        #expect(summary.failed.isEmpty, place)
        #expect(note != nil || !log.complaints.isEmpty, place)
        let found = try SubsetsBench.contents(below: copy.url)
        #expect(found.keys.sorted() == wanted.keys.sorted(), place)
        for (path, text) in wanted { #expect(found[path] == text, "\(path) after \(place)") }
      }
    }
  }

  @Test(arguments: ["STS", "Clustering"])
  func `are noticed and made again, whichever file it is`(type: String) async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(type, in: folder)
      let runner = bench.runner(ToyEmbedder(), "whole", keepsDetails: true)
      #expect(await runner.run(Selection(tasks: bench.tasks)) { _ in }.evaluated == ["A"])
      try await expectMended(bench, "whole", wanted: try bench.contents("whole"))
    }
  }

  @Test func `of an unfinished task are noticed too, and the task is finished`() async throws {
    try await withTemporaryFolder { folder in
      let bench = try SubsetsBench(in: folder)
      let selection = Selection(tasks: bench.tasks)
      _ = await bench.runner(ToyEmbedder(), "whole", keepsDetails: true).run(selection) { _ in }
      let dying = ToyEmbedder(failsAt: "A spa 0")
      let first = await bench.runner(dying, "part", keepsDetails: true).run(selection) { _ in }
      #expect(first.unfinished.map(\.finished) == [3])
      // The record of the failure is no part of what has to be whole.
      try FileManager.default.removeItem(
        at: bench.store("part").folder(of: dying.model).appending(path: "borda/failures"))
      let partial = try bench.contents("part").keys.filter { $0.hasSuffix(".partial.json") }
      #expect(partial.count == 1)
      try await expectMended(bench, "part", wanted: try bench.contents("whole"))
    }
  }
}
