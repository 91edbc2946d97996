// V-measure and adjusted mutual information against arithmetic done by hand and against scikit-learn.

import Core
import Foundation
import TestSupport
import Testing

@testable import Metrics

struct ClusterAgreementTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let classes: [Int]
    let clusters: [Int]
    let homogeneity: Double
    let completeness: Double
    let vMeasure: Double
    let adjusted: Double
    var testDescription: String { name }
  }

  static let cases = [
    Case(
      name: "the same under other names", classes: [0, 0, 1, 1], clusters: [7, 7, 3, 3],
      homogeneity: 1, completeness: 1, vMeasure: 1, adjusted: 1),
    Case(
      name: "one class, one cluster", classes: [5, 5], clusters: [1, 1],
      homogeneity: 1, completeness: 1, vMeasure: 1, adjusted: 1),
    // No information: MI = 0, H(classes) = ln 2, one cluster has entropy 0. E[MI] = 0.
    Case(
      name: "one cluster", classes: [0, 0, 1, 1], clusters: [0, 0, 0, 0],
      homogeneity: 0, completeness: 1, vMeasure: 0, adjusted: 0),
    // Every cluster of one class: MI = H(classes) = ln 2, H(clusters) = ln 4 = 2 ln 2:
    // h = 1, c = 1/2, v = 2 · 1/2 / (3/2) = 2/3. Any dealing gives the same MI, so E[MI] = ln 2.
    Case(
      name: "singletons", classes: [0, 0, 1, 1], clusters: [0, 1, 2, 3],
      homogeneity: 1, completeness: 0.5, vMeasure: 2.0 / 3, adjusted: 0),
    // Independent: all cells 1, MI = 0. Dealing two pairs to two pairs: n = 0, 1, 2 with
    // P = 1/6, 4/6, 1/6; terms n/4 ln(4 n / 4): n = 2 gives ln 2 / 2; four cells:
    // E[MI] = 4 · 1/6 · ln 2 / 2 = ln 2 / 3. (0 - ln 2/3) / (ln 2 - ln 2/3) = -1/2.
    Case(
      name: "independent", classes: [0, 0, 1, 1], clusters: [0, 1, 0, 1],
      homogeneity: 0, completeness: 0, vMeasure: 0, adjusted: -0.5),
  ]

  @Test(arguments: cases)
  func `agreement equals the hand-computed one`(_ example: Case) {
    let found = ClusterAgreement(classes: example.classes, clusters: example.clusters)
    #expect(abs(found.homogeneity - example.homogeneity) < 1e-15)
    #expect(abs(found.completeness - example.completeness) < 1e-15)
    #expect(abs(found.vMeasure - example.vMeasure) < 1e-15)
    #expect(abs(found.adjustedMutualInformation - example.adjusted) < 1e-14)
  }

  @Test func `agreement is symmetric`() {
    var random = SplitMix(state: 5)
    let classes = (0..<300).map { _ in Int.random(in: 0..<7, using: &random) }
    let others = classes.map { _ in Int.random(in: 0..<9, using: &random) }
    let clusters = zip(classes, others).map { $1 < 4 ? $0 : $1 }
    let one = ClusterAgreement(classes: classes, clusters: clusters)
    let other = ClusterAgreement(classes: clusters, clusters: classes)
    #expect(abs(one.vMeasure - other.vMeasure) < 1e-14)
    #expect(abs(one.adjustedMutualInformation - other.adjustedMutualInformation) < 1e-13)
    #expect(abs(one.homogeneity - other.completeness) < 1e-14)
  }

  @Test func `expected information is the mean over all dealings`() {
    // All 7! orders of the clusters against the classes, counted one by one.
    let classes = [0, 0, 0, 1, 1, 2, 2]
    let clusters = [0, 0, 1, 1, 1, 1, 2]
    var sum = 0.0
    var count = 0.0
    func permute(_ order: inout [Int], _ length: Int) {
      if length == 1 {
        sum += ClusterAgreement(classes: classes, clusters: order).mutualInformation
        count += 1
        return
      }
      for place in 0..<length {
        order.swapAt(place, length - 1)
        permute(&order, length - 1)
        order.swapAt(place, length - 1)
      }
    }
    var order = clusters
    permute(&order, order.count)
    let expected = ClusterAgreement(classes: classes, clusters: clusters).expectedMutualInformation
    #expect(count == 5040)
    #expect(abs(expected - sum / count) < 1e-13)
  }
}
