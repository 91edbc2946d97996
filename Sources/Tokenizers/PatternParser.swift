// Reading a regular expression in the syntax of Oniguruma into a tree.
//
// Easy to get wrong: `{1,3}+` is not possessive there, it repeats the repetition; `^` and `$` are
// those of lines; `(?i:s)` matches a long s and `(?i:k)` a Kelvin sign, too.

/// Reads one pattern from its start to its end.
struct PatternParser {
  private let scalars: [UInt32]
  private var at = 0
  private var depth = 0
  private var ignoresCase = false

  /// Longer patterns and deeper nesting than any tokenizer has are refused.
  private static let lengthLimit = 10_000
  private static let depthLimit = 50
  private static let countLimit = 1000

  private init(_ text: String) throws(PatternFault) {
    scalars = text.unicodeScalars.map(\.value)
    guard scalars.count <= Self.lengthLimit else {
      throw .unsupported("more than \(Self.lengthLimit) characters")
    }
  }

  static func parse(_ text: String) throws(PatternFault) -> PatternNode {
    var parser = try PatternParser(text)
    let node = try parser.choice()
    if parser.at < parser.scalars.count { throw .malformed("a ')' without its '('") }
    return node
  }

  private func peek(_ character: Unicode.Scalar, ahead: Int = 0) -> Bool {
    at + ahead < scalars.count && scalars[at + ahead] == character.value
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard peek(character) else { return false }
    at += 1
    return true
  }

  private mutating func next() throws(PatternFault) -> UInt32 {
    guard at < scalars.count else { throw .malformed("it ends too early") }
    defer { at += 1 }
    return scalars[at]
  }

  // MARK: Structure

  private mutating func choice() throws(PatternFault) -> PatternNode {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthLimit {
      throw .unsupported("groups nested more than \(Self.depthLimit) deep")
    }
    var parts = [try sequence()]
    while take("|") { parts.append(try sequence()) }
    return parts.count == 1 ? parts[0] : .choice(parts)
  }

