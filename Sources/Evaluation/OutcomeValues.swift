// How single values are written into outcomes, the same for all types.

import Core

extension JSON {
  /// The beginning of a text: all of it, or 240 characters and an ellipsis.
  static func excerpt(_ text: String) -> JSON {
    guard let end = text.index(text.startIndex, offsetBy: 240, limitedBy: text.endIndex),
      end < text.endIndex
    else { return .string(text) }
    return .string(text[..<end] + "…")
  }

  /// A float with the digits that tell it from its neighbours, not those of the double it becomes.
  static func float(_ value: Float) -> JSON { .optional(Double(value.description)) { .number($0) } }

  static func double(_ value: Double?) -> JSON { .optional(value) { .number($0) } }

  static func integers(_ values: some Sequence<Int>) -> JSON { .array(values.map { .integer($0) }) }
}

extension ClassLabel {
  /// The label as data sets write it.
  var json: JSON {
    switch self {
    case .number(let number): .integer(number)
    case .text(let text): .string(text.text)
    }
  }
}
