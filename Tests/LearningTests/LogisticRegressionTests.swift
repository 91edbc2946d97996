// Logistic regression against arithmetic done by hand and against scikit-learn.

import Core
import Foundation
import Learning
import Tensors
import TestSupport
import Testing

@Suite struct `Logistic regression` {
  @Test func `of two symmetric rows has the weight that solves w = 2 / (1 + e^w)`() throws {
    // Rows ±1 of classes 1 and 0: by symmetry b = 0, and w minimises 2 log(1 + e^-w) + w² / 2, so
    // w = 2 / (1 + e^w), which w = 0.6748 solves: 2 / (1 + 1.9636) = 0.6749.
    let model = LogisticRegression(
      fitting: Embeddings(dimensions: 1, values: [1, -1]), classes: [1, 0], classCount: 2,
      kernels: try Kernels())
    #expect(abs(model.weights.values[0] - 0.6748) < 1e-3)
    #expect(abs(model.intercepts[0]) < 1e-6)
  }

  /// Twelve rows of four numbers (multiples of 1/8, times a scale) in classes i mod K.
  struct Case: Sendable, CustomTestStringConvertible {
    let classCount: Int
    let scale: Float
    /// nil where rounding in float32 decides which of the last, flat steps is taken.
    let iterations: Int?
    let weights: [Float]
    let intercepts: [Float]
    let predictions: [Int]
    var tolerance: Float = 2e-5
    var testDescription: String { "\(classCount) classes, scale \(scale)" }
  }

  /// scikit-learn 1.9.1, LogisticRegression(max_iter=100) on the same rows as float32.
  static let cases = [
    Case(
      classCount: 2, scale: 1, iterations: 5,
      weights: [
        0.07423496, -0.1307117, 0.7888536, 0.3622374,
      ],
      intercepts: [0.01406198],
      predictions: [1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1]),
    Case(
      classCount: 2, scale: 20, iterations: 14,
      weights: [
        0.01110524, -0.005013114, 0.1190234, 0.02372465,
      ],
      intercepts: [0.0806774],
      predictions: [1, 1, 0, 1, 0, 1, 1, 0, 0, 1, 0, 0]),
    Case(
      classCount: 3, scale: 1, iterations: 7,
      weights: [
        0.1193859, -0.2503942, 1.029724, 0.4141824, -0.4301724, 0.3243875, -0.3495378,
        -0.5855352, 0.3107865, -0.07399335, -0.6801866, 0.1713529,
      ],
      intercepts: [-0.0366278, -0.002180803, 0.0388082],
      predictions: [0, 0, 1, 0, 2, 0, 0, 1, 2, 0, 1, 2]),
    Case(
      classCount: 3, scale: 20, iterations: nil,
      weights: [
        0.1120092, 0.1568528, 0.6351802, 0.3761832, -0.1409893, -0.006225059,
        -0.2570748, -0.2617186, 0.02897993, -0.1506274, -0.3781053, -0.1144655,
      ],
      intercepts: [-4.345769, 2.062292, 2.283478],
      predictions: [0, 2, 2, 0, 2, 2, 0, 1, 1, 0, 1, 2], tolerance: 1e-3),
    Case(
      classCount: 4, scale: 1, iterations: 7,
      weights: [
        -0.5996161, 0.5009075, -0.4207841, 0.6037022, -0.3271724, -0.1946657, 0.4696095,
        0.4809828, 0.5428519, -0.3215618, -0.354695, -0.9511586, 0.3839365, 0.01531996,
        0.3058696, -0.1335263,
      ],
      intercepts: [-0.1997179, -0.004859977, 0.06697229, 0.1376057],
      predictions: [1, 1, 2, 3, 0, 1, 3, 2, 0, 1, 2, 0]),
    Case(
      classCount: 4, scale: 20, iterations: nil,
      weights: [
        -0.7168769, 0.310027, -0.2944572, 0.5924891, -0.2200933, -0.1440616, 0.2909198,
        0.206564, 0.7132487, -0.08079546, -0.1251134, -0.6296933, 0.223726, -0.0851688,
        0.1286469, -0.1693608,
      ],
      intercepts: [-5.70642, 2.007664, -0.05949224, 3.75825],
      predictions: [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3], tolerance: 3e-2),
  ]

  static func rows(_ scale: Float) -> Embeddings {
    var values: [Float] = []
    for i in 0..<12 {
      for j in 0..<4 {
        let number = (i * i * 7 + i * j * 13 + j * 5) % 17 - 8
        values.append(Float(number) / 8 * scale)
      }
    }
    return Embeddings(dimensions: 4, values: values)
  }

  @Test(arguments: cases)
  func `stops where scikit-learn stops`(_ example: Case) throws {
    let rows = Self.rows(example.scale)
    let kernels = try Kernels()
    let model = LogisticRegression(
      fitting: rows, classes: (0..<12).map { $0 % example.classCount },
      classCount: example.classCount, kernels: kernels)
    if let iterations = example.iterations { #expect(model.iterations == iterations) }
    for (ours, theirs) in zip(model.weights.values, example.weights) {
      #expect(abs(ours - theirs) < example.tolerance, "\(ours) for \(theirs)")
    }
    for (ours, theirs) in zip(model.intercepts, example.intercepts) {
      #expect(
        abs(ours - theirs) < example.tolerance * max(1, abs(theirs)), "\(ours) for \(theirs)")
    }
    #expect(model.classes(of: rows, kernels: kernels) == example.predictions)
  }

  @Test(arguments: [2, 3, 7])
  func `gives ties to the lower class`(classCount: Int) throws {
    // Every class has the same vector: no weight can tell them apart.
    let vector: [Float] = [0.5, -1, 2]
    let rows = Embeddings(
      dimensions: 3, values: (0..<classCount).flatMap { _ in vector })
    let kernels = try Kernels()
    let model = LogisticRegression(
      fitting: rows, classes: Array(0..<classCount), classCount: classCount, kernels: kernels)
    #expect(model.classes(of: rows, kernels: kernels).allSatisfy { $0 == 0 })
  }

  @Test func `predicts the same class alone and among others`() throws {
    var random = SplitMix(state: 3)
    let values = (0..<700 * 32).map { _ in Float(random.next() >> 40) / Float(1 << 24) - 0.5 }
    let all = Embeddings(dimensions: 32, values: values)
    let kernels = try Kernels()
    let model = LogisticRegression(
      fitting: all.rows(Array(0..<40)), classes: (0..<40).map { $0 % 5 }, classCount: 5,
      kernels: kernels)
    let together = model.classes(of: all, kernels: kernels)
    for row in stride(from: 0, to: 700, by: 97) {
      #expect(model.classes(of: all.rows([row]), kernels: kernels) == [together[row]])
    }
    #expect(Set(together) == Set(0..<5))
  }

  @Test(arguments: [1e-30, 1e10, 1e18, 1e25, 3e38] as [Float])
  func `survives vectors of absurd length`(scale: Float) throws {
    let rows = Self.rows(scale)
    let kernels = try Kernels()
    for classCount in 2...4 {
      let model = LogisticRegression(
        fitting: rows, classes: (0..<12).map { $0 % classCount }, classCount: classCount,
        kernels: kernels)
      #expect(model.classes(of: rows, kernels: kernels).count == 12)
    }
  }
}
