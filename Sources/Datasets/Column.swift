// A column that a reader asks for, and what it wants of the values there.

import Core

/// A column of a data file: its name there, other names it may have, and the kind of its values.
package struct Column: Sendable, Hashable, ExpressibleByStringLiteral {
  package enum Kind: Sendable, Hashable {
    /// As the file has it; every cell of a CSV or TSV file is a text.
    case any
    /// A text; whole numbers (ids, mostly) become their decimal digits.
    case text
    /// A number; the text of one, as CSV and TSV files have it, is read.
    case number
    /// A whole number, such as a grade: 2, 2.0 or the text of either.
    case integer
    /// A class: a whole number or a text. The text of a whole number becomes that number in CSV
    /// and TSV files only, which have no other way to write numbers.
    case label
  }

  package let name: String
  /// Names to look for after `name`, in this order: `id` for `_id`.
  package let alternatives: [String]
  package let kind: Kind
  /// Absent from the file means null in every row, not a failure.
  package let isOptional: Bool

  package init(
    _ name: String, or alternatives: [String] = [], as kind: Kind = .any, isOptional: Bool = false
  ) {
    self.name = name
    self.alternatives = alternatives
    self.kind = kind
    self.isOptional = isOptional
  }

  package init(stringLiteral name: String) { self.init(name) }

  /// Every name the column may have, the preferred one first.
  var names: [String] { [name] + alternatives }

  /// The value as its kind wants it; nil when it cannot be that.
  ///
  /// Null stays null. Where the file is not typed (CSV and TSV), every value is a text.
  func convert(_ value: JSON, isTyped: Bool) -> JSON? {
    switch (kind, value) {
    case (.any, _), (_, .null), (.text, .string), (.number, .integer), (.number, .number),
      (.integer, .integer), (.label, .integer):
      return value
    case (.text, .integer(let number)):
      return .string(String(number))
    case (.number, .string(let text)) where !isTyped:
      return Self.number(text)
    case (.integer, .string(let text)) where !isTyped:
      return Self.number(text).flatMap(Self.whole)
    case (.integer, .number), (.label, .number):
      return Self.whole(value)
    case (.label, .string(let text)):
      guard !isTyped, let number = Int(text), String(number) == text else { return value }
      return .integer(number)
    default:
      return nil
    }
  }

  private static func number(_ text: String) -> JSON? {
    if let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { return nil }
    return .number(number)
  }

  private static func whole(_ value: JSON) -> JSON? {
    if case .number(let number) = value { return Int(exactly: number).map { .integer($0) } }
    return value
  }

  var wanted: String {
    switch kind {
    case .any: "a value"
    case .text: "a text"
    case .number: "a number"
    case .integer: "a whole number"
    case .label: "a text or a whole number"
    }
  }
}
