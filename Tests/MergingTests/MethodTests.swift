// Every method on tensors of a few numbers, worked out by hand; then properties on larger ones.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Merging

private func isClose(_ a: [Float], _ b: [Float], _ tolerance: Float = 1e-7) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}

@Suite struct `Linear merges` {
  @Test func `weigh the parents and divide by the sum of the weights`() async throws {
    let trial = try MergeTrial([[0, 4], [8, 0]])
    try await trial.merge(try MergeMethod(.init(weights: [3, 1]), parents: 2))
    // (3·0 + 1·8) / 4 = 2, (3·4 + 1·0) / 4 = 3
    #expect(try trial.merged() == [2, 3])
  }

  @Test(arguments: FloatType.allCases)
  func `of one parent are that parent, bit for bit`(type: FloatType) async throws {
    // Signed zeros, the smallest subnormals of the types, a large and an odd number.
    let values: [Float] = [0, -0.0, 0x1p-24, -0x1p-24, 0x1p-133, 65504, -1.5, 0.333_251_95]
    let bits = type.bytes(of: values)
    let trial = try MergeTrial([MadeUpCheckpoint(MadeUpTensor("w", values, type))])
    try await trial.merge(.linear(weights: [1]))
    let tensor = try Safetensors(folder: trial.out).tensor("w")
    #expect(tensor.type == type.code)
    #expect(tensor.bytes(0..<tensor.byteCount) == bits)
    #expect(
      try Data(contentsOf: trial.out.appending(path: "model.safetensors"))
        == Data(contentsOf: trial.parents[0].appending(path: "model.safetensors")))
  }

  @Test func `of equal parents are those parents`() async throws {
    let tensor = MadeUpTensor.random("w", [50_000], seed: 1)
    let trial = try MergeTrial(Array(repeating: tensor.values, count: 3))
    try await trial.merge(.linear(weights: [1.0 / 3, 1.0 / 3, 1.0 / 3]))
    // The three products add up to x within a few parts in 2^53: far below half a step of f32.
    #expect(try trial.merged() == tensor.values)
  }

  /// Whether weights are multiples of 1/20, whether parents are bfloat16.
  @Test(arguments: [(true, false), (false, false), (true, true)])
  func `in another order differ by one step of f32 at most, unless the parents cancel`(
    isRound: Bool, isNarrow: Bool
  ) {
    let tensors = (1...5).map { seed in
      MadeUpTensor.random("w", [200_000], seed: seed).values.map {
        isNarrow ? Float(bitPattern: $0.bitPattern & 0xFFFF_0000) : $0
      }
    }
    let weights = WeightedSum.normalized(
      isRound ? [0.3, 0.1, 0.25, 0.2, 0.15] : [0.3137, 0.1412, 0.2544, 0.2087, 0.1501])
    let order = [3, 0, 4, 2, 1]
    let a = WeightedSum.of(tensors, weights: weights)
    let b = WeightedSum.of(order.map { tensors[$0] }, weights: order.map { weights[$0] })
    // All terms are below 1; where they cancel to nearly 0, f64 itself leaves 2^-49.
    #expect(
      zip(a, b).allSatisfy {
        $0 == $1 || $0.nextUp == $1 || $0.nextDown == $1 || abs($0 - $1) < 0x1p-49
      })
    // Round weights of numbers on a grid often give exact middles between two f32, which the last
    // bits of f64 decide; others next to never do.
    #expect(zip(a, b).count { $0 != $1 } < (isRound ? 400 : 3))
  }
}

@Suite struct `Slerp` {
  @Test(
    arguments: [
      // A right angle: both factors are sin 45° / sin 90° = 0.70710678; lengths are kept apart.
      ([2, 0], [0, 1], 0.5, [1.41421356, 0.70710678]),
      // 60°: both factors are sin 30° / sin 60° = 0.57735027, and the result points to 30°.
      ([1, 0], [0.5, 0.8660254], 0.5, [0.8660254, 0.5]),
      // 90° at t = 1/3: sin 60° and sin 30°.
      ([1, 0], [0, 1], 1.0 / 3, [0.8660254, 0.5]),
      // 120° at t = 0.25: sin 90° / sin 120° = 1.15470054, sin 30° / sin 120° = 0.57735027;
      // 1.15470054 - 0.5 · 0.57735027 = 0.8660254.
      ([1, 0], [-0.5, 0.8660254], 0.25, [0.8660254, 0.5]),
      // cos = 1 / √1.0001 = 0.99995: straight, (3·1 + 1·1) / 4 and (3·0 + 1·0.01) / 4.
      ([1, 0], [1, 0.01], 0.25, [1, 0.0025]),
      // The same for opposite directions, where no arc is the shortest: (1 - 1) / 2.
      ([1, 0], [-1, 0], 0.5, [0, 0]),
      // A zero has no direction: straight.
      ([0, 0], [2, 4], 0.5, [1, 2]),
      // The ends are the parents.
      ([3, 1], [1, 2], 0, [3, 1]), ([3, 1], [1, 2], 1, [1, 2]),
    ] as [([Float], [Float], Double, [Float])])
  func `goes along the arc between two tensors`(
    a: [Float], b: [Float], t: Double, wanted: [Float]
  ) async throws {
    let trial = try MergeTrial([a, b])
    try await trial.merge(.slerp(t: t))
    let merged = try trial.merged()
    #expect(isClose(merged, wanted, 2e-7), "\(merged)")
  }

