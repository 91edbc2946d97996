// The three generators, played call by call against scripts recorded from the reference.

import Core
import TestSupport
import Testing

@testable import Sampling

/// One of the generators, driven by the names of the reference's calls.
private enum Player {
  case python(PythonRandom)
  case numpyLegacy(NumPyLegacyRandom)
  case pcg64(PCG64)

  init(_ name: String?, seed: Int) throws {
    switch name {
    case "python": self = .python(PythonRandom(seed: UInt64(seed)))
    case "numpy_legacy": self = .numpyLegacy(NumPyLegacyRandom(seed: UInt32(seed)))
    case "pcg64": self = .pcg64(PCG64(seed: UInt64(seed)))
    default: throw Failure(.malformed, "streams.json", "no generator \(name ?? "named")")
    }
  }

  mutating func doubles(_ call: String, _ k: Int) throws -> [Double] {
    switch (self, call) {
    case (.python(var random), "uniform"):
      defer { self = .python(random) }
      return [random.uniform()]
    case (.numpyLegacy(var random), "uniform"):
      defer { self = .numpyLegacy(random) }
      return [random.uniform()]
    case (.numpyLegacy(var random), "uniforms"):
      defer { self = .numpyLegacy(random) }
      return random.uniforms(k)
    case (.pcg64(var random), "uniform"):
      defer { self = .pcg64(random) }
      return [random.uniform()]
    default: throw Failure(.malformed, "streams.json", "no call \(call)")
    }
  }

  mutating func integers(_ call: String, _ n: Int, _ k: Int) throws -> [Int] {
    switch self {
    case .python(var random):
      defer { self = .python(random) }
      switch call {
      case "below": return [random.below(n)]
      case "sample": return random.sample(n, count: k)
      case "choices": return random.choices(n, count: k)
      default: break
      }
    case .numpyLegacy(var random):
      defer { self = .numpyLegacy(random) }
      switch call {
      case "u32": return [Int(random.nextUInt32())]
      case "below": return [random.below(n)]
      case "integers": return random.integers(below: n, count: k)
      case "permutation": return random.permutation(n)
      case "shuffle": return shuffled(n) { random.shuffle(&$0) }
      default: break
      }
    case .pcg64(var random):
      defer { self = .pcg64(random) }
      switch call {
      case "u32": return [Int(random.nextUInt32())]
      case "permutation": return random.permutation(n)
      case "shuffle": return shuffled(n) { random.shuffle(&$0) }
      case "choice": return random.choice(of: n, count: k)
      default: break
      }
    }
    throw Failure(.malformed, "streams.json", "no call \(call)")
  }

  private func shuffled(_ n: Int, _ shuffle: (inout [Int]) -> Void) -> [Int] {
    var items = Array(100..<(100 + n))
    shuffle(&items)
    return items
  }
}

@Suite struct `The random streams` {
  @Test func `are recorded for three generators`() {
    let generators = cases("streams.json").compactMap { $0["generator"]?.string }
    #expect(Set(generators) == ["python", "numpy_legacy", "pcg64"])
    #expect(generators.count == 43)
  }

  /// Scripts of calls by numpy 2.4.6 and Python 3.11 (Fixtures/make_goldens.py).
  ///
  /// A call that takes more or less from the stream than it should spoils all calls after it.
  @Test(arguments: cases("streams.json"))
  func `equal the reference's call by call`(_ script: Case) throws {
    let generator = script["generator"]?.string
    let seed = try #require(script["seed"]?.integer)
    var player = try Player(generator, seed: seed)
    for (place, step) in (script["steps"]?.array ?? []).enumerated() {
      let call = try #require(step["call"]?.string)
      let n = try #require(step["n"]?.integer)
      let k = try #require(step["k"]?.integer)
      let comment: Comment = "\(generator ?? ""), seed \(seed), call \(place): \(call)(\(n), \(k))"
      if let doubles = step["doubles"]?.array {
        #expect(try player.doubles(call, k) == doubles.compactMap(\.double), comment)
      } else {
        #expect(try Short(player.integers(call, n, k)) == Short(step), comment)
      }
    }
  }

  /// The first output of MT19937 with the seed 5489, and the 10000th that the C++ standard
  /// demands of `mt19937` ([rand.predef]).
  @Test func `the Mersenne Twister has the outputs that the C++ standard names`() {
    var twister = MersenneTwister(word: 5489)
    var outputs = (0..<10_000).map { _ in twister.next() }
    #expect(outputs.first == 3_499_211_612)
    #expect(outputs.popLast() == 4_123_659_995)
  }

  /// The first three of the authors' mt19937ar.out.
  @Test func `the Mersenne Twister has its authors' outputs for a key of four words`() {
    var twister = MersenneTwister(key: [0x123, 0x234, 0x345, 0x456])
    let outputs = (0..<3).map { _ in twister.next() }
    #expect(outputs == [1_067_595_299, 955_945_823, 477_289_528])
  }

  /// The vector of the reference material, all 64 bits of it.
  @Test func `raw words of PCG64 are exact`() {
    var random = PCG64(seed: 42)
    let words = (0..<3).map { _ in random.nextUInt64() }
    #expect(
      words == [14_276_969_152_011_380_360, 8_095_878_257_575_067_585, 15_838_336_090_824_644_132])
  }

  /// 14276969152011380360 = 0xC621FFB7_A37A8288: the low half comes first, and the high half
  /// waits while 64 bits are drawn.
  @Test func `PCG64 hands out the low half first and keeps the high half`() {
    var whole = PCG64(seed: 42)
    let words = [whole.nextUInt64(), whole.nextUInt64(), whole.nextUInt64()]
    var halves = PCG64(seed: 42)
    #expect(halves.nextUInt32() == UInt32(truncatingIfNeeded: words[0]))
    #expect(halves.nextUInt64() == words[1])
    #expect(halves.nextUInt32() == UInt32(words[0] >> 32))
    #expect(halves.nextUInt32() == UInt32(truncatingIfNeeded: words[2]))
  }

  @Test func `a copy of a generator goes its own way`() {
    var first = NumPyLegacyRandom(seed: 42)
    var second = first
    let expected = second.uniforms(700)
    _ = first.permutation(10)
    var third = NumPyLegacyRandom(seed: 42)
    #expect(third.uniforms(700) == expected)
    #expect(first.uniform() != expected[0])
  }

  @Test func `drawing one of nothing stops the program`() async {
    await #expect(processExitsWith: .failure) {
      var random = PythonRandom(seed: 42)
      _ = random.below(0)
    }
    await #expect(processExitsWith: .failure) {
      var random = PCG64(seed: 42)
      _ = random.choice(of: 3, count: 4)
    }
  }
}
