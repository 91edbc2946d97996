// Reading JSON: strict RFC 8259 over bytes, with a depth limit, refusing duplicate keys.

extension JSON {
  /// What a reader may let pass beyond the standard.
  package struct Leniency: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }
    /// Bare `NaN`, `Infinity` and `-Infinity`, as Python writes them.
    package static let nonFinite = Leniency(rawValue: 1)
    /// A key twice in one object: the last one wins, as in Python.
    package static let duplicateKeys = Leniency(rawValue: 2)
  }

  /// Where and why a text is not JSON.
  package struct SyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    package let offset: Int
    package let problem: String
    package var description: String { "\(problem) at byte \(offset)" }
  }

  /// Deeper nesting than any real file has; stops a stack overflow.
  package static let depthLimit = 200

  /// Parses one complete JSON text.
  package init(
    parsing bytes: some Collection<UInt8>, leniency: Leniency = []
  ) throws(SyntaxError) {
    let copy = bytes.withContiguousStorageIfAvailable { JSONParser.parse($0, leniency) }
    let result = copy ?? Array(bytes).withUnsafeBufferPointer { JSONParser.parse($0, leniency) }
    self = try result.get()
  }

  package init(parsing text: String, leniency: Leniency = []) throws(SyntaxError) {
    try self.init(parsing: Array(text.utf8), leniency: leniency)
  }
}

