// SentencePiece files that are damaged, or made to do damage: refused in words, never trusted.

import Core
import Foundation
import TestSupport
import Testing

@testable import Tokenizers

struct SentencePieceModelTests {
  private static let place = FileSection(file: "x.model", json: .null)
  private static let sound: [(text: String, score: Float, type: Int)] = [
    ("<unk>", 0, 2), ("<s>", 0, 3), ("a", -1.5, 1), ("é", -2, 4), ("<0x0A>", 0, 6),
  ]

  private func model(_ bytes: [UInt8]) throws -> SentencePieceModel {
    try SentencePieceModel(bytes, Self.place)
  }

  private func refusal(_ bytes: [UInt8]) throws -> Failure {
    let failure = try #require(throws: Failure.self) { try model(bytes) }
    #expect(failure.subject == "x.model")
    return failure
  }

  @Test func `a sound model is read, with the format's values for what it leaves out`() throws {
    var bytes = ModelBytes(pieces: Self.sound, modelType: 2)
    bytes.charsmap = [1, 2, 3]
    bytes.addsDummyPrefix = false
    let model = try model(bytes.bytes)
    #expect(model.pieces.map(\.text) == ["<unk>", "<s>", "a", "é", "<0x0A>"])
    #expect(model.pieces.map(\.score) == [0, 0, -1.5, -2, 0])
    #expect(model.pieces.map(\.kind) == [.unknown, .control, .normal, .userDefined, .byte])
    #expect(model.modelType == .bpe)
    #expect(model.charsmap == [1, 2, 3])
    #expect(!model.addsDummyPrefix && model.removesExtraSpaces && model.escapesSpaces)
    #expect(model.unknownID == 0 && !model.fallsBackToBytes)
  }

  @Test func `fields may come in any order, again, and unknown ones are passed over`() throws {
    var bytes = WireBytes()
    bytes.integer(77, -5)
    bytes.data(3, [])
    bytes.key(200, type: 1)
    bytes.bytes += Array(repeating: 7, count: 8)
    var trainer = WireBytes()
    trainer.integer(40, 3)
    trainer.integer(35, 1)
    bytes.data(2, trainer.bytes)
    var again = WireBytes()
    again.integer(40, 1)
    bytes.data(2, again.bytes)
    bytes.data(1, ModelBytes.piece("a", 1, 1))
    bytes.data(1, ModelBytes.piece("?", 1, 2))
    let model = try model(bytes.bytes)
    // The later value counts, and what only the earlier one says stays.
    #expect(model.unknownID == 1 && model.fallsBackToBytes)
  }

  /// A piece followed by these bytes.
  private static func after(_ bytes: [UInt8]) -> [UInt8] {
    ModelBytes(pieces: sound).bytes + bytes
  }

  @Test(arguments: [
    // A key that does not end; one of more than 64 bits; a tenth byte with more than one bit.
    ([0x80], "cut off"), (Array(repeating: 0xFF, count: 11), "more than 64 bits"),
    (Array(repeating: 0x80, count: 9) + [0x02], "more than 64 bits"),
    // Field 0; field 2^29.
    ([0x00, 0x00], "the number 0"), ([0x80, 0x80, 0x80, 0x80, 0x10, 0x00], "the number 536870912"),
    // Lengths: 5 of 1; 2^31 - 1; 2^63; 2^64 - 1.
    ([0x0A, 5, 1], "a field of 5 bytes where 1 are left"),
    ([0x0A] + WireBytes.varint(0x7FFF_FFFF), "a field of 2147483647 bytes where 0 are left"),
    ([0x12] + WireBytes.varint(1 << 63), "9223372036854775808 bytes"),
    ([0x6A] + WireBytes.varint(.max), "18446744073709551615 bytes"),
    // A 32-bit and a 64-bit number that are cut off.
    ([0x6D, 1, 2, 3], "4 bytes where 3 are left"), ([0x69, 1], "8 bytes where 1 are left"),
    // Groups, and what was never a type.
    ([0x0B], "wire type 3"), ([0x0C], "wire type 4"), ([0x0E, 0], "wire type 6"),
    ([0x0F, 0], "wire type 7"),
    // A piece, a trainer and a normalizer that are numbers.
    ([0x08, 1], "field 1 is not of the type"), ([0x10, 1], "field 2 is not of the type"),
    ([0x1D, 0, 0, 0, 0], "field 3 is not of the type"),
  ])
  func `bytes that are no message are refused`(bytes: [UInt8], mention: String) throws {
    let failure = try refusal(Self.after(bytes))
    #expect(failure.code == .malformed)
    #expect(failure.message.contains(mention), "\(failure)")
    #expect(failure.message.contains("at byte"), "\(failure)")
  }

