// Every kernel against plain doubles at every level, on shapes that end inside a vector, a panel or
// a block; and the promise that a row's bits depend on that row alone.

import Core
import Foundation
import Testing

@testable import Tensors

@Suite struct KernelAccuracyTests {
  static let levels = KernelsTests.levels

  static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var matrix = Matrix(rows: rows, columns: columns)
    matrix.assign(KernelsTests.numbers(rows * columns, seed: seed))
    return matrix
  }

  static func exact(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .none: x
    case .gelu: x / 2 * (1 + erf(x / 2.0.squareRoot()))
    case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .relu: max(0, x)
    case .tanh: tanh(x)
    case .silu: x / (1 + exp(-x))
    }
  }

  /// The same bits, NaN included.
  static func haveSameBits(_ a: some Sequence<Float>, _ b: some Sequence<Float>) -> Bool {
    a.lazy.map(\.bitPattern).elementsEqual(b.lazy.map(\.bitPattern))
  }

  // MARK: Linear layers

  /// The identity over one input, so that the activation alone is seen.
  static func apply(
    _ activation: Activation, _ values: [Float], _ kernels: Kernels
  ) -> [Float] {
    let one = Floats(rows: 1, columns: 1) { $0.update(repeating: 1, count: 1) }
    let layer = Linear(weights: PackedWeights(one, for: kernels), bias: nil)
    var x = Matrix(rows: values.count, columns: 1)
    var y = Matrix(rows: values.count, columns: 1)
    x.assign(values)
    kernels.linear(x, rows: values.count, layer, activation, into: &y)
    return y.copy(rows: values.count)
  }

  @Test(arguments: levels, [Activation.gelu, .geluTanh, .relu, .tanh, .silu])
  func `an activation stays within its error`(level: InstructionSet, activation: Activation) throws
  {
    let kernels = try Kernels(level)
    let values = (0...40_000).map { Float($0) / 2000 - 10 }
    let worst = zip(values, Self.apply(activation, values, kernels)).map { x, y in
      abs(Double(y) - Self.exact(activation, Double(x))) / max(1, abs(Double(x)))
    }.max()
    #expect(try #require(worst) < 2e-7)
    let ends = Self.apply(activation, [-.infinity, -1e4, 1e4, .infinity, .nan], kernels)
    #expect(ends[1] == (activation == .tanh ? -1 : 0))
    #expect(ends[2] == (activation == .tanh ? 1 : 1e4))
    #expect(ends[3] == (activation == .tanh ? 1 : .infinity))
    #expect(ends[4].isNaN)
  }

  /// Inputs below, at and above the depth of a block; 1000 and 1024 lie badly in the cache.
  static let shapes = [
    (5, 384, 33), (15, 385, 40), (29, 1000, 7), (31, 1024, 65), (43, 97, 130), (3, 1, 200),
  ]

  @Test(arguments: levels, shapes)
  func `a row of a linear layer is right, and the same alone as among others`(
    level: InstructionSet, shape: (Int, Int, Int)
  ) throws {
    let kernels = try Kernels(level)
    let (rows, inputs, outputs) = shape
    let weight = KernelsTests.numbers(outputs * inputs, seed: 1)
    let bias = KernelsTests.numbers(outputs, seed: 2)
    let layer = Linear(
      weights: PackedWeights(KernelsTests.floats(outputs, inputs, seed: 1), for: kernels),
      bias: Floats(bias))
    let values = KernelsTests.numbers(rows * inputs, seed: 3)
    let x = Self.matrix(rows, inputs, seed: 3)
    var y = Matrix(rows: rows, columns: outputs)
    kernels.linear(x, rows: rows, layer, .gelu, into: &y)
    let together = y.copy(rows: rows)

    var worst = 0.0
    for row in 0..<rows {
      for output in 0..<outputs {
        var (sum, size) = (Double(bias[output]), 1.0)
        for i in 0..<inputs {
          let term = Double(values[row * inputs + i]) * Double(weight[output * inputs + i])
          sum += term
          size += abs(term)
        }
        let error = abs(Double(together[row * outputs + output]) - Self.exact(.gelu, sum))
        worst = max(worst, error / size)
      }
    }
    #expect(worst < 1e-6)

    // Alone, and as the last of a few.
    for row in 0..<rows {
      for first in [row, row / 2] {
        let count = row - first + 1
        var part = Matrix(rows: count, columns: inputs)
        part.assign(Array(values[first * inputs..<(row + 1) * inputs]))
        kernels.linear(part, rows: count, layer, .gelu, into: &y)
        #expect(
          Self.haveSameBits(
            y.copy(rows: count).suffix(outputs),
            together[row * outputs..<(row + 1) * outputs]))
      }
    }
  }

  @Test(arguments: levels)
  func `NaN stays in its row`(level: InstructionSet) throws {
    let kernels = try Kernels(level)
    let layer = Linear(
      weights: PackedWeights(KernelsTests.floats(20, 40, seed: 1), for: kernels), bias: nil)
    var x = Self.matrix(16, 40, seed: 2)
    x[7, 39] = .nan
    var y = Matrix(rows: 16, columns: 20)
    kernels.linear(x, rows: 16, layer, .gelu, into: &y)
    let values = y.copy(rows: 16)
    #expect(values.indices.allSatisfy { values[$0].isNaN == ($0 / 20 == 7) })
  }

  // MARK: Between the products

  @Test(arguments: levels, [1, 5, 16, 31, 100, 385])
  func `layer norm is right, and the same alone as among others`(
    level: InstructionSet, width: Int
  ) throws {
    let kernels = try Kernels(level)
    let scale = Floats(KernelsTests.numbers(width, seed: 1))
    let shift = Floats(KernelsTests.numbers(width, seed: 2))
    let norm = LayerNorm(scale: scale, shift: shift, epsilon: 1e-5)
    // Far from zero, where a variance of careless sums is lost.
    let values = KernelsTests.numbers(9 * width, seed: 3).map { $0 + 3 }
    var x = Matrix(rows: 9, columns: width)
    x.assign(values)
    kernels.layerNorm(&x, rows: 9, norm)
    for row in 0..<9 {
      let numbers = values[row * width..<(row + 1) * width].map(Double.init)
      let mean = numbers.reduce(0, +) / Double(width)
      let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
      for column in 0..<width {
        let unit = (numbers[column] - mean) / (variance + 1e-5).squareRoot()
        let wanted = unit * Double(scale.values[column]) + Double(shift.values[column])
        #expect(abs(Double(x[row, column]) - wanted) < 1e-5)
      }
      var alone = Matrix(rows: 1, columns: width)
      alone.assign(Array(values[row * width..<(row + 1) * width]))
      kernels.layerNorm(&alone, rows: 1, norm)
      #expect(
        Self.haveSameBits(
          alone.copy(rows: 1), x.copy(rows: 9)[row * width..<(row + 1) * width]))
    }
  }

  // MARK: Pooling

  @Test(arguments: levels, [(1, 3), (2, 64), (37, 65), (5, 385)])
  func `pooling and normalising are right`(level: InstructionSet, shape: (Int, Int)) throws {
    let kernels = try Kernels(level)
    let (rows, width) = shape
    var x = Self.matrix(rows, width, seed: 6)
    let values = x.copy(rows: rows)
    var out = Matrix(rows: 3, columns: width)
    kernels.meanPool(x, rows: 0..<rows, into: &out, row: 0, column: 0)
    kernels.maxPool(x, rows: 0..<rows, into: &out, row: 1, column: 0)
    kernels.weightedMeanPool(x, rows: 0..<rows, firstWeight: 3, into: &out, row: 2, column: 0)
    let weights = (0..<rows).map { Double($0 + 3) }
    for column in 0..<width {
      let numbers = (0..<rows).map { Double(values[$0 * width + column]) }
      let weighted = zip(weights, numbers).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(Double(out[0, column]) - numbers.reduce(0, +) / Double(rows)) < 1e-7)
      #expect(Double(out[1, column]) == numbers.max())
      #expect(abs(Double(out[2, column]) - weighted / weights.reduce(0, +)) < 1e-7)
    }
    kernels.normalize(&x, rows: 0..<rows, width: width)
    for row in 0..<rows {
      let numbers = values[row * width..<(row + 1) * width].map(Double.init)
      let norm = numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for column in 0..<width {
        #expect(abs(Double(x[row, column]) - numbers[column] / norm) < 1e-7)
      }
    }
  }

  // MARK: Conversions

  @Test(arguments: levels)
  func `every half and every bfloat16 becomes its number`(level: InstructionSet) throws {
    let kernels = try Kernels(level)
    let bits = (0...UInt16.max).map { $0 }
    var halves = [Float](repeating: 0, count: bits.count)
    var brains = halves
    bits.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      halves.withUnsafeMutableBufferPointer { out in
        guard let out = out.baseAddress else { return }
        kernels.convertF16(base, count: bits.count, into: out)
      }
      brains.withUnsafeMutableBufferPointer { out in
        guard let out = out.baseAddress else { return }
        kernels.convertBF16(base, count: bits.count, into: out)
      }
    }
    #expect(Self.haveSameBits(brains, bits.map { Float(bitPattern: UInt32($0) << 16) }))
    let wrong = bits.filter { half in
      let (exponent, fraction) = (Int(half >> 10 & 31), Float(half & 1023))
      let size: Float =
        switch exponent {
        case 31: fraction == 0 ? .infinity : .nan
        case 0: fraction * 0x1p-24
        default: (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
        }
      let wanted = half >> 15 == 1 ? -size : size
      let got = halves[Int(half)]
      return wanted.isNaN ? !got.isNaN : got.bitPattern != wanted.bitPattern
    }
    #expect(wrong.isEmpty)
  }
}
