// The names under which config.json files ask for an activation, for every architecture.

import Core
import Tensors

extension ConfigFile {
  /// Every name that transformers gives to an activation which Borda has.
  ///
  /// The tanh form has five names, whose formulas differ in the rounding of a product at most.
  static let activations: [(name: String, activation: Activation)] = [
    ("gelu", .gelu), ("gelu_accurate", .geluTanh), ("gelu_fast", .geluTanh),
    ("gelu_new", .geluTanh), ("gelu_python", .gelu), ("gelu_python_tanh", .geluTanh),
    ("gelu_pytorch_tanh", .geluTanh), ("linear", .none), ("relu", .relu), ("silu", .silu),
    ("swish", .silu), ("tanh", .tanh),
  ]

  /// The activation that a key names; `fallback` is a name too, for a key that is absent.
  ///
  /// - Throws: `.unsupported` for a name that is not listed, with the list.
  func activation(_ key: String, fallback: String) throws(Failure) -> Activation {
    try activation(named: try string(key) ?? fallback, under: key)
  }

  /// The activation of a name that is the value of `key`, or a part of it.
  ///
  /// - Throws: `.unsupported` for a name that is not listed, with the list.
  func activation(named name: String, under key: String) throws(Failure) -> Activation {
    guard let entry = Self.activations.first(where: { $0.name == name }) else {
      let names = Self.activations.map(\.name).joined(separator: ", ")
      throw unsupported(
        key, "is '\(name)', an activation that Borda lacks", hint: "Borda has \(names)")
    }
    return entry.activation
  }
}