/// A recursive-descent parser over a buffer that outlives it; `JSON+Values` reads parts with it.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let leniency: JSON.Leniency
  var at = 0

  static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ leniency: JSON.Leniency
  ) -> Result<JSON, JSON.SyntaxError> {
    var parser = JSONParser(bytes: bytes, leniency: leniency)
    do throws(JSON.SyntaxError) {
      let value = try parser.value(depth: 0)
      try parser.end()
      return .success(value)
    } catch {
      return .failure(error)
    }
  }

  mutating func end() throws(JSON.SyntaxError) {
    skipSpace()
    if at < bytes.count { throw error("something follows the value") }
  }

  func error(_ problem: String) -> JSON.SyntaxError {
    JSON.SyntaxError(offset: at, problem: problem)
  }

  var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  mutating func skipSpace() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return
      }
    }
  }

  mutating func value(depth: Int) throws(JSON.SyntaxError) -> JSON {
    if depth > JSON.depthLimit { throw error("nested deeper than \(JSON.depthLimit)") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "N") where leniency.contains(.nonFinite):
      return try word("NaN", .number(.nan))
    case UInt8(ascii: "I") where leniency.contains(.nonFinite):
      return try word("Infinity", .number(.infinity))
    case .some(let byte) where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
    case nil: throw error("the text ends where a value should be")
    default: throw error("no value starts with this character")
    }
  }

  mutating func word(_ word: StaticString, _ meaning: JSON) throws(JSON.SyntaxError) -> JSON {
    let length = word.utf8CodeUnitCount
    guard at + length <= bytes.count else { throw error("the text ends inside a word") }
    for i in 0..<length where bytes[at + i] != word.utf8Start[i] {
      throw error("unknown word, expected \(word)")
    }
    at += length
    return meaning
  }

  mutating func object(depth: Int) throws(JSON.SyntaxError) -> JSON {
    at += 1
    var members = JSON.Members()
    skipSpace()
    if next == UInt8(ascii: "}") {
      at += 1
      return .object(members)
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
      let start = at
      let key = try string()
      if !leniency.contains(.duplicateKeys), members[key] != nil {
        at = start
        throw error("duplicate key '\(key)'")
      }
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw error("expected ':' after a key") }
      at += 1
      members[key] = try value(depth: depth + 1)
      skipSpace()
      switch next {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"):
        at += 1
        return .object(members)
      default: throw error("expected ',' or '}' in an object")
      }
    }
  }

  mutating func array(depth: Int) throws(JSON.SyntaxError) -> JSON {
    at += 1
    var elements: [JSON] = []
    skipSpace()
    if next == UInt8(ascii: "]") {
      at += 1
      return .array(elements)
    }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      switch next {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "]"):
        at += 1
        return .array(elements)
      default: throw error("expected ',' or ']' in an array")
      }
    }
  }

  mutating func number() throws(JSON.SyntaxError) -> JSON {
    let start = at
    if next == UInt8(ascii: "-") {
      at += 1
      if next == UInt8(ascii: "I"), leniency.contains(.nonFinite) {
        return try word("Infinity", .number(-.infinity))
      }
    }
    let leadingZero = next == UInt8(ascii: "0")
    let whole = try digits()
    if leadingZero, whole > 1 { throw error("a number with a leading zero") }
    var isWhole = true
    if next == UInt8(ascii: ".") {
      isWhole = false
      at += 1
      _ = try digits()
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      isWhole = false
      at += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { at += 1 }
      _ = try digits()
    }
    let text = String(decoding: bytes[start..<at], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text) else { throw error("not a number: \(text)") }
    return .number(double)
  }

  func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  mutating func digits() throws(JSON.SyntaxError) -> Int {
    let start = at
    while let byte = next, isDigit(byte) { at += 1 }
    if at == start { throw error("expected a digit") }
    return at - start
  }

  mutating func string() throws(JSON.SyntaxError) -> String {
    at += 1
    let start = at
    passPlain()
    // The common case: no escapes, so the bytes are the text.
    if next == UInt8(ascii: "\"") {
      let text = try utf8(bytes[start..<at])
      at += 1
      return text
    }
    var unescaped = Array(bytes[start..<at])
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        let text = try unescaped.withUnsafeBufferPointer { buffer throws(JSON.SyntaxError) in
          try utf8(buffer[...])
        }
        at += 1
        return text
      case UInt8(ascii: "\\"):
        at += 1
        try escape(into: &unescaped)
      case 0..<0x20: throw error("a control character inside a string")
      default:
        let plain = at
        passPlain()
        unescaped.append(contentsOf: bytes[plain..<at])
      }
    }
    throw error("the text ends inside a string")
  }

  /// Goes on to the next quote, backslash or control character, eight bytes at a time.
  mutating func passPlain() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let tops = ones << 7
    while at + 8 <= bytes.count {
      let word = UInt64(
        littleEndian: UnsafeRawBufferPointer(bytes).loadUnaligned(
          fromByteOffset: at, as: UInt64.self))
      // The lowest top bit set is that of the first byte that is zero, or below 0x20.
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let found =
        (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
          | ((word &- ones &* 0x20) & ~word)) & tops
      guard found == 0 else {
        at += found.trailingZeroBitCount / 8
        return
      }
      at += 8
    }
    while at < bytes.count {
      let byte = bytes[at]
      if byte == 0x22 || byte == 0x5C || byte < 0x20 { return }
      at += 1
    }
  }

  func utf8(_ slice: Slice<UnsafeBufferPointer<UInt8>>) throws(JSON.SyntaxError) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else {
      throw error("a string that is not UTF-8")
    }
    return text
  }

  mutating func escape(into text: inout [UInt8]) throws(JSON.SyntaxError) {
    guard let byte = next else { throw error("the text ends inside an escape") }
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = UInt32(try hex4())
      if (0xD800..<0xDC00).contains(code), next == UInt8(ascii: "\\"), at + 1 < bytes.count,
        bytes[at + 1] == UInt8(ascii: "u")
      {
        let mark = at
        at += 2
        let low = UInt32(try hex4())
        if (0xDC00..<0xE000).contains(low) {
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
        } else {
          at = mark
        }
      }
      // A lone surrogate is no character; it becomes U+FFFD as in every UTF-8 decoder.
      (Unicode.Scalar(code) ?? "\u{FFFD}").append(to: &text)
    default:
      throw error("an unknown escape")
    }
  }

  mutating func hex4() throws(JSON.SyntaxError) -> UInt16 {
    guard at + 4 <= bytes.count else { throw error("an escape without four hexadecimal digits") }
    var code: UInt16 = 0
    for place in at..<at + 4 {
      guard let digit = Self.hexadecimal(bytes[place]) else {
        throw error("an escape without four hexadecimal digits")
      }
      code = code << 4 | digit
    }
    at += 4
    return code
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt16? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}

extension Unicode.Scalar {
  /// Appends its UTF-8 bytes: what files with every letter escaped have to do for each of them.
  fileprivate func append(to text: inout [UInt8]) {
    let tail = { (shift: UInt32) in UInt8(truncatingIfNeeded: value >> shift & 0x3F) | 0x80 }
    switch value {
    case ..<0x80:
      text.append(UInt8(value))
    case ..<0x800:
      text.append(UInt8(value >> 6) | 0xC0)
      text.append(tail(0))
    case ..<0x10000:
      text.append(UInt8(value >> 12) | 0xE0)
      text.append(tail(6))
      text.append(tail(0))
    default:
      text.append(UInt8(value >> 18) | 0xF0)
      text.append(tail(12))
      text.append(tail(6))
      text.append(tail(0))
    }
  }
}