  private mutating func sequence() throws(PatternFault) -> PatternNode {
    var parts: [PatternNode] = []
    while at < scalars.count, !peek("|"), !peek(")") {
      parts.append(try repeated(try atom()))
    }
    try checkFolding(parts)
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  /// Two letters in a row may fold together with one ligature when case does not count.
  private func checkFolding(_ parts: [PatternNode]) throws(PatternFault) {
    guard ignoresCase else { return }
    for (a, b) in zip(parts, parts.dropFirst()) {
      guard case .one(let first) = a, case .one(let second) = b else { continue }
      for pair in ["ss", "st", "ff", "fi", "fl"] {
        let values = pair.unicodeScalars.map(\.value)
        if first.contains(values[0]), second.contains(values[1]) {
          throw .unsupported("'\(pair)' where case does not count")
        }
      }
    }
  }

  private mutating func repeated(_ atom: PatternNode) throws(PatternFault) -> PatternNode {
    var node = atom
    var repetitions = 0
    while let count = try count() {
      repetitions += 1
      if repetitions > 3 { throw .unsupported("a repetition of repetitions of repetitions") }
      if case .anchor = node { throw .unsupported("a repetition of an anchor") }
      if case .look = node { throw .unsupported("a repetition of a look-ahead") }
      var greed = PatternNode.Greed.greedy
      if take("?") {
        // `{n}?` is no lazy repetition but an optional one.
        if count.isExact { throw .unsupported("'{n}?'") }
        greed = .lazy
      } else if !count.isInterval, take("+") {
        greed = .possessive
      }
      node = .loop(node, least: count.least, most: count.most, greed)
    }
    return node
  }

  private struct Count {
    var least: Int
    var most: Int?
    var isInterval = false
    var isExact = false
  }

  private mutating func count() throws(PatternFault) -> Count? {
    if take("*") { return Count(least: 0, most: nil) }
    if take("+") { return Count(least: 1, most: nil) }
    if take("?") { return Count(least: 0, most: 1) }
    guard peek("{") else { return nil }
    let start = at
    at += 1
    let least = try number()
    var most = least
    let hasComma = take(",")
    if hasComma { most = try number() }
    guard take("}"), least != nil || most != nil else {
      // Not a repetition: Oniguruma takes the brace as it is.
      at = start
      throw .unsupported("'{' that is no repetition")
    }
    if let least, let most, least > most { throw .unsupported("'{\(least),\(most)}'") }
    return Count(
      least: least ?? 0, most: hasComma ? most : least, isInterval: true, isExact: !hasComma)
  }

  private mutating func number() throws(PatternFault) -> Int? {
    var value: Int?
    while at < scalars.count, case 0x30...0x39 = scalars[at] {
      value = (value ?? 0) * 10 + Int(scalars[at] - 0x30)
      if value ?? 0 > Self.countLimit {
        throw .unsupported("more than \(Self.countLimit) repetitions")
      }
      at += 1
    }
    return value
  }

  // MARK: Atoms

  private mutating func atom() throws(PatternFault) -> PatternNode {
    let value = try next()
    switch Unicode.Scalar(value) {
    case "(": return try group()
    case "[": return .one(try bracket())
    case ".": return .one(.dot)
    case "^": return .anchor(.lineStart)
    case "$": return .anchor(.lineEnd)
    case "*", "+", "?": throw .malformed("nothing before a repetition")
    case "{": throw .unsupported("'{' that is no repetition")
    case "\\": return try escape()
    default: return .one(try folded(.scalar(value)))
    }
  }

  private mutating func group() throws(PatternFault) -> PatternNode {
    let outer = ignoresCase
    defer { ignoresCase = outer }
    var look: Bool?
    if take("?") {
      if take("!") {
        look = true
      } else if take("=") {
        look = false
      } else if take("i") {
        guard take(":") else { throw .unsupported("'(?i' without ':'") }
        ignoresCase = true
      } else if !take(":") {
        if at >= scalars.count { throw .malformed("a '(' without its ')'") }
        throw .unsupported("a group '(?\(String(decoding: [scalars[at]], as: UTF32.self))'")
      }
    }
    let body = try choice()
    guard take(")") else { throw .malformed("a '(' without its ')'") }
    guard let look else { return body }
    return .look(body, isNegated: look)
  }

  private mutating func escape() throws(PatternFault) -> PatternNode {
    let start = at
    switch Unicode.Scalar(try next()) {
    case "A": return .anchor(.textStart)
    case "z": return .anchor(.textEnd)
    case "Z": return .anchor(.lastLineEnd)
    default:
      at = start
      let item = try escapedItem(isInClass: false)
      return .one(try folded(ScalarClass(items: [item])))
    }
  }

  /// What stands behind a backslash, inside brackets and outside.
  private mutating func escapedItem(isInClass: Bool) throws(PatternFault) -> ScalarClass.Item {
    let value = try next()
    func one(_ value: UInt32) -> ScalarClass.Item { .range(value...value) }
    let word: CategoryTable.Kinds = isInClass ? .classWord : .patternWord
    switch Unicode.Scalar(value) {
    case "n": return one(10)
    case "r": return one(13)
    case "t": return one(9)
    case "f": return one(12)
    case "v": return one(11)
    case "x", "u": return one(try hexadecimal(isLong: value == 0x75))
    case "s": return .kind(CategoryTable.Kinds.space.rawValue, false)
    case "S": return .kind(CategoryTable.Kinds.space.rawValue, true)
    case "w": return .kind(word.rawValue, false)
    case "W": return .kind(word.rawValue, true)
    case "d": return .categories(CategoryTable.mask("Nd"))
    case "D": return .otherCategories(CategoryTable.mask("Nd"))
    case "p": return try property(isTurned: false)
    case "P": return try property(isTurned: true)
    default:
      let isWord =
        value < 0x80 && CategoryTable.shared[value].contains(.number)
        || value < 0x80 && CategoryTable.shared[value].contains(.letter)
      if isWord || value >= 0x80 {
        throw .unsupported("'\\\(String(decoding: [value], as: UTF32.self))'")
      }
      return one(value)
    }
  }

  private mutating func hexadecimal(isLong: Bool) throws(PatternFault) -> UInt32 {
    let isBraced = !isLong && take("{")
    let limit = isBraced ? 8 : isLong ? 4 : 2
    var value: UInt64 = 0
    var count = 0
    while at < scalars.count, count < limit, let scalar = Unicode.Scalar(scalars[at]),
      let digit = Character(scalar).hexDigitValue, scalar.isASCII
    {
      value = value << 4 | UInt64(digit)
      at += 1
      count += 1
    }
    if isBraced, !take("}") { throw .malformed("'\\x{' without its '}'") }
    // Above, `\x80` would be a byte of UTF-8 and no scalar.
    guard isBraced || isLong || value < 0x80, count > 0, isBraced || count == limit,
      let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init)
    else { throw .unsupported("this hexadecimal escape") }
    return scalar.value
  }

