// Reading only some members of a JSON object: the rows of data files have more than is asked for.

extension JSON {
  /// The values of some members of the one object that a text holds; others are passed over.
  ///
  /// Several times as fast as parsing all of it where much is passed over, of which no more is
  /// checked than where it ends.
  ///
  /// - Parameters:
  ///   - keys: of the members wanted
  ///   - bytes: one complete JSON text
  /// - Returns: a value or nil for each key, [keys]; nil where the text is no object
  /// - Throws: `SyntaxError`, for a key wanted that occurs twice, too
  package static func values(
    of keys: [String], in bytes: ArraySlice<UInt8>
  ) throws(SyntaxError) -> [JSON?]? {
    let result: Result<[JSON?]?, SyntaxError> = bytes.withUnsafeBufferPointer { buffer in
      var parser = JSONParser(bytes: buffer, leniency: [])
      do throws(SyntaxError) {
        parser.skipSpace()
        if parser.next == UInt8(ascii: "{") {
          let values = try parser.pick(keys)
          try parser.end()
          return .success(values)
        }
        try parser.skipValue(depth: 0)
        try parser.end()
        return .success(nil)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

extension JSONParser {
  /// The values of these keys in the object that begins here.
  fileprivate mutating func pick(_ keys: [String]) throws(JSON.SyntaxError) -> [JSON?] {
    var values = [JSON?](repeating: nil, count: keys.count)
    // Rows mostly have their keys in the order of those wanted.
    var likely = 0
    at += 1
    skipSpace()
    if next == UInt8(ascii: "}") {
      at += 1
      return values
    }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
      let start = at
      let place = try wantedKey(keys, likely)
      skipSpace()
      guard next == UInt8(ascii: ":") else { throw error("expected ':' after a key") }
      at += 1
      if let place {
        guard values[place] == nil else {
          at = start
          throw error("duplicate key '\(keys[place])'")
        }
        values[place] = try value(depth: 1)
        likely = place + 1
      } else {
        try skipValue(depth: 1)
      }
      skipSpace()
      switch next {
      case UInt8(ascii: ","): at += 1
      case UInt8(ascii: "}"):
        at += 1
        return values
      default: throw error("expected ',' or '}' in an object")
      }
    }
  }

  /// Reads a key; its place among those wanted, nil for any other.
  private mutating func wantedKey(
    _ keys: [String], _ likely: Int
  ) throws(JSON.SyntaxError) -> Int? {
    let start = at + 1
    at = start
    passPlain()
    guard next == UInt8(ascii: "\"") else {
      at = start - 1
      let key = try string()
      return keys.firstIndex { $0.utf8.elementsEqual(key.utf8) }
    }
    let key = bytes[start..<at]
    at += 1
    func isKey(_ wanted: String) -> Bool {
      wanted.utf8.count == key.count && wanted.utf8.elementsEqual(key)
    }
    if likely < keys.count, isKey(keys[likely]) { return likely }
    return keys.firstIndex(where: isKey)
  }

  /// Goes behind a value.
  fileprivate mutating func skipValue(depth: Int) throws(JSON.SyntaxError) {
    if depth > JSON.depthLimit { throw error("nested deeper than \(JSON.depthLimit)") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): try skipList(to: UInt8(ascii: "}"), depth: depth, hasKeys: true)
    case UInt8(ascii: "["): try skipList(to: UInt8(ascii: "]"), depth: depth, hasKeys: false)
    case UInt8(ascii: "\""): try skipString()
    default: _ = try value(depth: depth)
    }
  }

  private mutating func skipList(
    to end: UInt8, depth: Int, hasKeys: Bool
  ) throws(JSON.SyntaxError) {
    at += 1
    skipSpace()
    if next == end {
      at += 1
      return
    }
    while true {
      if hasKeys {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw error("expected a key in quotes") }
        try skipString()
        skipSpace()
        guard next == UInt8(ascii: ":") else { throw error("expected ':' after a key") }
        at += 1
      }
      try skipValue(depth: depth + 1)
      skipSpace()
      if next == end {
        at += 1
        return
      }
      guard next == UInt8(ascii: ",") else {
        throw error("expected ',' or '\(Character(Unicode.Scalar(end)))'")
      }
      at += 1
    }
  }

  private mutating func skipString() throws(JSON.SyntaxError) {
    at += 1
    while true {
      passPlain()
      switch next {
      case UInt8(ascii: "\""):
        at += 1
        return
      case UInt8(ascii: "\\"): at += 2
      case nil: throw error("the text ends inside a string")
      default: throw error("a control character inside a string")
      }
    }
  }
}
