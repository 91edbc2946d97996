// The Swift side of the kernels: results against plain doubles at every level, and the shape checks.

import Core
import Foundation
import Testing

@testable import Tensors

@Suite struct KernelsTests {
  static let levels = InstructionSet.allCases.filter(\.isSupported)

  /// Numbers between -1 and 1 that are the same on every run.
  static func numbers(_ count: Int, seed: UInt64) -> [Float] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(Int32.max)
    }
  }

  static func floats(_ rows: Int, _ columns: Int, seed: UInt64) -> Floats {
    let values = numbers(rows * columns, seed: seed)
    return Floats(rows: rows, columns: columns) { $0.update(from: values, count: values.count) }
  }

  @Test(arguments: levels)
  func `a linear layer agrees with plain doubles for any shape`(level: InstructionSet) throws {
    let kernels = try Kernels(level)
    for (rows, inputs, outputs) in [(1, 1, 1), (3, 7, 5), (15, 33, 31), (40, 64, 100)] {
      let weight = Self.floats(outputs, inputs, seed: 1)
      let bias = Floats(Self.numbers(outputs, seed: 2))
      let layer = Linear(weights: PackedWeights(weight, for: kernels), bias: bias)
      var x = Matrix(rows: rows, columns: inputs)
      var y = Matrix(rows: rows, columns: outputs)
      var residual = Matrix(rows: rows, columns: outputs)
      x.assign(Self.numbers(rows * inputs, seed: 3))
      residual.assign(Self.numbers(rows * outputs, seed: 4))
      kernels.linear(x, rows: rows, layer, adding: residual, into: &y)
      for row in 0..<rows {
        for output in 0..<outputs {
          var sum = Double(bias.values[output]) + Double(residual[row, output])
          for i in 0..<inputs {
            sum += Double(x[row, i]) * Double(weight.values[output * inputs + i])
          }
          #expect(abs(Double(y[row, output]) - sum) < 1e-5)
        }
      }
    }
  }

  @Test(arguments: levels)
  func `stacked weights give their outputs side by side`(level: InstructionSet) throws {
    let kernels = try Kernels(level)
    let parts = (0..<3).map { Self.floats(5, 6, seed: UInt64($0)) }
    var x = Matrix(rows: 2, columns: 6)
    x.assign(Self.numbers(12, seed: 9))
    var all = Matrix(rows: 2, columns: 15)
    kernels.linear(
      x, rows: 2, Linear(weights: PackedWeights(stacking: parts, for: kernels), bias: nil),
      into: &all)
    for (number, part) in parts.enumerated() {
      var one = Matrix(rows: 2, columns: 5)
      kernels.linear(
        x, rows: 2, Linear(weights: PackedWeights(part, for: kernels), bias: nil), into: &one)
      for row in 0..<2 {
        for column in 0..<5 {
          #expect(all[row, number * 5 + column] == one[row, column])
        }
      }
    }
  }

  @Test(arguments: levels)
  func `NaN and infinity are found wherever they are`(level: InstructionSet) throws {
    let kernels = try Kernels(level)
    for count in [0, 1, 15, 16, 17, 100] {
      #expect(kernels.areFinite([Float](repeating: .greatestFiniteMagnitude, count: count)))
      for place in 0..<count {
        for value in [Float.nan, .infinity, -.infinity, .signalingNaN] {
          var numbers = [Float](repeating: 1, count: count)
          numbers[place] = value
          #expect(!kernels.areFinite(numbers))
        }
      }
    }
  }

  @Test(arguments: levels)
  func `the best documents are found, ties by number, in any blocks`(
    level: InstructionSet
  ) throws {
    let kernels = try Kernels(level)
    // Few different numbers, so that many scores are equal.
    let values = Self.numbers(700 * 4, seed: 5).map { ($0 * 2).rounded() }
    let documents = Embeddings(dimensions: 4, values: values)
    let queries = documents.rows([3, 77, 500])
    let wanted = (0..<3).map { query in
      documents.values.indices.filter { $0 % 4 == 0 }.map { start in
        (
          start / 4,
          (0..<4).reduce(Float(0)) { $0 + values[start + $1] * queries[query][query * 4 + $1] }
        )
      }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(20).map {
        TopHits.Hit(document: $0.0, score: $0.1)
      }
    }
    for step in [700, 300, 1] {
      var top = TopHits(queries: queries, rows: 0..<3, limit: 20, kernels: kernels)
      for start in stride(from: 0, to: 700, by: step) {
        top.add(documents.rows(Array(start..<min(start + step, 700))), firstID: start)
      }
      #expect(top.hits() == wanted)
    }
  }

  @Test func `a limit above the number of documents gives all of them`() throws {
    let documents = Embeddings(dimensions: 2, values: [1, 0, 0, 1])
    var top = TopHits(queries: documents, rows: 1..<2, limit: 5, kernels: try Kernels())
    top.add(documents, firstID: 0)
    #expect(top.hits() == [[.init(document: 1, score: 1), .init(document: 0, score: 0)]])
  }

  @Test func `the best level is supported, and the portable one everywhere`() throws {
    #expect(InstructionSet.best.isSupported)
    #expect(InstructionSet.portable.isSupported)
    #expect(try Kernels().instructionSet == .best)
  }

  // MARK: Shapes stop the program

  @Test func `a wrong width stops the program`() async {
    await #expect(processExitsWith: .failure) {
      let kernels = try Kernels(.portable)
      let weight = Floats(rows: 2, columns: 3) { $0.update(repeating: 0, count: 6) }
      let layer = Linear(weights: PackedWeights(weight, for: kernels), bias: nil)
      let x = Matrix(rows: 1, columns: 4)
      var y = Matrix(rows: 1, columns: 2)
      kernels.linear(x, rows: 1, layer, into: &y)
    }
  }

  @Test func `a token id outside the table stops the program`() async {
    await #expect(processExitsWith: .failure) {
      let table = Floats(rows: 2, columns: 3) { $0.update(repeating: 0, count: 6) }
      var out = Matrix(rows: 1, columns: 3)
      try Kernels(.portable).embed(
        ids: [-1], positions: [0], words: table, types: table, places: table, into: &out)
    }
  }

  @Test func `pooling over no tokens stops the program`() async {
    await #expect(processExitsWith: .failure) {
      let x = Matrix(rows: 1, columns: 3)
      var out = Matrix(rows: 1, columns: 3)
      try Kernels(.portable).meanPool(x, rows: 0..<0, into: &out, row: 0, column: 0)
    }
  }
}
