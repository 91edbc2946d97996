// What a merge has to tell when it is done, and while it runs.

package import Core

/// The facts of a finished merge.
package struct MergeSummary: Sendable {
  /// What one parent contributed.
  package struct Parent: Sendable {
    package let label: String
    /// Cosine of all weights with the reference; nil for the reference itself.
    package let cosine: Double?
    /// |parent - result| / |result|.
    package let distance: Double
    /// |parent - base| / |base|; nil for methods without a base.
    package let change: Double?
    /// Cosine of (parent - base) and (result - base); nil without a base, or for no change.
    package let agreement: Double?
  }

  package var tensors = 0
  package var copiedTensors = 0
  /// Numbers in the merged tensors.
  package var parameters = 0
  package var files: [String] = []
  package var bytes = 0
  /// How many tensors were written in each type.
  package var types: [String: Int] = [:]
  package var parents: [Parent] = []
  /// |result| / root mean square of |parents|: 1 for copies of one, 1/√n for n strangers.
  package var normRatio: Double?
  /// slerp: angles in degrees, smallest, mean and largest, and how many tensors went straight.
  package var angles: (smallest: Double, mean: Double, largest: Double)?
  package var straightTensors: Int?
  /// ties: the share of numbers for which kept changes have both signs.
  package var conflicts: Double?
  package var notes: [String] = []
  package var warnings: [String] = []

  /// Facts about the numbers, as the merge card records them.
  package var statistics: JSON {
    var facts: [(String, JSON)] = [
      ("tensors", .integer(tensors)), ("copied_tensors", .integer(copiedTensors)),
      ("parameters", .integer(parameters)),
      ("types", .object(types.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })),
      ("norm_ratio", .optional(normRatio) { .number($0.rounded(decimals: 6)) }),
    ]
    if let angles {
      facts.append(("angle_degrees_smallest", .number(angles.smallest.rounded(decimals: 4))))
      facts.append(("angle_degrees_mean", .number(angles.mean.rounded(decimals: 4))))
      facts.append(("angle_degrees_largest", .number(angles.largest.rounded(decimals: 4))))
    }
    if let straightTensors { facts.append(("straight_tensors", .integer(straightTensors))) }
    if let conflicts {
      facts.append(("sign_conflicts", .number(conflicts.rounded(decimals: 6))))
    }
    return .object(facts)
  }
}

extension MergeSummary.Parent {
  /// The numbers, as the merge card records them.
  package var statistics: [(String, JSON)] {
    [
      ("cosine_with_reference", .optional(cosine) { .number($0.rounded(decimals: 6)) }),
      ("distance_from_result", .number(distance.rounded(decimals: 6))),
      ("change_from_base", .optional(change) { .number($0.rounded(decimals: 6)) }),
      ("agreement_with_result", .optional(agreement) { .number($0.rounded(decimals: 6)) }),
    ]
  }
}

/// What happens during a merge.
package enum MergeEvent: Sendable {
  case started(tensors: Int, bytes: Int)
  /// A tensor is in the file; `cosine` is the smallest of any parent with the reference.
  case merged(tensor: String, shape: [Int], type: String, cosine: Double?)
  case copied(tensor: String)
}

/// Adds up what the tensors say.
struct MergeTally {
  private var total: SliceSums
  private var ancestry: Ancestry
  private var angles: [Double] = []
  private var straight = 0
  var summary = MergeSummary()

  init(parents count: Int) {
    total = SliceSums(parents: count)
    ancestry = Ancestry(parents: count)
  }

  mutating func add(_ sums: SliceSums, shape: [Int], type: String) {
    total += sums
    ancestry.add(sums, shape: shape)
    summary.tensors += 1
    summary.parameters += sums.elements
    summary.types[type, default: 0] += 1
  }

  mutating func add(angle: Double?) {
    if let angle { angles.append(angle * 180 / .pi) } else { straight += 1 }
  }

  mutating func addCopy(type: String) {
    summary.copiedTensors += 1
    summary.types[type, default: 0] += 1
  }

  /// The finished summary.
  func finished(
    _ method: MergeMethod, _ labels: [String], base: String?, notes: [String]
  ) -> MergeSummary {
    var summary = summary
    summary.notes = notes
    let count = Double(labels.count)
    let size = (total.parents.reduce(0) { $0 + $1.square } / count).squareRoot()
    summary.normRatio = size > 0 ? total.result.squareRoot() / size : nil
    summary.parents = labels.enumerated().map { place, label in
      let sums = total.parents[place]
      return MergeSummary.Parent(
        label: label, cosine: base == nil && place == 0 ? nil : total.cosine(place),
        distance: Self.ratio(sums.toResult, total.result),
        change: base.map { _ in Self.ratio(sums.change, total.reference) },
        agreement: base.flatMap { _ in
          SliceSums.cosine(sums.changeWithResult, sums.change, total.resultChange)
        })
    }
    for (place, label) in labels.enumerated() where ancestry.isStranger(place) {
      let share = Int((ancestry.strangeness(place) * 100).rounded())
      summary.warnings.append(
        "\(label) and \(base ?? labels[0]) share no ancestry: in \(share) % of their weights the"
          + " cosine is below \(Ancestry.limit); merging unrelated checkpoints gives noise")
    }
    switch method {
    case .slerp:
      summary.straightTensors = straight
      if let smallest = angles.min(), let largest = angles.max() {
        let mean = angles.reduce(0, +) / Double(angles.count)
        summary.angles = (smallest, mean, largest)
      }
    case .ties where total.elements > 0:
      summary.conflicts = Double(total.conflicts) / Double(total.elements)
    default: break
    }
    return summary
  }

  private static func ratio(_ square: Double, _ reference: Double) -> Double {
    reference > 0 ? (square / reference).squareRoot() : 0
  }
}
