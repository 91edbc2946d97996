// Reading the main scores out of a result file without building the rest: most of its bytes are
// metrics that no ranking asks for, and a snapshot has 1.8 GB of them.

import Core
import Foundation

/// The main scores of one file; names are places in the `NameTable` it was scanned with.
struct ScannedResult {
  var task: String?
  var mtebVersion: String?
  var date: Double?
  var cells: [ScoredCell] = []
  var hasScores = false
}

/// Walks over the bytes of a result file once.
///
/// Everything skipped is still checked for its form: brackets, quotes, separators and words, so that
/// a file that was cut off is noticed. Not checked: that skipped numbers are well-formed and strings
/// valid UTF-8.
struct ResultScanner {
  struct Problem: Error {
    let offset: Int
    let text: String
  }

  /// Ends with a zero byte that is not counted, which stops the reading of a number.
  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private var at = 0

  /// - Parameters:
  ///   - bytes: the file, and one zero byte behind it.
  ///   - count: without that byte.
  init(_ bytes: UnsafePointer<UInt8>, count: Int) {
    self.bytes = bytes
    self.count = count
  }

  /// Reads a file of the present schema; one of the old schema comes back with `hasScores` false.
  mutating func scan(with names: inout NameTable) throws(Problem) -> ScannedResult {
    var result = ScannedResult()
    try object { scanner, key throws(Problem) in
      switch key.count {
      case 9 where key.elementsEqual("task_name".utf8): result.task = try scanner.text()
      case 12 where key.elementsEqual("mteb_version".utf8):
        result.mtebVersion = try scanner.textOrNil()
      case 4 where key.elementsEqual("date".utf8): result.date = try scanner.numberOrNil()
      case 6 where key.elementsEqual("scores".utf8):
        result.hasScores = true
        try scanner.splits(into: &result.cells, &names)
      default: try scanner.skip(depth: 0)
      }
    }
    skipSpace()
    guard at == count else { throw problem("something follows the value") }
    return result
  }

  private mutating func splits(
    into cells: inout [ScoredCell], _ names: inout NameTable
  ) throws(Problem) {
    // Python lets the last of two equal keys win; equal splits do not occur in one file otherwise.
    try object { scanner, key throws(Problem) in
      let split = names.place(ofText: key)
      try scanner.array { scanner throws(Problem) in
        cells.append(try scanner.row(split, &names))
      }
    }
  }

  private mutating func row(_ split: Int32, _ names: inout NameTable) throws(Problem) -> ScoredCell
  {
    var cell = ScoredCell(split: split, subset: -1, languages: -1, score: .nan)
    var hasScore = false
    try object { scanner, key throws(Problem) in
      switch key.count {
      case 10 where key.elementsEqual("main_score".utf8):
        cell.score = try scanner.numberOrNil() ?? .nan
        hasScore = true
      case 9 where key.elementsEqual("hf_subset".utf8):
        scanner.skipSpace()
        cell.subset = names.place(ofText: try scanner.rawString())
      case 9 where key.elementsEqual("languages".utf8):
        scanner.skipSpace()
        let start = scanner.at
        guard scanner.byte == UInt8(ascii: "[") else { throw scanner.problem("languages: no list") }
        try scanner.skip(depth: 0)
        cell.languages = names.place(
          ofList: UnsafeBufferPointer(start: scanner.bytes + start, count: scanner.at - start))
      default: try scanner.skip(depth: 0)
      }
    }
    if cell.subset < 0 { throw problem("a row has no hf_subset") }
    if cell.languages < 0 { throw problem("a row has no languages") }
    if !hasScore { throw problem("a row has no main_score") }
    if !cell.score.isFinite { cell.score = .nan }
    return cell
  }

  // MARK: Structure

  private func problem(_ text: String) -> Problem { Problem(offset: at, text: text) }

  /// 0 at the end.
  private var byte: UInt8 { bytes[at] }

  private mutating func skipSpace() {
    while at < count, bytes[at] <= 0x20 {
      guard [0x20, 0x0A, 0x0D, 0x09].contains(bytes[at]) else { return }
      at += 1
    }
  }

