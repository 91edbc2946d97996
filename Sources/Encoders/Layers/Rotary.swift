// Rotary position embeddings: how fast each pair of numbers turns, with the scalings that models
// for long texts apply to these speeds, and the keys of config.json that say so.
//
// Easy to get wrong:
//   - The reference computes the speeds in f32, step by step; far into a text a last bit shows.
//   - It divides by a tensor as "reciprocal, then times", which rounds twice.
//   - llama3 has three zones; yarn multiplies cosines and sines too.
//   - rope_theta inside rope_parameters wins over the one outside, and rope_scaling over
//     rope_parameters.

import Core
import Foundation
import Tensors

/// One rotation of queries and keys.
struct Rotary: Sendable, Hashable {
  /// Radians per position, [width / 2], the fastest first.
  let inverseFrequencies: [Float]
  /// Multiplies cosines and sines.
  let factor: Float

  /// A rotation of the first `width` numbers of each head, an even number.
  ///
  /// Pair i turns by `theta` to the power of -2i / width per position, before scaling.
  init(width: Int, theta: Double, scaling: Scaling = .none) {
    precondition(width > 0 && width % 2 == 0 && theta > 1, "a rotation of \(width) at \(theta)")
    let periods = (0..<width / 2).map { pair in
      let exponent = Float(2 * pair) / Float(width)
      return Float(pow(Double(Float(theta)), Double(exponent)))
    }
    let speeds = periods.map { 1 / $0 }
    switch scaling {
    case .none:
      inverseFrequencies = speeds
      factor = 1
    case .linear(let divisor):
      inverseFrequencies = speeds.map { $0 / Float(divisor) }
      factor = 1
    case .llama3(let zones):
      inverseFrequencies = speeds.map(zones.scaled)
      factor = 1
    case .yarn(let ramp):
      inverseFrequencies = ramp.scaled(periods, theta: theta)
      factor = Float(ramp.attentionFactor)
    }
  }
}

extension RotaryTable {
  /// Cosines and sines of the positions 0 ..< `length`.
  init(_ rotary: Rotary, length: Int) {
    self.init(
      inverseFrequencies: rotary.inverseFrequencies, factor: rotary.factor, length: length)
  }
}

// MARK: Scalings

extension Rotary {
  /// What a model trained on short texts does to the speeds for longer ones.
  enum Scaling: Sendable, Hashable {
    case none
    /// Every speed divided by the factor.
    case linear(Double)
    case llama3(Zones)
    case yarn(Ramp)
  }

  /// Llama 3: fast pairs as they are, slow pairs divided by the factor, in between a mixture.
  struct Zones: Sendable, Hashable {
    let factor: Double
    /// Turns over the original length below which a pair is slow.
    let slow: Double
    /// Turns over the original length above which a pair is fast; more than `slow`.
    let fast: Double
    /// The longest text of the first training, in tokens.
    let originalLength: Double

    fileprivate func scaled(_ speed: Float) -> Float {
      let period = (1 / speed) * Float(2 * Double.pi)
      if period > Float(originalLength / slow) { return speed / Float(factor) }
      if period < Float(originalLength / fast) { return speed }
      let turns = (1 / period) * Float(originalLength)
      let share = (turns - Float(slow)) / Float(fast - slow)
      return (1 - share) * speed / Float(factor) + share * speed
    }
  }

  /// YaRN, of Peng and others (2023): a ramp over the pairs, from those that keep their speed to
  /// those that the factor divides.
  struct Ramp: Sendable, Hashable {
    let factor: Double
    /// The longest text of the first training, in tokens.
    let originalLength: Double
    /// Turns over the original length above which a pair stays as it is.
    var fast = 32.0
    /// Turns over the original length below which a pair is divided by the factor.
    var slow = 1.0
    /// Whether the ends of the ramp are whole pairs.
    var truncates = true
    /// Multiplies cosines and sines.
    let attentionFactor: Double

    /// 0.1 · weight · ln(factor) + 1, and 1 for a factor of at most 1.
    static func attentionFactor(_ factor: Double, weight: Double = 1) -> Double {
      factor <= 1 ? 1 : 0.1 * weight * log(factor) + 1
    }

    fileprivate func scaled(_ periods: [Float], theta: Double) -> [Float] {
      let width = Double(2 * periods.count)
      func pair(turning turns: Double) -> Double {
        width * log(originalLength / (turns * 2 * .pi)) / (2 * log(theta))
      }
      var first = pair(turning: fast)
      var last = pair(turning: slow)
      if truncates { (first, last) = (first.rounded(.down), last.rounded(.up)) }
      (first, last) = (max(first, 0), min(last, width - 1))
      if first == last { last += 0.001 }
      return periods.enumerated().map { number, period in
        let place = (Float(number) - Float(first)) / Float(last - first)
        let kept = 1 - min(max(place, 0), 1)
        return 1 / (Float(factor) * period) * (1 - kept) + 1 / period * kept
      }
    }
  }
}

// MARK: Configuration

extension Rotary {
  private static let thetas = 2.0...1e15
  private static let factors = 1e-3...1e6

