// Attention against plain doubles at every level: masks, grouped heads, biases, widths and lengths
// around every tile, panel and block; and the promise that a text's neighbours do not matter.

import Core
import Foundation
import Testing

@testable import Tensors

/// Attention as the definition says it, in double.
private struct PlainAttention {
  let shape: AttentionShape
  let length: Int
  /// Shape [length, projectionWidth].
  let values: [Double]
  /// Shape [heads, 2 · reach + 1].
  let bias: [Double]

  init(_ shape: AttentionShape, length: Int, _ projections: [Float]) {
    self.shape = shape
    self.length = length
    values = projections.map(Double.init)
    bias = shape.bias?.table.values.map(Double.init) ?? []
  }

  func sees(_ i: Int, _ j: Int) -> Bool {
    switch shape.mask {
    case .full: true
    case .causal: j <= i
    case .window(let before, let after): i - j <= before && j - i <= after
    }
  }

  private func dot(_ a: Int, _ b: Int) -> Double {
    var sum = 0.0
    for i in 0..<shape.headWidth { sum += values[a + i] * values[b + i] }
    return sum
  }

  /// What head `head` of token `row` gathers, [headWidth].
  func result(_ row: Int, _ head: Int) -> [Double] {
    let (width, stride) = (shape.headWidth, shape.projectionWidth)
    let key = shape.contextWidth + head / (shape.heads / shape.keyValueHeads) * width
    let value = key + shape.keyValueHeads * width
    let seen = (0..<length).filter { sees(row, $0) }
    let scores = seen.map { other in
      var score = dot(row * stride + head * width, other * stride + key) * Double(shape.scale)
      if let reach = shape.bias?.reach {
        score += bias[head * (2 * reach + 1) + min(max(other - row, -reach), reach) + reach]
      }
      return score
    }
    let top = scores.max() ?? 0
    var (total, sums) = (0.0, [Double](repeating: 0, count: width))
    for (other, score) in zip(seen, scores) {
      let weight = exp(score - top)
      total += weight
      for i in 0..<width { sums[i] += weight * values[other * stride + value + i] }
    }
    return sums.map { $0 / total }
  }
}

@Suite struct AttentionTests {
  static let levels = KernelsTests.levels
  static let masks: [AttentionShape.Mask] = [
    .full, .causal, .window(before: 7, after: 0), .window(before: 20, after: 20),
    .window(before: 0, after: 3), .window(before: .max, after: .max),
  ]
  static let heads = [(1, 1), (4, 2), (8, 1), (6, 6)]
  static let widths = [4, 8, 16, 20, 32, 64, 80, 128]
  static let lengths = [1, 2, 3, 15, 16, 17, 63, 64, 65, 130, 300]

  /// The kernel's result for one text, [length, contextWidth]; neighbours in the batch, the scratch
  /// memory and the result's old contents are NaN.
  static func compute(
    _ shape: AttentionShape, length: Int, _ projections: [Float], before: Int, after: Int,
    _ kernels: Kernels
  ) -> [Float] {
    let width = shape.projectionWidth
    var matrix = Matrix(rows: before + length + after, columns: width)
    let nothing = { (rows: Int, width: Int) in [Float](repeating: .nan, count: rows * width) }
    matrix.assign(nothing(before, width) + projections + nothing(after, width))
    var scratch = Matrix(
      rows: 1, columns: kernels.attentionScratch(length: length, shape))
    scratch.assign(nothing(1, scratch.columns))
    var out = Matrix(rows: matrix.rows, columns: shape.contextWidth)
    out.assign(nothing(out.rows, out.columns))
    kernels.attention(
      matrix, tokens: before..<before + length, shape, scratch: &scratch, into: &out)
    let all = out.copy(rows: out.rows)
    let end = (before + length) * shape.contextWidth
    let outside = all.prefix(before * shape.contextWidth) + all[end...]
    #expect(outside.allSatisfy { $0.isNaN })
    return Array(all[before * shape.contextWidth..<end])
  }

