// Several checkpoints as one: every tensor is the weighted mean of its namesakes, computed when it
// is read and kept nowhere.

package import Core

extension Safetensors {
  /// The weighted mean of checkpoints with the same tensors.
  ///
  /// Weights are divided by their sum. Floating-point tensors become F32 and equal, bit for bit,
  /// those of a linear merge that is written as float32; all others have to be equal and are the
  /// first checkpoint's.
  ///
  /// - Throws: `.malformed` naming the first tensor that one checkpoint has and another has not, has
  ///   in another shape or, where it is no floating-point tensor, with other bytes.
  package init(averaging parents: [Safetensors], weights: [Double]) throws(Failure) {
    precondition(
      !parents.isEmpty && parents.count == weights.count,
      "\(weights.count) weights for \(parents.count) checkpoints")
    let weights = WeightedSum.normalized(weights)
    let names = Set(parents.flatMap(\.tensors.keys)).sorted()
    var tensors: [String: Tensor] = [:]
    for name in names {
      tensors[name] = try Self.mean(of: name, parents, weights)
    }
    self.init(name: "the mean of \(parents.map(\.name).joined(separator: ", "))", tensors: tensors)
  }

  private static func mean(
    of name: String, _ parents: [Safetensors], _ weights: [Double]
  ) throws(Failure) -> Tensor {
    let namesakes = try parents.map { parent throws(Failure) in try parent.tensor(name) }
    let first = namesakes[0]
    for other in namesakes.dropFirst() {
      guard other.shape == first.shape else {
        throw Failure(
          .malformed, other.fileName,
          "tensor \(name) has shape \(Tensor.text(other.shape)), but \(Tensor.text(first.shape))"
            + " in \(first.fileName)", hint: "average checkpoints of one model only")
      }
      guard first.isFloatingPoint || first.hasSameBytes(as: other) else {
        throw Failure(
          .malformed, other.fileName,
          "tensor \(name) of \(other.type) is not the same as in \(first.fileName)",
          hint: "only floating-point tensors can be averaged")
      }
    }
    guard first.isFloatingPoint else { return first }
    return Tensor(
      name: name, type: "F32", shape: first.shape, source: .sum(namesakes, weights: weights))
  }
}

extension Tensor {
  /// Whether two tensors of files have the same type, shape and bytes.
  package func hasSameBytes(as other: Tensor) -> Bool {
    guard type == other.type, shape == other.shape else { return false }
    let piece = 1 << 20
    return stride(from: 0, to: byteCount, by: piece).allSatisfy { start in
      let range = start..<min(start + piece, byteCount)
      return bytes(range) == other.bytes(range)
    }
  }
}
