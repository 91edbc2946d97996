// Transforms that look at one row at a time: blocks stream through them, and come out as if all rows
// had been there at once.

import Core
import Foundation
import Testing

@testable import Datasets

struct TransformStreamTests {
  private static let count = 30_000
  let place: Workplace

  /// Rows of some 40 bytes: about five blocks of reading.
  init() throws {
    place = try Workplace()
    let rows = (0..<Self.count).map {
      #"{"text": "sentence \#($0)", "label": \#($0 % 3), "n": \#($0)}"#
    }
    try place.write("test.jsonl", rows.joined(separator: "\n"))
  }

  private func read(
    _ transforms: [Transform], _ columns: [Column]
  ) async throws -> (rows: [[JSON]], blocks: Int) {
    let data = try DataFolder(place.root, transforms: transforms, duckDB: nil)
    var rows: [[JSON]] = []
    var blocks = 0
    try await data.forEachBlock(of: 1, configuration: "default", split: "test", columns: columns) {
      rows += $0
      blocks += 1
    }
    return (rows, blocks)
  }

  private static func wholeNumber(_ text: String) -> Transform.Scalar {
    Transform.Scalar(text, isText: false)
  }

  @Test func `rows are kept, changed and counted across blocks`() async throws {
    let (rows, blocks) = try await read(
      [
        .keep(column: "label", values: [Self.wholeNumber("0"), Self.wholeNumber("2")]),
        .map(column: "label", values: [Self.wholeNumber("2"): Self.wholeNumber("7")]),
        .join(columns: ["label", "text"], separator: ": ", into: "joined"),
        .take(rows: 15_000), .cut(rows: 10, splits: ["train"], by: nil),
      ], ["joined", "n"])
    // Two of three rows stay; 15,000 of them are the first 22,500 without every third.
    let expected = (0..<22_500).filter { $0 % 3 != 1 }.map { n -> [JSON] in
      [.string("\(n % 3 == 2 ? 7 : 0): sentence \(n)"), .integer(n)]
    }
    #expect(rows.count == 15_000 && rows == expected && blocks > 2)
  }

  @Test func `one that draws from all rows has all of them first`() async throws {
    let (rows, blocks) = try await read([.cut(rows: 1000, splits: ["test"], by: nil)], ["n"])
    #expect(rows.count == 1000 && blocks == 1)
  }

  @Test func `a fault is told with its row, whatever the block`() async throws {
    var lines = try String(contentsOf: place.root.appending(path: "test.jsonl"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
    lines[25_000] = #"{"text": ["a"], "label": 1, "n": 0}"#
    try place.write("test.jsonl", lines.joined(separator: "\n"))
    let failure = await #expect(throws: Failure.self) {
      _ = try await read(
        [.join(columns: ["text", "label"], separator: " ", into: "joined")], ["joined"])
    }
    #expect(failure?.message == "row 25001: column 'text' is no text and no number")
  }

  @Test func `every transform is known to stream or not`() {
    let all: [(Transform, Bool)] = [
      (.split(name: "a", from: ["b"]), false), (.subset(column: "a"), false),
      (.configuration(name: "a"), false), (.codeColumns(pivot: "a"), false),
      (.take(rows: 1), false), (.keep(column: "a", values: []), false),
      (.map(column: "a", values: [:]), false), (.flatten(columns: ["a"]), false),
      (.join(columns: ["a"], separator: "", into: "b"), false),
      (.separate(column: "a", separator: ".", levels: nil), false),
      (.passages(query: "a", passage: "b", link: "c"), true),
      (.chunk(columns: ["a"], count: 1), true), (.dropSingle(column: "a"), true),
      (.cut(rows: 1, splits: ["a"], by: nil), true),
      (.divide(split: "a", train: 1, test: 1, by: "b"), true),
    ]
    for (transform, needsAll) in all { #expect(transform.needsAllRows == needsAll, "\(transform)") }
  }
}
