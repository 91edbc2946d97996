// How well clusters follow known classes: V-measure and adjusted mutual information.

import Foundation

/// Agreement of two labelings of the same items.
///
/// Both measures are symmetric and do not depend on the names of classes and clusters.
package struct ClusterAgreement: Sendable {
  /// Σ n_ij/n (ln n_ij/n - ln a_i/n - ln b_j/n), in nats, never negative.
  let mutualInformation: Double
  /// Entropies in nats; exactly 0 where there is one class or one cluster.
  let classEntropy: Double
  let clusterEntropy: Double
  private let classSizes: [Int]
  private let clusterSizes: [Int]

  /// - Parameters:
  ///   - classes: the class of each item, [items], small numbers from 0 on; some may not occur
  ///   - clusters: the cluster of each item, [items], likewise
  package init(classes: [Int], clusters: [Int]) {
    precondition(
      classes.count == clusters.count && !classes.isEmpty,
      "\(classes.count) classes of \(clusters.count) items in clusters")
    let classCounts = Self.counts(of: classes)
    let clusterCounts = Self.counts(of: clusters)
    classSizes = classCounts.filter { $0 > 0 }
    clusterSizes = clusterCounts.filter { $0 > 0 }
    classEntropy = Self.entropy(classSizes)
    clusterEntropy = Self.entropy(clusterSizes)
    // The clusters of the items class by class; then the cells of one class after the other.
    var place = classCounts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    var grouped = Array(repeating: 0, count: classes.count)
    for (item, cluster) in zip(classes, clusters) {
      grouped[place[item]] = cluster
      place[item] += 1
    }
    let count = Double(classes.count)
    var cells = Array(repeating: 0, count: clusterCounts.count)
    var sum = 0.0
    var rest = grouped[...]
    for size in classSizes {
      for cluster in rest.prefix(size) { cells[cluster] += 1 }
      for cluster in rest.prefix(size) where cells[cluster] > 0 {
        let shared = Double(cells[cluster])
        let expected = Double(size) * Double(clusterCounts[cluster]) / count
        sum += shared / count * log(shared / expected)
        cells[cluster] = 0
      }
      rest = rest.dropFirst(size)
    }
    // What is left of a sum that cancels is rounding.
    mutualInformation = abs(sum) <= .ulpOfOne ? 0 : max(0, sum)
  }

  /// How many items each label has.
  private static func counts(of labels: [Int]) -> [Int] {
    var counts = Array(repeating: 0, count: (labels.max() ?? 0) + 1)
    for label in labels { counts[label] += 1 }
    return counts
  }

  private static func entropy(_ sizes: [Int]) -> Double {
    guard sizes.count > 1 else { return 0 }
    let count = Double(sizes.reduce(0, +))
    return -sizes.reduce(0.0) { sum, size in
      sum + Double(size) / count * (log(Double(size)) - log(count))
    }
  }

  /// Whether each cluster has members of one class only, in [0, 1]; 1 with a single class.
  package var homogeneity: Double {
    classEntropy == 0 ? 1 : min(1, mutualInformation / classEntropy)
  }

  /// Whether each class lies in one cluster, in [0, 1]; 1 with a single cluster.
  package var completeness: Double {
    clusterEntropy == 0 ? 1 : min(1, mutualInformation / clusterEntropy)
  }

  /// The harmonic mean of homogeneity and completeness (Rosenberg, Hirschberg 2007), in [0, 1].
  package var vMeasure: Double {
    let sum = homogeneity + completeness
    return sum == 0 ? 0 : 2 * homogeneity * completeness / sum
  }

  /// Mutual information beyond what chance gives (Vinh, Epps, Bailey 2010), at most 1.
  ///
  /// (MI - E[MI]) / (mean of both entropies - E[MI]); 1 where there are one class and one cluster.
  package var adjustedMutualInformation: Double {
    if classSizes.count == 1, clusterSizes.count == 1 { return 1 }
    let expected = expectedMutualInformation
    let range = (classEntropy + clusterEntropy) / 2 - expected
    // Where both labelings are all singletons, say, the range is 0 but for rounding.
    let divisor = range < 0 ? min(range, -.ulpOfOne) : max(range, .ulpOfOne)
    return (mutualInformation - expected) / divisor
  }

  /// The mean of the mutual information over all ways to deal the items to clusters of these sizes.
  ///
  /// Σ_ij Σ_n n/N ln(N n / (a_i b_j)) P(n), where n is how many items a class of size a and a
  /// cluster of size b share, which has the hypergeometric distribution.
  var expectedMutualInformation: Double {
    // One class or one cluster: every n is certain and its logarithm 0.
    guard classSizes.count > 1, clusterSizes.count > 1 else { return 0 }
    let count = classSizes.reduce(0, +)
    let factorials = LogFactorials(upTo: count)
    // Classes of equal size have equal terms.
    let rows = Dictionary(grouping: classSizes) { $0 }.mapValues(\.count).sorted { $0.key < $1.key }
    let columns = Dictionary(grouping: clusterSizes) { $0 }.mapValues(\.count)
      .sorted { $0.key < $1.key }
    var sum = 0.0
    for (a, classes) in rows {
      for (b, clusters) in columns {
        sum += Double(classes * clusters) * factorials.expectedTerm(a, b, of: count)
      }
    }
    return sum
  }
}

