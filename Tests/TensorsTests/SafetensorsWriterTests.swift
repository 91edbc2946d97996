// Writing safetensors files, and averages of what was written.

import Core
import Foundation
import TestSupport
import Testing

@testable import Tensors

/// Tensors of random names, types, shapes and bytes.
private func madeUp(_ seed: UInt64) throws -> [(entry: TensorEntry, bytes: [UInt8])] {
  var random = SplitMix(state: seed)
  let types = ["F32", "F16", "BF16", "F64", "I64", "I32", "I16", "U8", "I8", "BOOL", "F8_E4M3"]
  let letters = Array("abc.é\"\\\u{1}字🙂 /")
  var names: Set<ExactText> = []
  return try (0..<Int.random(in: 0...20, using: &random)).compactMap { _ in
    let name = String(
      (0..<Int.random(in: 1...12, using: &random)).map { _ in
        letters[Int.random(in: 0..<letters.count, using: &random)]
      })
    guard names.insert(ExactText(name)).inserted else { return nil }
    let shape = (0..<Int.random(in: 0...4, using: &random)).map { _ in
      Int.random(in: 0...5, using: &random)
    }
    let type = types[Int.random(in: 0..<types.count, using: &random)]
    let entry = try TensorEntry(name: name, type: type, shape: shape)
    let bytes = (0..<entry.byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
    return (entry, bytes)
  }
}

@Suite struct `A written safetensors file` {
  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `is read back as it was, written in pieces of any size`(seed: UInt64) async throws {
    let tensors = try madeUp(seed)
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "a.safetensors")
      let writer = try SafetensorsWriter(creating: url, entries: tensors.map(\.entry))
      var random = SplitMix(state: seed)
      for entry in writer.order {
        let bytes = try #require(tensors.first { $0.entry == entry }).bytes
        var place = 0
        while place < bytes.count {
          let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
          try writer.append(Array(bytes[place..<end]), of: entry.name)
          place = end
        }
      }
      try writer.finish()
      #expect(try Data(contentsOf: url).count == writer.fileSize)
      let file = try Safetensors(file: url)
      #expect(file.tensors.count == tensors.count)
      for (entry, bytes) in tensors {
        let tensor = try file.tensor(entry.name)
        #expect(tensor.type == entry.type && tensor.shape == entry.shape)
        #expect(tensor.bytes(0..<tensor.byteCount) == bytes)
      }
    }
  }

  @Test func `starts its data at a multiple of 8 and every tensor at one of its element`()
    async throws
  {
    for length in 1...16 {
      let name = String(repeating: "n", count: length)
      let entries = [
        try TensorEntry(name: "b", type: "U8", shape: [3]),
        try TensorEntry(name: "z", type: "F32", shape: [1]),
        try TensorEntry(name: name, type: "F32", shape: [1]),
        try TensorEntry(name: "i", type: "I64", shape: [1]),
        try TensorEntry(name: "h", type: "BF16", shape: [1]),
      ]
      try await withTemporaryFolder { folder in
        let url = folder.appending(path: "a.safetensors")
        let writer = try SafetensorsWriter(creating: url, entries: entries)
        #expect(writer.order.map(\.name) == ["i", name, "z", "h", "b"])
        for entry in writer.order {
          try writer.append(Array(repeating: 0, count: entry.byteCount), of: entry.name)
        }
        try writer.finish()
        let bytes = Array(try Data(contentsOf: url))
        let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(header % 8 == 0)
        let text = String(decoding: bytes[8..<8 + header], as: UTF8.self)
        #expect(text.hasPrefix(#"{"__metadata__": {"format": "pt"}, "i": {"dtype": "I64""#))
        #expect(bytes.count == 8 + header + 8 + 4 + 4 + 2 + 3)
      }
    }
  }

  @Test func `is not there when it was not finished`() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "a.safetensors")
      do {
        let entry = try TensorEntry(name: "a", type: "F32", shape: [2])
        let writer = try SafetensorsWriter(creating: url, entries: [entry])
        try writer.append([1, 2, 3, 4], of: "a")
        #expect(exists(url))
        withExtendedLifetime(writer) {}
      }
      #expect(!exists(url))
    }
  }

  @Test func `never takes the place of another file`() async throws {
    try await withTemporaryFolder { folder in
      let url = try folder.write("a.safetensors", "precious")
      let failure = #expect(throws: Failure.self) {
        try SafetensorsWriter(creating: url, entries: [])
      }
      #expect(failure?.code == .system)
      #expect(try folder.text(of: "a.safetensors") == "precious")
    }
  }

  @Test(arguments: [
    ("__metadata__", "F32", [1], "no name for a tensor"), ("a", "F33", [1], "dtype F33"),
    ("a", "F32", [1 << 40, 1 << 40], "no file holds"), ("a", "F32", [-1], "no file holds"),
    ("a", "F4", [3], "whole bytes"),
  ])
  func `has no tensor that the format lacks`(
    name: String, type: String, shape: [Int], words: String
  ) {
    let failure = #expect(throws: Failure.self) {
      try TensorEntry(name: name, type: type, shape: shape)
    }
    #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
  }

  @Test func `is refused where sizes cannot be added`() async throws {
    try await withTemporaryFolder { folder in
      let entries =
        try ["a", "b", "c"].map {
          try TensorEntry(name: $0, type: "U8", shape: [1 << 40, 1 << 19])
        } + (0..<16).map { try TensorEntry(name: "x\($0)", type: "U8", shape: [1 << 59]) }
      #expect(throws: Failure.self) {
        try SafetensorsWriter(
          creating: folder.appending(path: "a"), entries: entries)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
    }
  }
}

