// Whether checkpoints descend from one training: merging strangers gives noise, and no error would
// say so.

import Core

/// Compares every parent with the reference, tensor by tensor: the base, or else the first parent.
///
/// The rule: a parent is a stranger when more than half of the numbers of all weight matrices lie
/// in matrices whose cosine with the reference's is below 0.1 in size.
///
/// - The tensors are compared, not the changes made to a base: fine-tunings of one base on
///   different data change it in directions that are nearly orthogonal (so do those of a random
///   walk), and changes from a base that has nothing to do with any parent have cosine 0.5.
/// - Matrices only: scales of norms lie near 1 and resemble each other in any two models.
/// - For n independent numbers the cosine has a standard deviation of 1/√n; below 1,024 numbers
///   a stranger could pass 0.1 by chance, so smaller matrices count only where there are no others.
struct Ancestry: Sendable {
  static let limit = 0.1
  static let smallest = 1024

  private struct Count {
    var elements = 0
    var strange: [Int]
  }

  private var large: Count
  private var small: Count

  init(parents count: Int) {
    large = Count(strange: Array(repeating: 0, count: count))
    small = large
  }

  /// Takes the sums of one tensor.
  mutating func add(_ sums: SliceSums, shape: [Int]) {
    guard shape.count(where: { $0 > 1 }) >= 2 else { return }
    if sums.elements >= Self.smallest {
      Self.add(sums, to: &large)
    } else {
      Self.add(sums, to: &small)
    }
  }

  private static func add(_ sums: SliceSums, to count: inout Count) {
    count.elements += sums.elements
    for place in count.strange.indices {
      // Where one of them is all zero there is nothing to see.
      guard let cosine = sums.cosine(place) else { continue }
      if abs(cosine) < limit { count.strange[place] += sums.elements }
    }
  }

  /// The share of the weights in which a parent has nothing in common with the reference, 0...1.
  func strangeness(_ parent: Int) -> Double {
    let count = large.elements > 0 ? large : small
    return count.elements == 0 ? 0 : Double(count.strange[parent]) / Double(count.elements)
  }

  func isStranger(_ parent: Int) -> Bool { strangeness(parent) > 0.5 }
}