/// The logarithms of the factorials of 0 to a limit.
private struct LogFactorials {
  private let values: [Double]

  init(upTo limit: Int) {
    var values = [0.0]
    values.reserveCapacity(limit + 1)
    // Compensated (Neumaier), since the values grow far beyond the logarithms that are added.
    var total = 0.0
    var lost = 0.0
    for number in stride(from: 1, through: limit, by: 1) {
      let term = log(Double(number))
      let next = total + term
      lost += total >= term ? (total - next) + term : (term - next) + total
      total = next
      values.append(total + lost)
    }
    self.values = values
  }

  /// Σ_n n/N ln(N n / (a b)) P(n) for sizes a and b among N items.
  ///
  /// From the likeliest n outwards, since far from it P underflows, and until P no longer counts.
  func expectedTerm(_ a: Int, _ b: Int, of count: Int) -> Double {
    let first = max(0, a + b - count)
    let last = min(a, b)
    let mode = min(last, max(first, (a + 1) * (b + 1) / (count + 2)))
    let peak = probability(mode, a, b, count)
    let expected = Double(a) * Double(b) / Double(count)
    func term(_ n: Int, _ probability: Double) -> Double {
      n == 0 ? 0 : Double(n) / Double(count) * log(Double(n) / expected) * probability
    }
    var sum = term(mode, peak)
    var probability = peak
    for n in stride(from: mode, to: last, by: 1) {
      // P(n + 1) / P(n) = (a - n)(b - n) / ((n + 1)(N - a - b + n + 1))
      probability *=
        Double(a - n) * Double(b - n)
        / (Double(n + 1) * Double(count - a - b + n + 1))
      sum += term(n + 1, probability)
      if probability < peak * 1e-22 { break }
    }
    probability = peak
    for n in stride(from: mode, to: first, by: -1) {
      probability *=
        Double(n) * Double(count - a - b + n)
        / (Double(a - n + 1) * Double(b - n + 1))
      sum += term(n - 1, probability)
      if probability < peak * 1e-22 { break }
    }
    return sum
  }

  /// The hypergeometric probability of n shared items.
  ///
  /// P(n) = a! b! (N-a)! (N-b)! / (N! n! (a-n)! (b-n)! (N-a-b+n)!)
  private func probability(_ n: Int, _ a: Int, _ b: Int, _ count: Int) -> Double {
    let above = values[a] + values[b] + values[count - a] + values[count - b]
    let below = values[count] + values[n] + values[a - n] + values[b - n]
    return exp(above - below - values[count - a - b + n])
  }
}
