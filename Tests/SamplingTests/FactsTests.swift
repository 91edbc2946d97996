// The published test vectors of the reference's random streams, every one of them.

import Core
import Foundation
import TestSupport
import Testing

@testable import Sampling

/// How each vector comes about, by the name it has in the file.
private let facts: [String: @Sendable () throws -> JSON] = [
  "RandomState(42).shuffle(list(range(1000)))[:10]": {
    var random = NumPyLegacyRandom(seed: 42)
    return list(random.permutation(1000).prefix(10))
  },
  "RandomState(42).shuffle(list(range(10)))": {
    var random = NumPyLegacyRandom(seed: 42)
    var rows = Array(0..<10)
    random.shuffle(&rows)
    return list(rows)
  },
  "RandomState(42).randint(0,16384,5)": {
    var random = NumPyLegacyRandom(seed: 42)
    return list(random.integers(below: 16384, count: 5))
  },
  "RandomState(42).random_sample(3)": {
    var random = NumPyLegacyRandom(seed: 42)
    return .array(random.uniforms(3).map { .number($0) })
  },
  "random.Random(42).random() x3": {
    var random = PythonRandom(seed: 42)
    return .array((0..<3).map { _ in .number(random.uniform()) })
  },
  "random.Random(42).sample(range(20),k=5)[:5]": { sample(20, 5) },
  "  then .choices(range(5),k=5)": { choices(20, 5) },
  "random.Random(42).sample(range(2048),k=81)[:5]": { sample(2048, 81) },
  "  then .choices(range(81),k=5)": { choices(2048, 81) },
  "random.Random(42).sample(range(53787),k=2151)[:5]": { sample(53787, 2151) },
  "  then .choices(range(2151),k=5)": { choices(53787, 2151) },
  "random.Random(42).sample(range(2556),k=2556)[:5]": { sample(2556, 2556) },
  "  then .choices(range(2556),k=5)": { choices(2556, 2556) },
  "random.Random(42).sample(range(28672),k=2048)[:5]": { sample(28672, 2048) },
  "  then .choices(range(2048),k=5)": { choices(28672, 2048) },
  "default_rng(42).shuffle(list(range(1000)))[:6]": { shuffled(1000, 6) },
  "default_rng(42).permutation(1000)[:6]": { permuted(1000, 6) },
  "default_rng(42).shuffle(list(range(10)))": { shuffled(10, 10) },
  "default_rng(42).permutation(10)": { permuted(10, 10) },
  "default_rng(42).random(3)": {
    var random = PCG64(seed: 42)
    return .array((0..<3).map { _ in .number(random.uniform()) })
  },
  "default_rng(42) raw u64 x3": {
    // The reader of JSON gives whole numbers beyond 2^63 as doubles; the streams' own test has
    // the exact words.
    var random = PCG64(seed: 42)
    return .array(
      (0..<3).map { _ in
        let word = random.nextUInt64()
        return Int(exactly: word).map { .integer($0) } ?? .number(Double(word))
      })
  },
  "default_rng(42).choice(arange(100),10,replace=False)": {
    var random = PCG64(seed: 42)
    return list(random.choice(of: 100, count: 10))
  },
  "stratified split: labels=[i%3 for i in 0..<30], n_test=9, seed 42 -> test indices": {
    list(try Cuts.stratified((0..<30).map { $0 % 3 }, to: 9))
  },
  "classification undersample: 60 rows, label=(i*7)%3, 2 per label, experiments 0..2": {
    let drawn = classificationSamples(labels: (0..<60).map { ($0 * 7) % 3 }, perLabel: 2)
    return .array(drawn.prefix(3).map { list($0) })
  },
]

private func list(_ values: some Sequence<Int>) -> JSON { .array(values.map { .integer($0) }) }

private func sample(_ n: Int, _ count: Int) -> JSON {
  var random = PythonRandom(seed: 42)
  return list(random.sample(n, count: count).prefix(5))
}

private func choices(_ n: Int, _ count: Int) -> JSON {
  var random = PythonRandom(seed: 42)
  _ = random.sample(n, count: count)
  return list(random.choices(count, count: 5))
}

private func shuffled(_ n: Int, _ kept: Int) -> JSON {
  var random = PCG64(seed: 42)
  var rows = Array(0..<n)
  random.shuffle(&rows)
  return list(rows.prefix(kept))
}

private func permuted(_ n: Int, _ kept: Int) -> JSON {
  var random = PCG64(seed: 42)
  return list(random.permutation(n).prefix(kept))
}

@Suite struct `The published vectors of the reference's streams` {
  @Test func `are all reproduced`() throws {
    try expectAll(try fixture("facts.json"))
  }

  @Test(.enabled(if: Shared.isPresent, Shared.reason))
  func `are all reproduced from the reference material`() throws {
    let url = Shared.url("facts/rng_test_vectors.json")
    try expectAll(try JSON(parsing: Array(Data(contentsOf: url))))
  }

  private func expectAll(_ file: JSON) throws {
    let vectors = try #require(file.members)
    #expect(vectors.keys.count == 24)
    for (name, expected) in vectors.entries {
      let compute = try #require(facts[name], "no computation for the vector '\(name)'")
      #expect(try compute() == expected, "\(name)")
    }
  }
}
