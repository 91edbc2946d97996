// The speeds of rotary positions: by hand, and against transformers' numbers.

import Core
import Foundation
import TestSupport
import Testing

@testable import Encoders

/// A `config.json` of these lines.
func decoderConfig(_ text: String) throws -> ConfigFile {
  let folder = try TemporaryFolder()
  try folder.write(text, to: "config.json")
  return try ConfigFile(folder.url.appending(path: "config.json"))
}

@Suite struct RotaryTests {
  @Test func `pair i turns by theta to the power of -2i over the width`() {
    // 256^(-2i/8): 1, 1/4, 1/16, 1/64
    let rotary = Rotary(width: 8, theta: 256)
    #expect(rotary.inverseFrequencies == [1, 0.25, 0.0625, 0.015625])
    #expect(rotary.factor == 1)
    let slowed = Rotary(width: 8, theta: 256, scaling: .linear(8))
    #expect(slowed.inverseFrequencies == [0.125, 0.03125, 0.0078125, 0.001953125])
  }

  @Test func `llama3 leaves fast pairs, divides slow ones and mixes in between`() {
    // Periods 2 pi · 1, 4, 16, 64 = 6.3, 25.1, 100.5, 402.1 in a length of 100: 15.9, 3.98, 0.995
    // and 0.249 turns. Above 4 turns as it is; below 1 divided by 8; 3.98 turns in between:
    // share (3.9789 - 1) / (4 - 1) = 0.992958, so 0.25 (0.992958 + 0.007042 / 8) = 0.2484594.
    let zones = Rotary.Zones(factor: 8, slow: 1, fast: 4, originalLength: 100)
    let speeds = Rotary(width: 8, theta: 256, scaling: .llama3(zones)).inverseFrequencies
    #expect(speeds[0] == 1)
    #expect(abs(speeds[1] - 0.2484594) < 5e-7)
    #expect(speeds[2] == 0.0078125)
    #expect(speeds[3] == 0.001953125)
  }

  @Test func `yarn has a ramp and multiplies cosines and sines`() {
    // A pair turns n times in 512 tokens where i = 8 ln(512 / (2 pi n)) / (2 ln 256)
    // = 0.721348 ln(81.487 / n): n = 32 at 0.6742, n = 1 at 3.1741, so the ramp runs from 0 to 4:
    // kept 1, 3/4, 1/2, 1/4; the rest divided by 4. Pair 1: 0.25 (3/4 + 1/16) = 0.203125.
    let ramp = Rotary.Ramp(
      factor: 4, originalLength: 512, attentionFactor: Rotary.Ramp.attentionFactor(4))
    let rotary = Rotary(width: 8, theta: 256, scaling: .yarn(ramp))
    #expect(rotary.inverseFrequencies == [1, 0.203125, 0.0390625, 0.0068359375])
    // 0.1 ln 4 + 1
    #expect(abs(rotary.factor - 1.1386294) < 1e-7)
    #expect(Rotary.Ramp.attentionFactor(0.5) == 1)
    // Not rounded to whole pairs: (1 - 0.6742) / (3.1741 - 0.6742) = 0.13031 of pair 1 is slowed.
    let exact = Rotary.Ramp(
      factor: 4, originalLength: 512, truncates: false, attentionFactor: 1)
    let speeds = Rotary(width: 8, theta: 256, scaling: .yarn(exact)).inverseFrequencies
    #expect(abs(speeds[1] - 0.25 * (1 - 0.13031 * 0.75)) < 1e-5)
  }

