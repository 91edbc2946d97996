// The patterns that nearly all byte-level tokenizers cut by, each as a scanner written by hand: the
// same words as the pattern, without a matcher.

/// Functions that take bytes of UTF-8 and a word, and append the words that it becomes.
///
/// Each of these patterns matches at every place, so the words cover everything.
enum WordPatterns {
  typealias Scanner = @Sendable ([UInt8], Range<Int>, inout [Range<Int>]) -> Void

  static let qwen2: Scanner = { cl100k($0, $1, digits: 1, into: &$2) }

  /// The known patterns, as files write them, and their scanners.
  static let scanners: [String: Scanner] = {
    let gpt2Rest = #"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    func rest(_ digits: String) -> String {
      #"|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }
    var scanners: [String: Scanner] = [:]
    scanners["'s|'t|'re|'ve|'m|'ll|'d" + gpt2Rest] = { gpt2($0, $1, into: &$2) }
    scanners["'(?:[sdmt]|ll|ve|re)" + gpt2Rest] = { gpt2($0, $1, into: &$2) }
    for endings in ["(?i:'s|'t|'re|'ve|'m|'ll|'d)", "(?i:'(?:[sdmt]|ll|ve|re))"] {
      scanners[endings + rest(#"\p{N}"#)] = qwen2
      scanners[endings + rest(#"\p{N}{1,3}"#)] = { cl100k($0, $1, digits: 3, into: &$2) }
    }
    return scanners
  }()

  /// GPT-2's: an English ending, or letters, numbers or signs with a space before them, or white
  /// space, which leaves its last character to the next word.
  static func gpt2(_ bytes: [UInt8], _ word: Range<Int>, into words: inout [Range<Int>]) {
    let scan = Scan(bytes: bytes, end: word.upperBound)
    var at = word.lowerBound
    while at < scan.end {
      let start = at
      let ending = scan.ending(at: at, ignoringCase: false)
      if ending > 0 {
        at += ending
      } else {
        let first = bytes[at] == UInt8(ascii: " ") ? at + 1 : at
        switch first < scan.end ? scan.kind(at: first).kind : .space {
        case .letter: at = scan.skip(.letter, from: first)
        case .number: at = scan.skip(.number, from: first)
        case .other: at = scan.skip(.other, from: first)
        case .space: at = scan.space(from: at)
        }
      }
      words.append(start..<at)
    }
  }

  /// The one of GPT-4, Llama 3 and Qwen: endings in any case, letters with any sign before them,
  /// so many digits at a time, signs with the line ends behind them, white space up to the last
  /// line end.
  static func cl100k(
    _ bytes: [UInt8], _ word: Range<Int>, digits: Int, into words: inout [Range<Int>]
  ) {
    let scan = Scan(bytes: bytes, end: word.upperBound)
    var at = word.lowerBound
    while at < scan.end {
      let start = at
      at = scan.cl100k(from: at, digits: digits)
      words.append(start..<at)
    }
  }
}

/// A text and where it ends, for scanning forward.
private struct Scan {
  enum Kind { case letter, number, space, other }

  let bytes: [UInt8]
  let end: Int
  let table = CategoryTable.shared

  @inline(__always)
  func kind(at place: Int) -> (kind: Kind, length: Int) {
    let (value, length) = UTF8Decoding.scalar(in: bytes, at: place)
    let kinds = table[value]
    if kinds.contains(.letter) { return (.letter, length) }
    if kinds.contains(.number) { return (.number, length) }
    return (kinds.contains(.space) ? .space : .other, length)
  }

  /// Where a run of one kind ends.
  @inline(__always)
  func skip(_ kind: Kind, from place: Int) -> Int {
    var at = place
    while at < end {
      let next = self.kind(at: at)
      guard next.kind == kind else { break }
      at += next.length
    }
    return at
  }

  /// The end of `\s+(?!\S)|\s+`: all the white space, or all but the last where something follows.
  func space(from place: Int) -> Int {
    var at = place
    var last = place
    while at < end {
      let next = kind(at: at)
      guard next.kind == .space else { break }
      last = at
      at += next.length
    }
    return at < end && last > place ? last : at
  }

  /// The bytes of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at a place, or 0.
  @inline(__always)
  func ending(at place: Int, ignoringCase: Bool) -> Int {
    guard bytes[place] == UInt8(ascii: "'"), place + 1 < end else { return 0 }
    return ending(behind: place + 1, ignoringCase)
  }

  private func ending(behind place: Int, _ ignoringCase: Bool) -> Int {
    func letter(_ at: Int) -> UInt8 {
      guard at < end else { return 0 }
      let isUpper = bytes[at] &- UInt8(ascii: "A") < 26
      return isUpper && ignoringCase ? bytes[at] | 0x20 : bytes[at]
    }
    switch (letter(place), letter(place + 1)) {
    case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _),
      (UInt8(ascii: "d"), _):
      return 2
    case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
      (UInt8(ascii: "l"), UInt8(ascii: "l")):
      return 3
    // The long s, U+017F, is an s when case does not count.
    case (0xC5, 0xBF): return ignoringCase ? 3 : 0
    default: return 0
    }
  }

  func cl100k(from start: Int, digits: Int) -> Int {
    let ending = ending(at: start, ignoringCase: true)
    if ending > 0 { return start + ending }
    let (first, length) = kind(at: start)
    let next = start + length
    if first == .letter { return skip(.letter, from: next) }
    if first == .number {
      var at = next
      for _ in 1..<digits where at < end {
        let more = kind(at: at)
        guard more.kind == .number else { break }
        at += more.length
      }
      return at
    }
    if !isLineEnd(start), next < end {
      let second = kind(at: next)
      if second.kind == .letter { return skip(.letter, from: next + second.length) }
      if second.kind == .other, bytes[start] == UInt8(ascii: " ") { return signs(from: next) }
    }
    return first == .other ? signs(from: start) : lines(from: start)
  }

  private func isLineEnd(_ place: Int) -> Bool {
    bytes[place] == UInt8(ascii: "\n") || bytes[place] == UInt8(ascii: "\r")
  }

  /// Where signs and the line ends behind them end.
  private func signs(from place: Int) -> Int {
    var at = skip(.other, from: place)
    while at < end, isLineEnd(at) { at += 1 }
    return at
  }

  /// The end of `\s*[\r\n]+|\s+(?!\S)|\s+`.
  private func lines(from place: Int) -> Int {
    var at = place
    var line = place
    while at < end {
      let next = kind(at: at)
      guard next.kind == .space else { break }
      if isLineEnd(at) { line = at + 1 }
      at += next.length
    }
    return line > place ? line : space(from: place)
  }
}
