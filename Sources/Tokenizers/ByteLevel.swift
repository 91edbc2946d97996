// GPT-2's byte alphabet: every byte of UTF-8 has a printable character of its own, so that a text
// file can hold a vocabulary of bytes; and the normalizer and pre-tokenizer `ByteLevel` made of it.

import Core

/// The alphabet: printable Latin-1 stands for itself, the other 68 bytes are U+0100 and up, in order.
enum ByteAlphabet {
  /// By byte.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      if 0x21...0x7E ~= byte || 0xA1...0xAC ~= byte || byte >= 0xAE { return byte }
      defer { next += 1 }
      return next
    }
  }()

  /// By scalar value, below 0x144: the byte, or -1.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
    return bytes
  }()

  /// The bytes that a token stands for; nil where it is not written in the alphabet throughout.
  static func bytes(of token: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(token.utf8.count)
    for scalar in token.unicodeScalars {
      guard scalar.value < 0x144, bytes[Int(scalar.value)] >= 0 else { return nil }
      result.append(UInt8(bytes[Int(scalar.value)]))
    }
    return result
  }

  /// Appends each byte's character, as UTF-8.
  static func append(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) {
    for i in range { UTF8Decoding.append(scalars[Int(bytes[i])], to: &out) }
  }
}

/// The pre-tokenizer `ByteLevel`; the post-processor and the decoder of this name change no ids.
struct ByteLevel: Sendable, Equatable {
  /// A space goes before every word that does not start with one.
  var addsPrefixSpace = false
  /// Cut by GPT-2's pattern.
  var usesPattern = true
  /// Write the bytes in the alphabet; not where the model does that.
  var translates = true

  init(addsPrefixSpace: Bool = false, usesPattern: Bool = true) {
    self.addsPrefixSpace = addsPrefixSpace
    self.usesPattern = usesPattern
  }

  init(_ section: FileSection) throws(Failure) {
    addsPrefixSpace = try section.flag("add_prefix_space")
    // Older files are without this key.
    usesPattern = try section.optionalFlag("use_regex") ?? true
  }

  func cut(_ words: inout Words) {
    if addsPrefixSpace {
      words.rewrite { bytes, range, _, made, ranges in
        let start = made.count
        if bytes[range.lowerBound] != UInt8(ascii: " ") { made.append(UInt8(ascii: " ")) }
        made.append(contentsOf: bytes[range])
        ranges.append(start..<made.count)
      }
    }
    if usesPattern { words.cut(WordPatterns.gpt2) }
    if translates {
      words.rewrite { bytes, range, _, made, ranges in
        let start = made.count
        ByteAlphabet.append(bytes, range, to: &made)
        ranges.append(start..<made.count)
      }
    }
  }
}
