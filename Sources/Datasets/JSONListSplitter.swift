// One JSON list as the text of a whole file: cut into its elements, so that no more than one of them
// is in memory, however long the list is.

import Core

/// Cuts the text of a list into the texts of its elements.
struct JSONListSplitter {
  private enum Place {
    case beforeList, inElement, inString, afterBackslash, afterList
  }

  private let subject: String
  private let longest: Int
  private var place = Place.beforeList
  /// How many brackets and braces of the element are open.
  private var depth = 0
  private var element: [UInt8] = []
  /// The number of the element handed out last, from 1.
  private var number = 0

  init(subject: String, longest: Int = LineSplitter.longest) {
    self.subject = subject
    self.longest = longest
  }

  typealias Body = (_ element: ArraySlice<UInt8>, _ number: Int) throws(Failure) -> Void

  /// - Throws: what `body` throws; `.malformed` for brackets that do not fit, text behind the list
  ///   and an element that is too long
  mutating func take(_ block: [UInt8], _ body: Body) throws(Failure) {
    for byte in block {
      switch place {
      case .beforeList:
        // What comes before the bracket has been looked at: blanks and a byte order mark.
        if byte == UInt8(ascii: "[") { place = .inElement }
        continue
      case .afterList:
        guard Self.isBlank(byte) else { throw malformed("something follows the list") }
        continue
      case .afterBackslash: place = .inString
      case .inString:
        if byte == UInt8(ascii: "\"") { place = .inElement }
        if byte == UInt8(ascii: "\\") { place = .afterBackslash }
      case .inElement:
        if try takeMark(byte, body) { continue }
      }
      element.append(byte)
      guard element.count <= longest else {
        throw malformed("element \(number + 1) is longer than \(longest) bytes")
      }
    }
  }

  /// Takes a byte outside of strings; whether it is no part of an element.
  private mutating func takeMark(_ byte: UInt8, _ body: Body) throws(Failure) -> Bool {
    switch byte {
    case UInt8(ascii: "\""): place = .inString
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "]") where depth == 0:
      place = .afterList
      let isEmptyList = number == 0 && element.allSatisfy(Self.isBlank)
      if !isEmptyList { try hand(body) }
      return true
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      guard depth > 0 else { throw malformed("a brace closes what was not open") }
      depth -= 1
    case UInt8(ascii: ",") where depth == 0:
      try hand(body)
      return true
    default: break
    }
    return false
  }

  mutating func finish() throws(Failure) {
    guard place == .afterList else { throw malformed("the text ends inside the list") }
  }

  private mutating func hand(_ body: Body) throws(Failure) {
    number += 1
    try body(element[...], number)
    element.removeAll(keepingCapacity: true)
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    [0x20, 0x09, 0x0A, 0x0D].contains(byte)
  }

  private func malformed(_ problem: String) -> Failure {
    Failure(
      .malformed, subject, "not JSON", hint: "download the file again, or write one {…} a line",
      cause: problem)
  }
}
