// Writing JSON: two-space indent as mteb's files have it, or one line; doubles in full.

extension JSON {
  /// Several lines with an indent of two spaces, no final newline.
  ///
  /// Non-finite numbers become null.
  package var pretty: String {
    var out = ""
    write(into: &out, indent: 0)
    return out
  }

  /// One line, `{"key": value, …}`.
  ///
  /// Non-finite numbers become null.
  package var line: String {
    var out = ""
    write(into: &out, indent: nil)
    return out
  }

  private func write(into out: inout String, indent: Int?) {
    switch self {
    case .null: out += "null"
    case .bool(let value): out += value ? "true" : "false"
    case .integer(let value): out += String(value)
    case .number(let value): out += value.isFinite ? Self.text(of: value) : "null"
    case .string(let text): Self.quote(text, into: &out)
    case .array(let elements):
      Self.list("[", "]", elements, into: &out, indent: indent) { element, out, inner in
        element.write(into: &out, indent: inner)
      }
    case .object(let members):
      Self.list("{", "}", members.entries, into: &out, indent: indent) { entry, out, inner in
        Self.quote(entry.key, into: &out)
        out += ": "
        entry.value.write(into: &out, indent: inner)
      }
    }
  }

  private static func list<T>(
    _ open: String, _ close: String, _ items: [T], into out: inout String, indent: Int?,
    item: (T, inout String, Int?) -> Void
  ) {
    out += open
    let inner = indent.map { $0 + 2 }
    for (i, element) in items.enumerated() {
      if i > 0 { out += inner == nil ? ", " : "," }
      if let inner { out += "\n" + String(repeating: " ", count: inner) }
      item(element, &out, inner)
    }
    if let indent, !items.isEmpty { out += "\n" + String(repeating: " ", count: indent) }
    out += close
  }

  /// The shortest text that reads back as the same double: `0.5`, `1e-07` as `1e-07`.
  static func text(of value: Double) -> String { value.description }

  private static func quote(_ text: String, into out: inout String) {
    out += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{0}"..<"\u{20}":
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    out += "\""
  }
}