  /// The largest error in some rows of a text: the first and last, and every `step`-th.
  static func worst(
    _ shape: AttentionShape, length: Int, _ projections: [Float], _ got: [Float], step: Int
  ) -> Double {
    let plain = PlainAttention(shape, length: length, projections)
    var worst = 0.0
    for row in Set(stride(from: 0, to: length, by: step)).union([length - 1]) {
      for head in 0..<shape.heads {
        let place = row * shape.contextWidth + head * shape.headWidth
        for (i, wanted) in plain.result(row, head).enumerated() {
          let error = abs(Double(got[place + i]) - wanted)
          worst = error <= worst ? worst : error
        }
      }
    }
    return worst
  }

  @Test(arguments: levels, masks)
  func `attention is right for all heads, widths and lengths, and the same at any place`(
    level: InstructionSet, mask: AttentionShape.Mask
  ) throws {
    let kernels = try Kernels(level)
    for (heads, keyValueHeads) in Self.heads {
      for width in Self.widths {
        let shape = AttentionShape(
          heads: heads, keyValueHeads: keyValueHeads, headWidth: width, mask: mask)
        for length in Self.lengths {
          let values = KernelsTests.numbers(length * shape.projectionWidth, seed: 4).map { $0 * 3 }
          let alone = Self.compute(shape, length: length, values, before: 0, after: 0, kernels)
          let among = Self.compute(shape, length: length, values, before: 2, after: 1, kernels)
          #expect(KernelAccuracyTests.haveSameBits(alone, among))
          let worst = Self.worst(
            shape, length: length, values, alone, step: length > 20 ? length / 3 : 1)
          #expect(worst < 2e-5, "\(heads):\(keyValueHeads) heads of \(width), \(length) tokens")
        }
      }
    }
  }

  @Test(arguments: levels, masks)
  func `a bias is added by distance and cut at its reach`(
    level: InstructionSet, mask: AttentionShape.Mask
  ) throws {
    let kernels = try Kernels(level)
    for reach in [0, 1, 5, 64, 400] {
      let columns = 2 * reach + 1
      let table = Floats(
        KernelsTests.numbers(6 * columns, seed: 8).map { $0 * 4 }, columns: columns)
      let shape = AttentionShape(
        heads: 6, keyValueHeads: 3, headWidth: 20, scale: 1, mask: mask,
        bias: RelativeBias(table: table))
      for length in Self.lengths {
        let values = KernelsTests.numbers(length * shape.projectionWidth, seed: 5)
        let alone = Self.compute(shape, length: length, values, before: 0, after: 0, kernels)
        let among = Self.compute(shape, length: length, values, before: 1, after: 2, kernels)
        #expect(KernelAccuracyTests.haveSameBits(alone, among))
        let worst = Self.worst(
          shape, length: length, values, alone, step: length > 20 ? length / 5 : 1)
        #expect(worst < 1e-5, "reach \(reach), \(length) tokens")
      }
    }
  }

  /// Several slabs of scores, and windows that begin behind the first of them.
  @Test(arguments: levels, masks)
  func `a long text is right`(level: InstructionSet, mask: AttentionShape.Mask) throws {
    let kernels = try Kernels(level)
    let table = Floats(KernelsTests.numbers(2 * 301, seed: 8), columns: 301)
    for (length, width) in [(385, 32), (1000, 16), (780, 400)] {
      let shape = AttentionShape(
        heads: 2, keyValueHeads: 1, headWidth: width, mask: mask, bias: RelativeBias(table: table))
      let values = KernelsTests.numbers(length * shape.projectionWidth, seed: 6).map { $0 * 2 }
      let got = Self.compute(shape, length: length, values, before: 0, after: 0, kernels)
      #expect(Self.worst(shape, length: length, values, got, step: 47) < 2e-5)
    }
  }