@Suite struct `Numbers of narrower types` {
  private func bits(_ value: Float, _ type: FloatType) -> UInt16 {
    let bytes = type.bytes(of: [value])
    return UInt16(bytes[0]) | UInt16(bytes[1]) << 8
  }

  @Test func `survive the way to f32 and back, every one of them`() throws {
    let all = (0...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 }
    for bits in all { #expect(self.bits(half(bits), .float16) == bits) }
    for bits in (0...UInt16.max) where bits & 0x7F80 != 0x7F80 {
      #expect(self.bits(Float(bitPattern: UInt32(bits) << 16), .bfloat16) == bits)
    }
  }

  /// The value of half-precision bits, from the definition.
  private func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let fraction = Float(bits & 0x3FF) / 1024
    let exponent = Int(bits >> 10 & 31)
    let magnitude = exponent == 0 ? fraction * 0x1p-14 : (1 + fraction) * exp2(Float(exponent - 15))
    return sign * magnitude
  }

  @Test(
    arguments: [
      // Halfway between 1 and 1 + 2^-10: to the even one; a bit above: up.
      (1 + 0x1p-11, 0x3C00), (1 + 0x1p-11 + 0x1p-20, 0x3C01),
      // Halfway between 1 + 2^-10 and 1 + 2^-9: up, to the even one.
      (1 + 3 * 0x1p-11, 0x3C02),
      // Halfway between 0 and the smallest subnormal: to zero, and just above: up.
      (0x1p-25, 0), (0x1.000002p-25, 1), (-0x1p-25, 0x8000),
      // The largest subnormal and a half step: to the smallest normal number.
      (0x1p-14 - 0x1p-25, 0x0400),
      (65519.996, 0x7BFF), (0x1p-126, 0),
    ] as [(Float, UInt16)])
  func `are rounded to the nearest half, ties to even`(value: Float, wanted: UInt16) {
    #expect(bits(value, .float16) == wanted)
  }

  @Test(
    arguments: [
      (1 + 0x1p-8, 0x3F80), (1 + 0x1p-8 + 0x1p-20, 0x3F81), (1 + 3 * 0x1p-8, 0x3F82),
      (-(1 + 3 * 0x1p-8), 0xBF82), (0x1p-149, 0),
    ] as [(Float, UInt16)])
  func `are rounded to the nearest bfloat16, ties to even`(value: Float, wanted: UInt16) {
    #expect(bits(value, .bfloat16) == wanted)
  }

