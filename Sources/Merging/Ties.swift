// TIES (Yadav and others 2023): trim every parent's changes to the largest, elect a sign for each
// number, average the changes that agree with it.

import Core
import Tensors

/// What TIES keeps of every parent's changes to one tensor.
///
/// The largest changes are found without holding them: passes over the slices narrow down the bits
/// of the smallest magnitude that is kept, so that memory does not grow with the tensor.
struct Ties: Sendable {
  /// What is kept of one parent.
  struct Trim: Sendable, Equatable {
    /// Bits of the smallest kept |change|; changes above it are all kept.
    var threshold: UInt32
    /// How many changes of exactly that size are kept, those of the lowest index.
    var allowed: Int
    /// For every slice, how many changes of exactly that size lie before it.
    var before: [Int]
  }

  let weights: [Double]
  private(set) var trims: [Trim]

  init(weights: [Double], trims: [Trim]) {
    self.weights = weights
    self.trims = trims
  }

  /// Finds what is kept: the ⌊density · n⌋ largest |xᵢ - base| of each parent, the lower index first
  /// among equals.
  init(
    _ tensor: TensorMerge, weights: [Double], density: Double, _ slices: Slices
  ) async throws(Failure) {
    let kept = Int((density * Double(tensor.count)).rounded(.down))
    var searches = tensor.parents.map { _ in Search(rank: kept) }
    if kept > 0 {
      for level in Search.levels {
        let state = searches
        try await slices.forEach(of: tensor.count) { _, range throws(Failure) in
          try Self.changes(tensor, range).enumerated().map { state[$0].histogram($1, level) }
        } then: { (histograms: [[Int]]) in
          for place in searches.indices { searches[place].add(histograms[place]) }
        }
        for place in searches.indices { searches[place].narrow(level) }
      }
    }
    let found = searches
    var trims = found.map { Trim(threshold: $0.prefix, allowed: $0.rank, before: []) }
    var counts = trims.map { _ in 0 }
    if kept > 0 {
      try await slices.forEach(of: tensor.count) { _, range throws(Failure) in
        try Self.changes(tensor, range).enumerated().map { place, changes in
          changes.count { Self.magnitude($0) == found[place].prefix }
        }
      } then: { (equal: [Int]) in
        for place in trims.indices {
          trims[place].before.append(counts[place])
          counts[place] += equal[place]
        }
      }
    }
    self.init(weights: weights, trims: trims)
  }

  private static func changes(
    _ tensor: TensorMerge, _ range: Range<Int>
  ) throws(Failure) -> [[Float]] {
    let base = try tensor.base?.values(range, tensor.kernels) ?? []
    return try tensor.parents.map { parent throws(Failure) in
      change(try parent.values(range, tensor.kernels), base)
    }
  }

  /// x - base, in f32 as the method is defined.
  private static func change(_ values: [Float], _ base: [Float]) -> [Float] {
    [Float](unsafeUninitializedCapacity: base.count) { buffer, initialized in
      for i in base.indices { buffer.initializeElement(at: i, to: values[i] - base[i]) }
      initialized = base.count
    }
  }

  /// Magnitudes in order of size, as whole numbers: the bits of an f32 without its sign.
  fileprivate static func magnitude(_ value: Float) -> UInt32 { value.bitPattern & 0x7FFF_FFFF }

  // MARK: A slice

  /// Merged numbers of a slice, and for how many of them kept changes have both signs.
  func merge(
    _ lists: [[Float]], base: [Float], slice: Int
  ) -> (values: [Float], conflicts: Int) {
    let kept = lists.enumerated().map { place, values in
      trimmed(Self.change(values, base), trims[place], slice)
    }
    var conflicts = 0
    let values = base.indices.map { i in
      var (sum, up, down, upWeight, downWeight) = (0.0, 0.0, 0.0, 0.0, 0.0)
      var (hasUp, hasDown) = (false, false)
      for (changes, weight) in zip(kept, weights) {
        let change = Double(changes[i])
        sum += weight * change
        if change > 0 {
          up += weight * change
          upWeight += weight
          hasUp = true
        } else if change < 0 {
          down += weight * change
          downWeight += weight
          hasDown = true
        }
      }
      if hasUp && hasDown { conflicts += 1 }
      // Nothing kept counts as agreeing on plus, with nothing to add.
      let (agreed, weight) = sum >= 0 ? (up, upWeight) : (down, downWeight)
      return Float(Double(base[i]) + (weight == 0 ? 0 : agreed / weight))
    }
    return (values, conflicts)
  }

  /// The changes with those that are not kept set to zero.
  private func trimmed(_ changes: [Float], _ trim: Trim, _ slice: Int) -> [Float] {
    guard trim.allowed > 0 else { return Array(repeating: 0, count: changes.count) }
    var equal = trim.before[slice]
    return changes.map { change in
      let magnitude = Self.magnitude(change)
      if magnitude > trim.threshold { return change }
      guard magnitude == trim.threshold else { return 0 }
      equal += 1
      return equal <= trim.allowed ? change : 0
    }
  }
}

/// Narrows down the bits of the number of a given rank, from the highest bits to the lowest.
private struct Search: Sendable {
  /// Which bits a pass decides: 11, then 10, then 10 of 31.
  static let levels: [(shift: UInt32, bits: UInt32)] = [(20, 11), (10, 10), (0, 10)]

  /// The bits that are known, the rest zero.
  var prefix: UInt32 = 0
  /// The rank, counted from the largest and from 1, among the numbers with these bits.
  var rank: Int
  private var counts: [Int] = []

  init(rank: Int) { self.rank = rank }

  /// How many numbers with the known bits have each value of the next ones.
  func histogram(_ values: [Float], _ level: (shift: UInt32, bits: UInt32)) -> [Int] {
    var counts = Array(repeating: 0, count: 1 << level.bits)
    let above = level.shift + level.bits
    let mask = UInt32(counts.count - 1)
    counts.withUnsafeMutableBufferPointer { counts in
      for value in values {
        let magnitude = Ties.magnitude(value)
        if magnitude >> above == prefix >> above {
          counts[Int(magnitude >> level.shift & mask)] += 1
        }
      }
    }
    return counts
  }

  mutating func add(_ more: [Int]) {
    if counts.isEmpty { return counts = more }
    for i in counts.indices { counts[i] += more[i] }
  }

  /// Goes down from the largest value until the rank is reached.
  mutating func narrow(_ level: (shift: UInt32, bits: UInt32)) {
    defer { counts = [] }
    for value in counts.indices.reversed() {
      if rank <= counts[value] {
        prefix |= UInt32(value) << level.shift
        return
      }
      rank -= counts[value]
    }
  }
}