  @Test(arguments: levels)
  func `a hidden token's key and the scores it would have do not matter`(
    level: InstructionSet
  ) throws {
    let kernels = try Kernels(level)
    let shape = AttentionShape(heads: 2, headWidth: 8, mask: .causal)
    let width = shape.projectionWidth
    let values = KernelsTests.numbers(40 * width, seed: 7)
    let whole = Self.compute(shape, length: 40, values, before: 0, after: 0, kernels)
    var other = values
    for i in 30 * width..<40 * width { other[i] = 1e6 }
    let changed = Self.compute(shape, length: 40, other, before: 0, after: 0, kernels)
    #expect(
      KernelAccuracyTests.haveSameBits(
        whole.prefix(30 * shape.contextWidth), changed.prefix(30 * shape.contextWidth)))
  }

  /// Two tokens, one head of width 1, scale 1: q = (1, 2), k = (0, ln 3), v = (1, 5).
  ///
  /// Token 0 weighs e^0 : e^(ln 3) = 1 : 3, so (1 + 3·5) / 4 = 4; token 1 weighs 1 : 3² = 1 : 9, so
  /// (1 + 9·5) / 10 = 4.6. Causal: token 0 sees only itself, 1. With a bias of ln 2 for the token
  /// before (j - i = -1): token 1 weighs 2 : 9, so (2·1 + 9·5) / 11 = 47/11.
  @Test(arguments: levels)
  func `two tokens come out as computed by hand`(level: InstructionSet) throws {
    let kernels = try Kernels(level)
    let three = Float(log(3.0))
    let projections: [Float] = [1, 0, 1, 2, three, 5]
    let table = RelativeBias(table: Floats([Float(log(2.0)), 0, 0], columns: 3))
    let cases: [(AttentionShape, [Float])] = [
      (AttentionShape(heads: 1, headWidth: 1), [4, 4.6]),
      (AttentionShape(heads: 1, headWidth: 1, mask: .causal), [1, 4.6]),
      (AttentionShape(heads: 1, headWidth: 1, mask: .window(before: 0, after: 0)), [1, 5]),
      (AttentionShape(heads: 1, headWidth: 1, mask: .window(before: 0, after: 1)), [4, 5]),
      (AttentionShape(heads: 1, headWidth: 1, bias: table), [4, 47 / 11]),
    ]
    for (shape, wanted) in cases {
      let got = Self.compute(shape, length: 2, projections, before: 0, after: 0, kernels)
      #expect(zip(got, wanted).allSatisfy { abs($0 - $1) < 1e-6 }, "\(shape.mask): \(got)")
    }
  }

  @Test func `sizes follow from heads and widths`() {
    let shape = AttentionShape(heads: 6, keyValueHeads: 2, headWidth: 16)
    #expect(shape.projectionWidth == (6 + 2 + 2) * 16)
    #expect(shape.contextWidth == 6 * 16)
    #expect(shape.scale == 0.25)
    #expect(RelativeBias(table: Floats([1, 2, 3, 4, 5, 6], columns: 3)).reach == 1)
  }

  @Test func `a projection of the wrong width stops the program`() async {
    await #expect(processExitsWith: .failure) {
      let kernels = try Kernels(.portable)
      let shape = AttentionShape(heads: 4, keyValueHeads: 2, headWidth: 8)
      let projections = Matrix(rows: 3, columns: 3 * 32)
      var scratch = Matrix(rows: 1, columns: kernels.attentionScratch(length: 3, shape))
      var out = Matrix(rows: 3, columns: 32)
      kernels.attention(projections, tokens: 0..<3, shape, scratch: &scratch, into: &out)
    }
  }

  @Test func `heads that share keys unevenly stop the program`() async {
    await #expect(processExitsWith: .failure) {
      let shape = AttentionShape(heads: 4, keyValueHeads: 3, headWidth: 8)
      _ = try Kernels(.portable).attentionScratch(length: 3, shape)
    }
  }
}