  @Test func `takes a tensor as one vector, whatever its shape`() async throws {
    let rows: [Float] = [1, 0, 0, 0]
    let other: [Float] = [0, 0, 0, 1]
    let trial = try MergeTrial(
      [rows, other].map {
        MadeUpCheckpoint(MadeUpTensor("w", $0, shape: [2, 2]))
      })
    let summary = try await trial.merge(.slerp(t: 0.5))
    // Row by row the angle of (1, 0) and (0, 0) would be none.
    #expect(isClose(try trial.merged(), [0.70710678, 0, 0, 0.70710678]))
    #expect(abs((summary.angles?.mean ?? 0) - 90) < 1e-9)
    #expect(summary.straightTensors == 0)
  }
}

@Suite struct `Task arithmetic` {
  @Test func `adds weighted changes to the base`() async throws {
    let trial = try MergeTrial([[2, 2], [1, 4]], base: [1, 2])
    try await trial.merge(.taskArithmetic(weights: [0.5, 0.25]))
    // 1 + 0.5·(2 - 1) + 0.25·(1 - 1) = 1.5; 2 + 0.5·(2 - 2) + 0.25·(4 - 2) = 2.5
    #expect(try trial.merged() == [1.5, 2.5])
  }

  @Test func `has weights of 1 where none are given, and does not divide by their sum`()
    async throws
  {
    let trial = try MergeTrial([[2, 2], [1, 4]], base: [1, 2])
    var choice = MergeMethod.Choice()
    choice.method = "task-arithmetic"
    choice.hasBase = true
    try await trial.merge(try MergeMethod(choice, parents: 2))
    // 1 + 1 + 0, 2 + 0 + 2
    #expect(try trial.merged() == [2, 4])
  }
}

@Suite struct `TIES` {
  /// Parents, base, density, weights, result.
  @Test(
    arguments: [
      // Changes (0.5, -0.25) and (-0.25, 2); one of two is kept: 0.5 and 2.
      ([[1.5, 0.75], [0.75, 3]], [1, 1], 0.5, [1, 1], [1.5, 3]),
      // All are kept: 0.5 - 0.25 >= 0, so 0.5 alone counts; -0.25 + 2 >= 0, so 2 alone.
      ([[1.5, 0.75], [0.75, 3]], [1, 1], 1, [1, 1], [1.5, 3]),
      // Changes 1 and 3 agree: their mean is 2.
      ([[2], [4]], [1], 1, [1, 1], [3]),
      // The same with weights 3 and 1: (3·1 + 1·3) / 4 = 1.5.
      ([[2], [4]], [1], 1, [3, 1], [2.5]),
      // 0.5 - 2 < 0: minus is elected, 1 - 2.
      ([[1.5], [-1]], [1], 1, [1, 1], [-1]),
      // With weights 5 and 1 plus is: 2.5 - 2 >= 0, and 1 + 0.5.
      ([[1.5], [-1]], [1], 1, [5, 1], [1.5]),
      // Equal pulls count as plus: 1 + 0.5.
      ([[1.5], [0.5]], [1], 1, [1, 1], [1.5]),
      // Equal sizes: the lower index is kept.
      ([[1.25, 0.75]], [1, 1], 0.5, [1], [1.25, 1]),
      // ⌊0.5 · 3⌋ = 1 of three.
      ([[2, 3, 4]], [1, 1, 1], 0.5, [1], [1, 1, 4]),
      // ⌊0.4 · 2⌋ = 0: the base.
      ([[2, 3]], [1, 1], 0.4, [1], [1, 1]),
      // Nothing has changed: nothing to divide by.
      ([[1, 1], [1, 1]], [1, 1], 1, [1, 1], [1, 1]),
    ] as [([[Float]], [Float], Double, [Double], [Float])])
  func `trims, elects and averages`(
    parents: [[Float]], base: [Float], density: Double, weights: [Double], wanted: [Float]
  ) async throws {
    let trial = try MergeTrial(parents, base: base)
    try await trial.merge(.ties(weights: weights, density: density))
    #expect(try trial.merged() == wanted)
  }