  /// A message with one field.
  private static func one(_ write: (inout WireBytes) -> Void) -> [UInt8] {
    var bytes = WireBytes()
    write(&bytes)
    return bytes.bytes
  }

  private static func field(_ number: Int, _ message: [UInt8]) -> [UInt8] {
    one { $0.data(number, message) }
  }

  @Test(arguments: [
    (field(1, one { $0.integer(1, 5) }), "field 1 is not of the type"),
    (field(1, one { $0.text(2, "x") }), "field 2 is not of the type"),
    (field(1, one { $0.float(3, 1) }), "field 3 is not of the type"),
    (field(1, one { $0.data(1, [0xC3, 0x28]) }), "not UTF-8"),
    (field(1, ModelBytes.piece("b", .nan, 1)), "is nan"),
    (field(1, ModelBytes.piece("b", -.infinity, 1)), "is -inf"),
    (field(1, ModelBytes.piece("b", 0, 7)), "the type 7"),
    (field(1, ModelBytes.piece("b", 0, -1)), "the type -1"),
    (field(1, ModelBytes.piece("b", 0, 1 << 40)), "out of range"),
    (field(1, []), "piece 5 is empty"),
    (field(1, ModelBytes.piece("a", 0, 1)), "piece 5, 'a', is there twice"),
    (field(1, ModelBytes.piece("b", 0, 2)), "type unknown are [0, 5]"),
    (field(1, ModelBytes.piece(String(repeating: "b", count: 2000), 0, 1)), "2000 bytes"),
    (field(2, one { $0.integer(40, 2) }), "unk_id is 2"),
    (field(2, one { $0.integer(40, -1) }), "unk_id is -1"),
    (field(2, one { $0.integer(3, 9) }), "the model type 9"),
    (field(2, one { $0.text(35, "x") }), "field 35 is not of the type"),
    (field(3, one { $0.integer(2, 1) }), "field 2 is not of the type"),
  ])
  func `pieces and settings that make no sense are refused`(
    bytes: [UInt8], mention: String
  ) throws {
    let failure = try refusal(Self.after(bytes))
    #expect(failure.message.contains(mention), "\(failure)")
  }

  @Test func `texts that Swift holds for equal are two pieces`() throws {
    var bytes = ModelBytes(pieces: Self.sound)
    bytes.pieces.append(("e\u{301}", -3, 1))
    #expect(try model(bytes.bytes).pieces.count == 6)
  }

  @Test func `an empty file and one of noise are refused`() throws {
    #expect(try refusal([]).message.contains("no pieces"))
    #expect(try refusal(Array("{\"version\": 1}".utf8)).code == .malformed)
  }

  @Test func `a file that is cut off anywhere is refused, or is a shorter model`() throws {
    let whole = ModelBytes(pieces: Self.sound).bytes
    var sound = 0
    for count in 0..<whole.count {
      if let model = try? model(Array(whole[..<count])) {
        sound += 1
        #expect(model.pieces.count <= Self.sound.count)
      }
    }
    // Behind each of the five pieces, and behind the trainer's settings.
    #expect(sound == 6)
  }

  @Test func `noise in a file never stops the program`() throws {
    let whole = ModelBytes(pieces: Self.sound).bytes
    var random = SplitMix(state: 9)
    var refused = 0
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      if (try? model(bytes)) == nil { refused += 1 }
    }
    #expect(refused > 10_000)
  }
}
