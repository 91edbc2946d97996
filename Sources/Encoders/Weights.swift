// Reading a model's weights by name: tensors below one path, so that each name is written once and
// every error says all of it.

import Core
import Tensors

/// The tensors of a checkpoint below one path.
struct Weights {
  private let tensors: Safetensors
  let kernels: Kernels
  /// What stands before every name, with its dot; empty at the root.
  private let path: String
  private let read: ReadNames

  /// The names that were asked for, shared by all paths of one checkpoint.
  private final class ReadNames {
    var names: Set<String> = []
  }

  /// Whether linear layers have a bias.
  enum Bias {
    case required, absent
  }

  /// The root of the model: the first of `prefixes` under which the tensor `mark` lies.
  ///
  /// Files saved with a head on top have one prefix more than files saved without.
  init(_ tensors: Safetensors, prefixes: [String], mark: String, _ kernels: Kernels) {
    self.tensors = tensors
    self.kernels = kernels
    path = prefixes.first { tensors.tensors[$0 + mark] != nil } ?? ""
    read = ReadNames()
  }

  private init(_ parent: Weights, path: String) {
    tensors = parent.tensors
    kernels = parent.kernels
    self.path = path
    read = parent.read
  }

  /// The tensors one step further down.
  func at(_ component: String) -> Weights { Weights(self, path: path + component + ".") }

  /// Whether there is a tensor of this name.
  func has(_ name: String) -> Bool { tensors.tensors[path + name] != nil }

  /// Numbers in all floating-point tensors whose names start with one of `parts`.
  func parameters(below parts: [String]) -> Int {
    let parts = parts.map { path + $0 }
    return tensors.tensors.values.reduce(0) { sum, tensor in
      let counts = tensor.isFloatingPoint && parts.contains { tensor.name.hasPrefix($0) }
      return counts ? sum + tensor.count : sum
    }
  }

  /// Refuses floating-point tensors below this path that nobody has asked for.
  ///
  /// A bias, a norm or an adapter that the architecture does not expect would change the result;
  /// leaving it out silently would give wrong vectors. Speeds of rotations are computed anew.
  ///
  /// - Throws: `.unsupported` with the full name of the first such tensor.
  func refuseUnread() throws(Failure) {
    let others = tensors.tensors.values.filter {
      $0.isFloatingPoint && $0.name.hasPrefix(path) && !$0.name.hasSuffix("inv_freq")
        && !read.names.contains($0.name)
    }
    guard let first = others.map(\.name).min() else { return }
    throw Failure(
      .unsupported, tensors.name, "tensor \(first) has no place in this architecture",
      hint: "adapters have to be merged into the weights; else check model_type in config.json")
  }

  // MARK: Numbers

  /// A tensor of this exact name and shape, as f32.
  ///
  /// - Throws: `Failure` naming a tensor that is missing, has another shape or type, or holds NaN or
  ///   infinity.
  func floats(_ name: String, _ shape: [Int]) throws(Failure) -> Floats {
    read.names.insert(path + name)
    return try tensors.tensor(path + name).floats(shape, kernels)
  }

  /// `<name>.weight` of shape [rows, columns].
  func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(Failure) -> Floats {
    try floats(name + ".weight", [rows, columns])
  }

  // MARK: Layers

  /// One linear layer, or several over the same input as one: each [outputs, inputs].
  func linear(
    stacking names: [String], outputs: [Int], inputs: Int, bias: Bias = .required
  ) throws(Failure) -> Linear {
    var weights: [Floats] = []
    var biases: [Floats] = []
    for (name, outputs) in zip(names, outputs) {
      weights.append(try matrix(name, outputs, inputs))
      if bias == .required { biases.append(try floats(name + ".bias", [outputs])) }
    }
    return Linear(
      weights: PackedWeights(stacking: weights, for: kernels),
      bias: bias == .required ? Floats(joining: biases) : nil)
  }

  /// One linear layer [outputs, inputs] whose first and second half of outputs change places.
  func linear(
    swappingHalvesOf name: String, outputs: Int, inputs: Int, bias: Bias = .required
  ) throws(Failure) -> Linear {
    precondition(outputs % 2 == 0, "\(name): halves of \(outputs) outputs")
    let half = outputs / 2
    let weight = try matrix(name, outputs, inputs)
    var swapped: Floats?
    if bias == .required {
      let numbers = try floats(name + ".bias", [outputs]).values
      swapped = Floats(Array(numbers[half...] + numbers[..<half]))
    }
    return Linear(
      weights: PackedWeights(
        stacking: [weight.rows(half..<outputs), weight.rows(0..<half)], for: kernels),
      bias: swapped)
  }

  /// One linear layer [outputs, inputs].
  func linear(
    _ name: String, outputs: Int, inputs: Int, bias: Bias = .required
  ) throws(Failure) -> Linear {
    try linear(stacking: [name], outputs: [outputs], inputs: inputs, bias: bias)
  }

  /// A layer norm; files converted from TensorFlow call its weight and bias gamma and beta.
  func layerNorm(
    _ name: String, width: Int, epsilon: Float, bias: Bias = .required
  ) throws(Failure) -> LayerNorm {
    let isOld = !has(name + ".weight") && has(name + ".gamma")
    return LayerNorm(
      scale: try floats(name + (isOld ? ".gamma" : ".weight"), [width]),
      shift: bias == .absent ? nil : try floats(name + (isOld ? ".beta" : ".bias"), [width]),
      epsilon: epsilon)
  }

  /// A root-mean-square norm; `isOffset` where the file holds the scale less 1.
  func rmsNorm(
    _ name: String, width: Int, epsilon: Float, isOffset: Bool = false
  ) throws(Failure) -> RMSNorm {
    let stored = try floats(name + ".weight", [width])
    return RMSNorm(
      scale: isOffset ? Floats(stored.values.map { 1 + $0 }) : stored, epsilon: epsilon)
  }
}
