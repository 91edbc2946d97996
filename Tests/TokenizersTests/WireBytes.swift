// Protocol Buffers written by hand, for SentencePiece models that are sound and such that are not.

import Foundation

/// Bytes of a message under construction.
struct WireBytes {
  var bytes: [UInt8] = []

  static func varint(_ value: UInt64) -> [UInt8] {
    var value = value
    var bytes: [UInt8] = []
    while value >= 0x80 {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  mutating func key(_ number: Int, type: Int) { bytes += Self.varint(UInt64(number << 3 | type)) }

  mutating func integer(_ number: Int, _ value: Int) {
    key(number, type: 0)
    bytes += Self.varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func data(_ number: Int, _ data: [UInt8]) {
    key(number, type: 2)
    bytes += Self.varint(UInt64(data.count)) + data
  }

  mutating func text(_ number: Int, _ text: String) { data(number, Array(text.utf8)) }

  mutating func float(_ number: Int, _ value: Float) {
    key(number, type: 5)
    bytes += (0..<4).map { UInt8(value.bitPattern >> (8 * $0) & 0xFF) }
  }
}

/// A `.model` file under construction.
struct ModelBytes {
  /// Text, score, and type: 1 normal, 2 unknown, 3 control, 4 user-defined, 6 byte.
  var pieces: [(text: String, score: Float, type: Int)]
  /// 1 Unigram, 2 BPE.
  var modelType = 1
  var unknown: Int?
  var charsmap: [UInt8] = []
  var addsDummyPrefix = true
  var escapesSpaces = true

  var bytes: [UInt8] {
    var model = WireBytes()
    for piece in pieces { model.data(1, Self.piece(piece.text, piece.score, piece.type)) }
    var trainer = WireBytes()
    trainer.integer(3, modelType)
    // An entry that is not read, of each kind.
    trainer.text(1, "corpus.txt")
    trainer.float(10, 0.9995)
    if let unknown { trainer.integer(40, unknown) }
    trainer.integer(43, -1)
    model.data(2, trainer.bytes)
    var normalizer = WireBytes()
    if !charsmap.isEmpty { normalizer.data(2, charsmap) }
    normalizer.integer(3, addsDummyPrefix ? 1 : 0)
    if !escapesSpaces { normalizer.integer(5, 0) }
    model.data(3, normalizer.bytes)
    return model.bytes
  }

  static func piece(_ text: String, _ score: Float, _ type: Int) -> [UInt8] {
    var piece = WireBytes()
    piece.text(1, text)
    piece.float(2, score)
    if type != 1 { piece.integer(3, type) }
    return piece.bytes
  }
}
