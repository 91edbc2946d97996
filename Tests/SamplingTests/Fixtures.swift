// How the recorded streams and cuts beside the tests are read and compared with.

import Core
import Foundation
import TestSupport
import Testing

func fixture(_ name: String) throws -> JSON {
  let folder = Repository.root.appending(path: "Tests/SamplingTests/Fixtures")
  return try JSON(parsing: Array(Data(contentsOf: folder.appending(path: name))))
}

/// One recorded case, which a test's log names by its settings.
struct Case: Sendable, CustomTestStringConvertible {
  let json: JSON

  subscript(key: String) -> JSON? { json[key] }

  var testDescription: String {
    (json.members?.entries ?? []).compactMap { key, value in
      value.string.map { "\(key) \($0)" } ?? value.integer.map { "\(key) \($0)" }
    }.joined(separator: ", ")
  }
}

/// The cases of a fixture; none where it cannot be read, which the tests that count them notice.
func cases(_ name: String, _ key: String = "cases") -> [Case] {
  ((try? fixture(name))?[key]?.array ?? []).map { Case(json: $0) }
}

func integers(_ json: JSON?) -> [Int] { (json?.array ?? []).compactMap(\.integer) }

/// A list of numbers as the fixtures keep it: its length, its first eight numbers, a digest.
struct Short: Equatable {
  var count: Int
  var head: [Int]
  var digest: Int

  init(_ values: [Int]) {
    count = values.count
    head = Array(values.prefix(8))
    digest = values.reduce(0) { ($0 * 1_000_003 + $1) % 2_147_483_648 }
  }

  init(_ json: JSON?) throws {
    count = try #require(json?["count"]?.integer)
    head = integers(json?["head"])
    digest = try #require(json?["digest"]?.integer)
  }
}

/// The objects of a file with one JSON text per line.
func lines(_ url: URL) throws -> [JSON] {
  try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
    try JSON(parsing: String($0))
  }
}