  private mutating func object(
    _ member: (inout ResultScanner, UnsafeBufferPointer<UInt8>) throws(Problem) -> Void
  ) throws(Problem) {
    skipSpace()
    guard byte == UInt8(ascii: "{") else { throw problem("expected an object") }
    at += 1
    skipSpace()
    if byte == UInt8(ascii: "}") {
      at += 1
      return
    }
    while true {
      skipSpace()
      let key = try rawString()
      skipSpace()
      guard byte == UInt8(ascii: ":") else { throw problem("expected ':' after a key") }
      at += 1
      try member(&self, key)
      skipSpace()
      let end = byte
      at += 1
      if end == UInt8(ascii: "}") { return }
      guard end == UInt8(ascii: ",") else {
        at -= 1
        throw problem("expected ',' or '}' in an object")
      }
    }
  }

  private mutating func array(
    _ element: (inout ResultScanner) throws(Problem) -> Void
  ) throws(Problem) {
    skipSpace()
    guard byte == UInt8(ascii: "[") else { throw problem("expected a list") }
    at += 1
    skipSpace()
    if byte == UInt8(ascii: "]") {
      at += 1
      return
    }
    while true {
      try element(&self)
      skipSpace()
      let end = byte
      at += 1
      if end == UInt8(ascii: "]") { return }
      guard end == UInt8(ascii: ",") else {
        at -= 1
        throw problem("expected ',' or ']' in a list")
      }
    }
  }

  /// Passes over any value.
  private mutating func skip(depth: Int) throws(Problem) {
    guard depth < JSON.depthLimit else { throw problem("nested deeper than \(JSON.depthLimit)") }
    skipSpace()
    switch byte {
    case UInt8(ascii: "{"):
      try object { scanner, _ throws(Problem) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "["):
      try array { scanner throws(Problem) in try scanner.skip(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try rawString()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): skipNumber()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case UInt8(ascii: "N"): try word("NaN")
    case UInt8(ascii: "I"): try word("Infinity")
    default: throw problem(at < count ? "no value starts like this" : "the file ends too early")
    }
  }

  private mutating func word(_ word: StaticString) throws(Problem) {
    let length = word.utf8CodeUnitCount
    guard at + length <= count else { throw problem("the file ends too early") }
    for i in 0..<length where bytes[at + i] != word.utf8Start[i] {
      throw problem("unknown word")
    }
    at += length
  }

  private mutating func skipNumber() {
    if byte == UInt8(ascii: "-"), bytes[at + 1] == UInt8(ascii: "I") {
      at += 1 + "Infinity".utf8.count
    }
    while true {
      switch bytes[at] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
        at += 1
      default: return
      }
    }
  }

  // MARK: Values

  /// The bytes between quotes, escapes as they are.
  private mutating func rawString() throws(Problem) -> UnsafeBufferPointer<UInt8> {
    guard byte == UInt8(ascii: "\"") else { throw problem("expected a text in quotes") }
    at += 1
    let start = at
    while at < count {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return UnsafeBufferPointer(start: bytes + start, count: at - 1 - start)
      case UInt8(ascii: "\\"): at += 2
      default: at += 1
      }
    }
    at = count
    throw problem("the file ends inside a text")
  }

  private mutating func text() throws(Problem) -> String {
    skipSpace()
    return NameTable.text(try rawString())
  }

  private mutating func textOrNil() throws(Problem) -> String? {
    skipSpace()
    if byte == UInt8(ascii: "\"") { return try text() }
    try skip(depth: 0)
    return nil
  }

  /// A number, exactly; nil for null, NaN and every other value.
  private mutating func numberOrNil() throws(Problem) -> Double? {
    skipSpace()
    let isNumber =
      byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    guard isNumber, bytes[at + 1] != UInt8(ascii: "I") else {
      try skip(depth: 0)
      return nil
    }
    let start = at
    skipNumber()
    let length = at - start
    let (value, used) = UnsafeRawPointer(bytes + start).withMemoryRebound(
      to: CChar.self, capacity: length + 1
    ) { text in
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(text, &end)
      return (value, end.map { $0 - UnsafeMutablePointer(mutating: text) } ?? 0)
    }
    guard used == length else {
      at = start
      throw problem("no number")
    }
    return value
  }
}