  private mutating func property(isTurned: Bool) throws(PatternFault) -> ScalarClass.Item {
    guard take("{") else { throw .unsupported("'\\p' without '{'") }
    let isTurned = isTurned != take("^")
    var name = ""
    while !peek("}") { name.unicodeScalars.append(Unicode.Scalar(try next()) ?? " ") }
    at += 1
    if name.lowercased() == "han" { return .kind(CategoryTable.Kinds.han.rawValue, isTurned) }
    let category = name.prefix(1).uppercased() + name.dropFirst().lowercased()
    let mask = 1...2 ~= name.count ? CategoryTable.mask(category) : 0
    guard mask != 0 else { throw .unsupported("'\\p{\(name)}'") }
    return isTurned ? .otherCategories(mask) : .categories(mask)
  }

  // MARK: Classes

  private mutating func bracket() throws(PatternFault) -> ScalarClass {
    var result = ScalarClass()
    result.isNegated = take("^")
    var isFirst = true
    while true {
      guard at < scalars.count else { throw .malformed("a '[' without its ']'") }
      if peek("]") {
        if isFirst { throw .unsupported("']' at the start of a class") }
        at += 1
        break
      }
      isFirst = false
      if peek("[") { throw .unsupported("a class inside a class") }
      if peek("&"), peek("&", ahead: 1) { throw .unsupported("'&&' in a class") }
      let item = try classItem()
      guard peek("-"), !peek("]", ahead: 1) else {
        result.items.append(item)
        continue
      }
      at += 1
      guard case .range(let low) = item, !peek("["), case .range(let high) = try classItem() else {
        throw .unsupported("a range that starts or ends with a class")
      }
      guard low.lowerBound <= high.upperBound else { throw .malformed("an empty range in a class") }
      result.items.append(.range(low.lowerBound...high.upperBound))
    }
    return try folded(result)
  }

  private mutating func classItem() throws(PatternFault) -> ScalarClass.Item {
    let value = try next()
    if value == 0x5C { return try escapedItem(isInClass: true) }
    return .range(value...value)
  }

  /// Adds the other case of ASCII letters where case does not count.
  private func folded(_ scalars: ScalarClass) throws(PatternFault) -> ScalarClass {
    guard ignoresCase else { return scalars }
    var result = scalars
    for item in scalars.items {
      guard case .range(let range) = item, range.upperBound < 0x80, !scalars.isNegated else {
        throw .unsupported("other than ASCII characters where case does not count")
      }
      for value in range where CategoryTable.shared[value].contains(.letter) {
        result.items.append(.range((value ^ 0x20)...(value ^ 0x20)))
        if value | 0x20 == 0x73 { result.items.append(.range(0x17F...0x17F)) }
        if value | 0x20 == 0x6B { result.items.append(.range(0x212A...0x212A)) }
      }
    }
    return result
  }
}