  @Test func `counts conflicts of sign among what is kept`() async throws {
    let trial = try MergeTrial([[1.5, 2], [0.5, 3]], base: [1, 1])
    let summary = try await trial.merge(.ties(weights: [1, 1], density: 1))
    #expect(summary.conflicts == 0.5)
  }

  /// Three slices, few different sizes, so that thresholds fall among many equal ones.
  @Test(arguments: [0.001, 0.2, 0.5, 0.77, 1])
  func `finds in passes what sorting finds at once`(density: Double) async throws {
    let count = 2 * Slices.length + 777
    let base = MadeUpTensor.random("w", [count], seed: 3).values
    let parents = (10...12 as ClosedRange<UInt64>).map { seed -> [Float] in
      var random = SplitMix(state: seed)
      return base.map { $0 + Float(Int.random(in: -20...20, using: &random)) / 64 }
    }
    let trial = try MergeTrial(parents, base: base)
    try await trial.merge(.ties(weights: [1, 1, 1], density: density))
    let kept = parents.map { values in
      let changes = zip(values, base).map { $0 - $1 }
      let order = changes.indices.sorted {
        (-changes[$0].magnitude, $0) < (-changes[$1].magnitude, $1)
      }
      var trimmed = [Float](repeating: 0, count: count)
      for i in order.prefix(Int((density * Double(count)).rounded(.down))) {
        trimmed[i] = changes[i]
      }
      return trimmed
    }
    let wanted = base.indices.map { i -> Float in
      let sum = kept.reduce(0.0) { $0 + Double($1[i]) }
      let agreeing = kept.map { Double($0[i]) }.filter { sum >= 0 ? $0 > 0 : $0 < 0 }
      let mean = agreeing.isEmpty ? 0 : agreeing.reduce(0, +) / Double(agreeing.count)
      return Float(Double(base[i]) + mean)
    }
    #expect(try trial.merged() == wanted)
  }
}

@Suite struct `Every method` {
  private static let methods: [MergeMethod] = [
    .linear(weights: [0.7, 0.3]), .slerp(t: 0.3), .ties(weights: [1, 1], density: 0.3),
    .taskArithmetic(weights: [0.5, 0.5]),
  ]

  @Test(arguments: methods)
  func `writes the same bytes at any number of threads`(method: MergeMethod) async throws {
    let base = MadeUpTensor.random("w", [Slices.length * 5 + 13], seed: 5)
    let trial = try MergeTrial(
      [1, 2].map { base.changed(by: 0.5, seed: $0).values }, base: base.values)
    var files: [Data] = []
    for threads in [1, 2, 5] {
      try await trial.merge(method) { $0.threads = threads }
      let names = ["model.safetensors", "borda_merge.json", "README.md"]
      files.append(
        try names.map { try Data(contentsOf: trial.out.appending(path: $0)) }.reduce(Data(), +))
      try FileManager.default.removeItem(at: trial.out)
    }
    #expect(Set(files).count == 1)
  }

  @Test(arguments: [
    (["method": "linaer"], 2, "did you mean linear?"),
    (["method": "slerp"], 3, "merges two checkpoints, but 3 are given"),
    (["method": "ties"], 2, "--base"), (["method": "task-arithmetic"], 2, "--base"),
    (["method": "linear", "t": "0.5"], 2, "--t: means nothing to the method linear"),
    (["method": "slerp", "weights": "1,1"], 2, "--weights: means nothing"),
    (["method": "linear", "base": ""], 2, "--base: means nothing"),
    (["method": "linear", "density": "0.5"], 2, "--density: means nothing"),
    (["method": "slerp", "t": "1.5"], 2, "from 0.0 to 1.0"),
    (["method": "slerp", "t": "nan"], 2, "--t"),
    (["method": "ties", "base": "", "density": "0"], 2, "would keep nothing"),
    (["method": "linear", "weights": "1,1"], 3, "2 weights for 3 checkpoints"),
    (["method": "linear", "weights": "1,-1"], 2, "sum 0.0"),
    (["method": "linear", "weights": "1,inf"], 2, "NaN or infinity"),
  ])
  func `refuses options that make no sense`(
    options: [String: String], parents: Int, words: String
  ) {
    var choice = MergeMethod.Choice()
    choice.method = options["method"] ?? "linear"
    choice.t = options["t"].flatMap(Double.init)
    choice.density = options["density"].flatMap(Double.init)
    choice.weights = options["weights"]?.split(separator: ",").compactMap { Double($0) }
    choice.hasBase = options["base"] != nil
    let chosen = choice
    let failure = #expect(throws: Failure.self) { try MergeMethod(chosen, parents: parents) }
    #expect(failure?.code == .usage)
    #expect(failure?.description.contains(words) == true, "\(String(describing: failure))")
  }
}

extension MergeMethod.Choice {
  fileprivate init(weights: [Double]) {
    self.init()
    self.weights = weights
  }
}