  /// Bits of the speeds of every fourth pair, as transformers 5.23 with torch 2.13 on x86-64 has
  /// them for width 64.
  @Test(arguments: [
    (#"{"rope_theta": 10000}"#, speedsOf10000),
    (#"{"rope_theta": 1000000.0, "rope_scaling": null}"#, speedsOf1000000),
    (
      """
      {"rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", "factor": 32.0,
      "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}
      """, speedsOfLlama3
    ),
    (
      """
      {"rope_parameters": {"rope_theta": 1000000.0, "rope_type": "yarn", "factor": 4.0,
      "original_max_position_embeddings": 32768}}
      """, speedsOfYarn
    ),
  ])
  func `speeds have the reference's bits`(config: String, bits: [UInt32]) throws {
    let rotary = try Rotary(try decoderConfig(config), width: 64, positions: 131_072)
    let found = stride(from: 0, to: 32, by: 4).map { rotary.inverseFrequencies[$0].bitPattern }
    #expect(found == bits)
  }

  // MARK: Keys

  @Test(arguments: [
    ("{}", Rotary(width: 8, theta: 10_000)),
    (#"{"rope_theta": 16, "rope_scaling": {}}"#, Rotary(width: 8, theta: 16)),
    (#"{"rope_theta": 16, "rope_scaling": {"type": "default"}}"#, Rotary(width: 8, theta: 16)),
    (
      #"{"rope_theta": 16, "rope_parameters": {"rope_theta": 256}}"#, Rotary(width: 8, theta: 256)
    ),
    (
      #"{"rope_scaling": {"type": "linear", "factor": 2}, "rope_parameters": {"rope_theta": 256}}"#,
      Rotary(width: 8, theta: 10_000, scaling: .linear(2))
    ),
    (
      #"{"rope_scaling": {"type": "x", "rope_type": "linear", "factor": 2}}"#,
      Rotary(width: 8, theta: 10_000, scaling: .linear(2))
    ),
    (
      // mscale: (0.1 · 0.5 ln 4 + 1) / (0.1 · 2 ln 4 + 1)
      """
      {"rope_scaling": {"type": "yarn", "factor": 4, "mscale": 0.5, "mscale_all_dim": 2.0,
      "beta_fast": 16, "beta_slow": 2}}
      """,
      Rotary(
        width: 8, theta: 10_000,
        scaling: .yarn(
          Rotary.Ramp(
            factor: 4, originalLength: 4096, fast: 16, slow: 2,
            attentionFactor: (0.05 * log(4) + 1) / (0.2 * log(4) + 1))))
    ),
    (
      #"{"rope_scaling": {"type": "yarn", "factor": 4, "attention_factor": 0.7, "mscale": 3}}"#,
      Rotary(
        width: 8, theta: 10_000,
        scaling: .yarn(Rotary.Ramp(factor: 4, originalLength: 4096, attentionFactor: 0.7)))
    ),
    (
      // The length outside the section wins.
      """
      {"original_max_position_embeddings": 100, "rope_scaling": {"type": "yarn", "factor": 4,
      "original_max_position_embeddings": 200}}
      """,
      Rotary(
        width: 8, theta: 10_000,
        scaling: .yarn(
          Rotary.Ramp(
            factor: 4, originalLength: 100, attentionFactor: Rotary.Ramp.attentionFactor(4))))
    ),
  ])
  func `old and new keys say the same things`(config: String, wanted: Rotary) throws {
    #expect(try Rotary(try decoderConfig(config), width: 8, positions: 4096) == wanted)
  }

  @Test(arguments: [
    (#"{"rope_scaling": {"rope_type": "longrope", "factor": 2}}"#, "rope_scaling.rope_type"),
    (#"{"rope_scaling": {"type": "dynamic", "factor": 2}}"#, "rope_scaling.type is 'dynamic'"),
    (#"{"rope_parameters": {"rope_type": "mrope"}}"#, "rope_parameters.rope_type is 'mrope'"),
    (#"{"rope_parameters": {"full_attention": {}}}"#, "rope_parameters holds settings"),
    (#"{"rope_scaling": {"type": "linear"}}"#, "rope_scaling.factor is missing"),
    (#"{"rope_scaling": {"type": "linear", "factor": 0}}"#, "rope_scaling.factor is 0"),
    (#"{"rope_scaling": {"type": "linear", "factor": "8"}}"#, #"rope_scaling.factor is "8""#),
    (#"{"rope_scaling": {"type": 3}}"#, "rope_scaling.type is 3"),
    (#"{"rope_scaling": 3}"#, "rope_scaling is 3, expected an object"),
    (#"{"rope_scaling": {"type": "llama3", "factor": 8}}"#, "rope_scaling.low_freq_factor"),
    (
      """
      {"rope_scaling": {"type": "llama3", "factor": 8, "low_freq_factor": 4,
      "high_freq_factor": 4}}
      """, "rope_scaling.high_freq_factor is not above"
    ),
    (#"{"rope_theta": 0}"#, "rope_theta is 0"),
    (#"{"rope_theta": NaN}"#, "rope_theta is nan"),
    (#"{"partial_rotary_factor": 0.5}"#, "partial_rotary_factor is 0.5"),
    (#"{"rope_parameters": {"partial_rotary_factor": 0.5}}"#, "rope_parameters.partial_rotary"),
  ])
  func `what Borda does not turn is refused by key`(config: String, message: String) throws {
    let file = try decoderConfig(config)
    let failure = #expect(throws: Failure.self) { try Rotary(file, width: 8, positions: 4096) }
    #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
  }

  @Test func `a head of odd width cannot turn`() throws {
    let file = try decoderConfig("{}")
    let failure = #expect(throws: Failure.self) { try Rotary(file, width: 7, positions: 10) }
    #expect(failure?.message.hasPrefix("head_dim is 7") == true)
  }

  @Test func `layer types have rotations of their own`() throws {
    func local(_ config: String) throws -> Rotary {
      try Rotary(
        try decoderConfig(config), for: "sliding_attention", key: "rope_local_base_freq",
        theta: 10_000, width: 8, positions: 64, isScaled: false)
    }
    let old = #"{"rope_local_base_freq": 16, "rope_scaling": {"type": "linear", "factor": 2}}"#
    #expect(try local(old) == Rotary(width: 8, theta: 16))
    let new = #"{"rope_parameters": {"sliding_attention": {"rope_theta": 256}}}"#
    #expect(try local(new) == Rotary(width: 8, theta: 256))
    #expect(try local("{}") == Rotary(width: 8, theta: 10_000))
    for (config, message) in [
      (#"{"rope_parameters": {"rope_theta": 3}}"#, "rope_parameters.rope_theta stands outside"),
      (#"{"rope_parameters": {}, "rope_scaling": {}}"#, "rope_scaling stands beside"),
    ] {
      let failure = #expect(throws: Failure.self) { try local(config) }
      #expect(failure?.message.hasPrefix(message) == true, "\(failure?.message ?? "")")
    }
  }
}

private let speedsOf10000: [UInt32] = [
  0x3F800000, 0x3EA1E89B, 0x3DCCCCCD, 0x3D0186E3, 0x3C23D70A, 0x3B4F3E38, 0x3A83126F, 0x39A5CB60,
]
private let speedsOf1000000: [UInt32] = [
  0x3F800000, 0x3E361887, 0x3D0186E3, 0x3BB8449C, 0x3A83126F, 0x393A7753, 0x3804A2B2, 0x36BCB0C1,
]
private let speedsOfLlama3: [UInt32] = [
  0x3F800000, 0x3E4693B0, 0x3D1A08C8, 0x3BEEF74F, 0x39E13620, 0x370FC8F8, 0x35DF10C4, 0x34AD07A7,
]
private let speedsOfYarn: [UInt32] = [
  0x3F800000, 0x3E361887, 0x3D0186E3, 0x3BA8E98F, 0x3A18EAD7, 0x383A7753, 0x3704A2B2, 0x35BCB0C1,
]