  @Test func `tell what they cannot hold`() {
    #expect(FloatType.float16.firstBeyond([1, 65519.996]) == nil)
    #expect(FloatType.float16.firstBeyond([1, -65520]) == -65520)
    #expect(FloatType.bfloat16.firstBeyond([0x1.FEFFFEp127]) == nil)
    #expect(FloatType.bfloat16.firstBeyond([0x1.FFp127]) == 0x1.FFp127)
    #expect(FloatType.float32.firstBeyond([.greatestFiniteMagnitude]) == nil)
    #expect(FloatType.float32.firstBeyond([.infinity]) == .infinity)
    #expect(FloatType.float32.firstBeyond([.nan])?.isNaN == true)
  }
}

@Suite struct `An average of checkpoints` {
  private func file(_ folder: URL, _ name: String, _ tensors: [(TensorEntry, [UInt8])]) throws
    -> Safetensors
  {
    let url = folder.appending(path: name)
    let writer = try SafetensorsWriter(creating: url, entries: tensors.map(\.0))
    for entry in writer.order {
      try writer.append(try #require(tensors.first { $0.0 == entry }).1, of: entry.name)
    }
    try writer.finish()
    return try Safetensors(file: url)
  }

  private func tensor(
    _ name: String, _ values: [Float], _ shape: [Int], _ type: FloatType = .float32
  ) throws -> (TensorEntry, [UInt8]) {
    (try TensorEntry(name: name, type: type.code, shape: shape), type.bytes(of: values))
  }

  @Test func `is read as the weighted mean, whatever types the parents have`() async throws {
    try await withTemporaryFolder { folder in
      let a = try file(folder, "a", [try tensor("w", [0, 4, -2, 1], [2, 2])])
      let b = try file(folder, "b", [try tensor("w", [8, 0, 2, 1], [2, 2], .bfloat16)])
      let mean = try Safetensors(averaging: [a, b], weights: [3, 1]).tensor("w")
      #expect(mean.type == "F32" && mean.shape == [2, 2])
      // (3·0 + 8) / 4, (3·4 + 0) / 4, (3·-2 + 2) / 4, (3·1 + 1) / 4
      #expect(try mean.floats([2, 2], try Kernels()).values == [2, 3, -1, 1])
      #expect(try mean.values(1..<3, try Kernels()) == [3, -1])
    }
  }

  @Test func `needs the same tensors, shapes and whole numbers`() async throws {
    try await withTemporaryFolder { folder in
      let ids = try TensorEntry(name: "ids", type: "I64", shape: [1])
      let zero = [UInt8](repeating: 0, count: 8)
      let a = try file(folder, "a", [try tensor("w", [1, 2], [2]), (ids, zero)])
      let lacking = try file(folder, "b", [try tensor("w", [1, 2], [2])])
      let shaped = try file(folder, "c", [try tensor("w", [1, 2], [1, 2]), (ids, zero)])
      let other = try file(
        folder, "d", [try tensor("w", [1, 2], [2]), (ids, Array(zero.dropLast()) + [1])])
      for (parent, words) in [
        (lacking, "lacks the tensor ids"), (shaped, "has shape [1, 2], but [2]"),
        (other, "tensor ids of I64 is not the same"),
      ] {
        let failure = #expect(throws: Failure.self) {
          try Safetensors(averaging: [a, parent], weights: [1, 1])
        }
        #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
      }
      #expect(try Safetensors(averaging: [a, a], weights: [1, 1]).tensor("ids").type == "I64")
    }
  }

  @Test func `of numbers that are not finite is refused, naming the parent`() async throws {
    try await withTemporaryFolder { folder in
      let a = try file(folder, "a", [try tensor("w", [1, 2], [2])])
      let b = try file(folder, "b", [try tensor("w", [1, .nan], [2])])
      let mean = try Safetensors(averaging: [a, b], weights: [1, 1])
      let failure = #expect(throws: Failure.self) {
        try mean.tensor("w").floats([2], try Kernels())
      }
      #expect(failure?.subject.hasSuffix("/b") == true)
    }
  }
}
