// The kernels between the products against plain doubles at every level: norms, rotary positions,
// gates, sums; and the promise that a row's bits depend on that row alone.

import Core
import Foundation
import Testing

@testable import Tensors

@Suite struct RowKernelTests {
  static let levels = KernelsTests.levels
  static let widths = [1, 3, 4, 8, 15, 16, 17, 31, 64, 100, 128, 385]

  static func matrix(_ values: [Float], columns: Int) -> Matrix {
    var matrix = Matrix(rows: values.count / columns, columns: columns)
    matrix.assign(values)
    return matrix
  }

  // MARK: Norms

  @Test(arguments: levels, widths)
  func `RMS norm is right, in place or not, and the same alone as among others`(
    level: InstructionSet, width: Int
  ) throws {
    let kernels = try Kernels(level)
    let scale = KernelsTests.numbers(width, seed: 1)
    let norm = RMSNorm(scale: Floats(scale), epsilon: 1e-5)
    let values = KernelsTests.numbers(9 * width, seed: 3).map { $0 * 4 }
    var x = Self.matrix(values, columns: width)
    var y = Matrix(rows: 9, columns: width)
    kernels.rmsNorm(x, rows: 9, norm, into: &y)
    kernels.rmsNorm(&x, rows: 9, norm)
    let got = y.copy(rows: 9)
    #expect(KernelAccuracyTests.haveSameBits(got, x.copy(rows: 9)))
    for row in 0..<9 {
      let numbers = values[row * width..<(row + 1) * width].map(Double.init)
      let mean = numbers.reduce(0) { $0 + $1 * $1 } / Double(width)
      for column in 0..<width {
        let wanted = numbers[column] / (mean + 1e-5).squareRoot() * Double(scale[column])
        #expect(abs(Double(got[row * width + column]) - wanted) < 1e-6 * max(1, abs(wanted)))
      }
      var alone = Self.matrix(Array(values[row * width..<(row + 1) * width]), columns: width)
      kernels.rmsNorm(&alone, rows: 1, norm)
      #expect(
        KernelAccuracyTests.haveSameBits(
          alone.copy(rows: 1), got[row * width..<(row + 1) * width]))
    }
  }

  /// (3, 4): the mean of squares is 12.5; 3 / √12.5 = 0.848528…, 4 / √12.5 = 1.131371….
  @Test(arguments: levels)
  func `RMS norm of 3 and 4 is as computed by hand`(level: InstructionSet) throws {
    var x = Self.matrix([3, 4], columns: 2)
    try Kernels(level).rmsNorm(&x, rows: 1, RMSNorm(scale: Floats([1, 10]), epsilon: 0))
    #expect(abs(x[0, 0] - 0.848_528_1) < 1e-6 && abs(x[0, 1] - 11.313_708) < 1e-5)
  }

  @Test(arguments: levels, [4, 8, 20, 64, 80, 128])
  func `each head's slice is normed as if it were a row`(level: InstructionSet, width: Int) throws {
    let kernels = try Kernels(level)
    let norm = RMSNorm(scale: Floats(KernelsTests.numbers(width, seed: 1)), epsilon: 1e-6)
    let columns = 5 * width + 3
    let values = KernelsTests.numbers(4 * columns, seed: 2)
    var x = Self.matrix(values, columns: columns)
    let slices = 2..<2 + 3 * width
    kernels.rmsNormHeads(&x, rows: 3, columns: slices, norm)
    let got = x.copy(rows: 4)
    for row in 0..<4 {
      var wanted = Array(values[row * columns..<(row + 1) * columns])
      for slice in stride(from: 2, to: slices.upperBound, by: width) where row < 3 {
        var alone = Self.matrix(Array(wanted[slice..<slice + width]), columns: width)
        kernels.rmsNorm(&alone, rows: 1, norm)
        wanted.replaceSubrange(slice..<slice + width, with: alone.copy(rows: 1))
      }
      #expect(
        KernelAccuracyTests.haveSameBits(got[row * columns..<(row + 1) * columns], wanted))
    }
  }

  @Test(arguments: levels, [1, 16, 31, 385])
  func `layer norm may lack its shift and may write elsewhere`(
    level: InstructionSet, width: Int
  ) throws {
    let kernels = try Kernels(level)
    let scale = Floats(KernelsTests.numbers(width, seed: 1))
    let zeros = Floats([Float](repeating: 0, count: width))
    let values = KernelsTests.numbers(5 * width, seed: 3)
    let x = Self.matrix(values, columns: width)
    var y = Matrix(rows: 5, columns: width)
    var z = Self.matrix(values, columns: width)
    kernels.layerNorm(x, rows: 5, LayerNorm(scale: scale, shift: nil, epsilon: 1e-5), into: &y)
    kernels.layerNorm(&z, rows: 5, LayerNorm(scale: scale, shift: zeros, epsilon: 1e-5))
    #expect(y.copy(rows: 5) == z.copy(rows: 5))
    #expect(x.copy(rows: 5) == values)
  }

  // MARK: Rotary positions

  @Test(arguments: levels, [(4, 2), (8, 4), (20, 10), (64, 32), (80, 40), (128, 64), (64, 8)])
  func `heads turn by their angles, and the same alone as among others`(
    level: InstructionSet, shape: (Int, Int)
  ) throws {
    let kernels = try Kernels(level)
    let (width, angles) = shape
    let frequencies = (0..<angles).map { 1 / pow(Float(10_000), Float($0) / Float(angles)) }
    let table = RotaryTable(inverseFrequencies: frequencies, factor: 1.5, length: 900)
    let columns = 4 * width
    let values = KernelsTests.numbers(5 * columns, seed: 1)
    let positions: [Int32] = [0, 1, 2, 899, 17]
    var x = Self.matrix(values, columns: columns)
    kernels.rotateHeads(
      &x, rows: 5, columns: width..<4 * width, headWidth: width, positions: positions, table)
    let got = x.copy(rows: 5)
    var worst = 0.0
    for (row, position) in positions.enumerated() {
      for column in 0..<columns {
        let (place, start) = (column % width, row * columns + column / width * width)
        var wanted = Double(values[start + place])
        if column >= width, place < 2 * angles {
          let angle = Double(Float(position) * frequencies[place % angles])
          let (a, b) = (
            Double(values[start + place % angles]), Double(values[start + place % angles + angles])
          )
          wanted =
            1.5
            * (place < angles ? a * cos(angle) - b * sin(angle) : b * cos(angle) + a * sin(angle))
        }
        worst = max(worst, abs(Double(got[start + place]) - wanted))
      }
      var alone = Self.matrix(
        Array(values[row * columns..<(row + 1) * columns]), columns: columns)
      kernels.rotateHeads(
        &alone, rows: 1, columns: width..<4 * width, headWidth: width, positions: [position], table)
      #expect(
        KernelAccuracyTests.haveSameBits(
          alone.copy(rows: 1), got[row * columns..<(row + 1) * columns]))
    }
    #expect(worst < 5e-7)
  }

  /// (1, 0) turned by 1 at position 1 is (cos 1, sin 1) = (0.540302, 0.841471); (0, 1) turned by 2
  /// at position 2 is (-sin 2, cos 2) = (-0.909297, -0.416147); position 0 turns nothing.
  @Test(arguments: levels)
  func `unit vectors turn as computed by hand`(level: InstructionSet) throws {
    let table = RotaryTable(inverseFrequencies: [1], factor: 1, length: 3)
    var x = Self.matrix([1, 0, 0, 1, 5, 7], columns: 2)
    try Kernels(level).rotateHeads(
      &x, rows: 3, columns: 0..<2, headWidth: 2, positions: [1, 2, 0], table)
    let wanted: [Float] = [0.540_302_3, 0.841_471, -0.909_297_4, -0.416_146_8, 5, 7]
    #expect(zip(x.copy(rows: 3), wanted).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  // MARK: Gates and sums

  @Test(
    arguments: levels, [Activation.none, .gelu, .geluTanh, .relu, .tanh, .silu])
  func `a gate is right, and the same alone as among others`(
    level: InstructionSet, activation: Activation
  ) throws {
    let kernels = try Kernels(level)
    for width in Self.widths {
      let values = KernelsTests.numbers(5 * 2 * width, seed: 2).map { $0 * 8 }
      var y = Matrix(rows: 5, columns: width)
      kernels.gate(Self.matrix(values, columns: 2 * width), rows: 5, activation, into: &y)
      let got = y.copy(rows: 5)
      var worst = 0.0
      for row in 0..<5 {
        let expanded = Array(values[row * 2 * width..<(row + 1) * 2 * width])
        for column in 0..<width {
          let (gate, value) = (Double(expanded[column]), Double(expanded[width + column]))
          let wanted = KernelAccuracyTests.exact(activation, gate) * value
          worst = max(worst, abs(Double(got[row * width + column]) - wanted) / 64)
        }
        kernels.gate(Self.matrix(expanded, columns: 2 * width), rows: 1, activation, into: &y)
        #expect(
          KernelAccuracyTests.haveSameBits(
            y.copy(rows: 1), got[row * width..<(row + 1) * width]))
      }
      #expect(worst < 2e-7)
    }
  }

  /// silu(0) = 0; silu(ln 3) = ln 3 / (1 + 1/3) = 0.823959; silu(-ln 3) = -ln 3 / 4 = -0.274653.
  @Test(arguments: levels)
  func `SiLU is as computed by hand`(level: InstructionSet) throws {
    let three = Float(log(3.0))
    let got = KernelAccuracyTests.apply(.silu, [0, three, -three, 100, -200], try Kernels(level))
    let wanted: [Float] = [0, 0.823_959_2, -0.274_653_1, 100, 0]
    #expect(zip(got, wanted).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(got[0] == 0)
  }

  @Test(arguments: levels, widths)
  func `rows add up`(level: InstructionSet, width: Int) throws {
    let kernels = try Kernels(level)
    let (a, b) = (
      KernelsTests.numbers(3 * width, seed: 1), KernelsTests.numbers(3 * width, seed: 2)
    )
    var sum = Matrix(rows: 3, columns: width)
    kernels.add(
      Self.matrix(a, columns: width), Self.matrix(b, columns: width), rows: 3, into: &sum)
    #expect(sum.copy(rows: 3) == zip(a, b).map { $0 + $1 })
  }

  @Test(arguments: levels, widths)
  func `embeddings are looked up, scaled and added to what tables there are`(
    level: InstructionSet, width: Int
  ) throws {
    let kernels = try Kernels(level)
    let words = KernelsTests.floats(7, width, seed: 1)
    let types = KernelsTests.floats(2, width, seed: 2)
    let places = KernelsTests.floats(4, width, seed: 3)
    let (ids, positions): ([Int32], [Int32]) = ([6, 0, 3], [0, 3, 1])
    func wanted(_ scale: Float, _ types: Floats?, _ places: Floats?) -> [Float] {
      zip(ids, positions).flatMap { id, position in
        (0..<width).map { column in
          var sum = words.values[Int(id) * width + column] * scale
          if let types { sum += types.values[column] }
          if let places { sum += places.values[Int(position) * width + column] }
          return sum
        }
      }
    }
    var out = Matrix(rows: 3, columns: width)
    kernels.embed(ids: ids, words: words, scale: 3.7, into: &out)
    #expect(out.copy(rows: 3) == wanted(3.7, nil, nil))
    for types in [types, nil] {
      for places in [places, nil] {
        kernels.embed(
          ids: ids, positions: positions, words: words, types: types, places: places, into: &out)
        #expect(out.copy(rows: 3) == wanted(1, types, places))
      }
    }
  }

  @Test func `rows of a weight can be taken apart`() {
    let weight = Floats([1, 2, 3, 4, 5, 6], columns: 2)
    #expect(weight.rows == 3 && weight.columns == 2)
    #expect(weight.rows(1..<3).values == [3, 4, 5, 6])
  }

  // MARK: Shapes stop the program

  @Test func `a gate of the wrong width stops the program`() async {
    await #expect(processExitsWith: .failure) {
      let expanded = Matrix(rows: 1, columns: 7)
      var y = Matrix(rows: 1, columns: 4)
      try Kernels(.portable).gate(expanded, rows: 1, .silu, into: &y)
    }
  }

  @Test func `a position behind the table of angles stops the program`() async {
    await #expect(processExitsWith: .failure) {
      let table = RotaryTable(inverseFrequencies: [1], factor: 1, length: 3)
      var x = Matrix(rows: 1, columns: 2)
      try Kernels(.portable).rotateHeads(
        &x, rows: 1, columns: 0..<2, headWidth: 2, positions: [3], table)
    }
  }
}