  /// The one rotation of a model: `rope_theta` and `rope_scaling`, or `rope_parameters`.
  ///
  /// - Parameters:
  ///   - config: the model's `config.json`.
  ///   - width: of a head, all of which turns.
  ///   - positions: the model's `max_position_embeddings`.
  ///   - theta: what transformers takes where no key says it.
  /// - Throws: `.unsupported` for a scaling that Borda does not have, by name.
  init(
    _ config: ConfigFile, width: Int, positions: Int, theta: Double = 10_000
  ) throws(Failure) {
    var section = try config.section("rope_scaling")
    if section?.json.members?.keys.isEmpty ?? true {
      section = try config.section("rope_parameters")
    }
    if let key = Self.layerType(in: section) {
      throw config.unsupported(
        "rope_parameters", "holds settings of their own for '\(key)'",
        hint: "Borda knows one rotation for all layers of this architecture")
    }
    let stated = try config.number("rope_theta", in: Self.thetas)
    try self.init(config, section, width: width, positions: positions, theta: stated ?? theta)
  }

  /// The rotation of one type of layers: `rope_parameters.<layerType>`, or older keys.
  ///
  /// - Parameters:
  ///   - config: the model's `config.json`.
  ///   - layerType: `full_attention` or `sliding_attention`.
  ///   - key: the older key of theta, outside `rope_parameters`.
  ///   - theta: what transformers takes where no key says it.
  ///   - width: of a head, all of which turns.
  ///   - positions: the model's `max_position_embeddings`.
  ///   - isScaled: whether `rope_scaling` is about this type.
  /// - Throws: `.unsupported` for a scaling that Borda does not have, by name.
  init(
    _ config: ConfigFile, for layerType: String, key: String, theta: Double, width: Int,
    positions: Int, isScaled: Bool
  ) throws(Failure) {
    let sections = try config.section("rope_parameters")
    let scaling = try config.section("rope_scaling")
    if let sections, let flat = sections.json.members?.keys.first(where: Self.isSetting) {
      throw sections.unsupported(
        flat, "stands outside the layer types",
        hint: "write full_attention and sliding_attention, each with its own settings")
    }
    if sections != nil, scaling != nil {
      throw config.unsupported(
        "rope_scaling", "stands beside rope_parameters", hint: "keep the one that was trained with")
    }
    let stated = try config.number(key, in: Self.thetas)
    let section = try sections?.section(layerType) ?? (isScaled ? scaling : nil)
    try self.init(config, section, width: width, positions: positions, theta: stated ?? theta)
  }

  private init(
    _ config: ConfigFile, _ section: ConfigFile?, width: Int, positions: Int, theta: Double
  ) throws(Failure) {
    guard width % 2 == 0 else {
      throw config.wrong("head_dim", "is \(width); rotary positions need an even number")
    }
    for file in [config, section].compactMap(\.self) {
      let share = try file.number("partial_rotary_factor", in: 0...1, fallback: 1)
      if share != 1 {
        throw file.unsupported(
          "partial_rotary_factor", "is \(share)", hint: "Borda rotates whole heads here")
      }
    }
    guard let section else {
      self.init(width: width, theta: theta)
      return
    }
    let theta = try section.number("rope_theta", in: Self.thetas, fallback: theta)
    // A length outside the section wins over the one inside, where both are given.
    let outside = try config.number("original_max_position_embeddings", in: 1...1e9)
    let inside = try section.number(
      "original_max_position_embeddings", in: 1...1e9, fallback: Double(positions))
    let scaling = try Self.scaling(section, originalLength: outside ?? inside)
    self.init(width: width, theta: theta, scaling: scaling)
  }

  private static func scaling(
    _ section: ConfigFile, originalLength: Double
  ) throws(Failure) -> Scaling {
    let key = section["rope_type"] == nil ? "type" : "rope_type"
    let type = try section.string(key) ?? "default"
    switch type {
    case "default": return .none
    case "linear": return .linear(try required("factor", section))
    case "llama3":
      let zones = Zones(
        factor: try required("factor", section), slow: try required("low_freq_factor", section),
        fast: try required("high_freq_factor", section), originalLength: originalLength)
      guard zones.fast > zones.slow else {
        throw section.wrong("high_freq_factor", "is not above low_freq_factor \(zones.slow)")
      }
      return .llama3(zones)
    case "yarn": return .yarn(try ramp(section, originalLength: originalLength))
    default:
      throw section.unsupported(
        key, "is '\(type)'", hint: "Borda has default, linear, llama3 and yarn")
    }
  }

  private static func ramp(
    _ section: ConfigFile, originalLength: Double
  ) throws(Failure) -> Ramp {
    let factor = try required("factor", section)
    let weight = try section.number("mscale", in: 0...1e3) ?? 0
    let divisor = try section.number("mscale_all_dim", in: 0...1e3) ?? 0
    var attentionFactor = Ramp.attentionFactor(factor)
    if let stated = try section.number("attention_factor", in: 0...1e3) {
      attentionFactor = stated
    } else if weight > 0, divisor > 0 {
      attentionFactor =
        Ramp.attentionFactor(factor, weight: weight)
        / Ramp.attentionFactor(factor, weight: divisor)
    }
    return Ramp(
      factor: factor, originalLength: originalLength,
      fast: try section.number("beta_fast", in: factors, fallback: 32),
      slow: try section.number("beta_slow", in: factors, fallback: 1),
      truncates: try section.bool("truncate", fallback: true), attentionFactor: attentionFactor)
  }

  private static func required(_ key: String, _ section: ConfigFile) throws(Failure) -> Double {
    guard let number = try section.number(key, in: factors) else {
      throw section.wrong(key, "is missing")
    }
    return number
  }

  /// A key whose value is an object: settings of one type of layers.
  private static func layerType(in section: ConfigFile?) -> String? {
    section?.json.members?.entries.first { $0.value.members != nil }?.key
  }

  private static func isSetting(_ key: String) -> Bool {
    ["rope_type", "type", "rope_theta", "factor"].contains(key)
  }
}
