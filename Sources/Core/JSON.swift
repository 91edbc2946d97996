// A JSON value that keeps what result files and model files need kept: the order of keys, whole
// numbers apart from fractions, and doubles exactly. `JSON+Parse` reads it, `JSON+Write` writes it.

package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  /// NaN and infinities occur only where the reader was told to accept them.
  case number(Double)
  case string(String)
  case array([JSON])
  case object(Members)

  /// The members of an object, in the order of the file.
  package struct Members: Sendable, Equatable {
    package private(set) var entries: [(key: String, value: JSON)]
    private var index: [ExactText: Int]

    package init(_ entries: [(String, JSON)] = []) {
      self.entries = []
      index = [:]
      for (key, value) in entries { self[key] = value }
    }

    /// nil when absent; setting nil leaves an object unchanged where there was nothing.
    package subscript(key: String) -> JSON? {
      get { index[ExactText(key)].map { entries[$0].value } }
      set {
        if let place = index[ExactText(key)] {
          if let newValue {
            entries[place].value = newValue
          } else {
            entries.remove(at: place)
            index = Dictionary(
              uniqueKeysWithValues: entries.enumerated().map { (ExactText($1.key), $0) })
          }
        } else if let newValue {
          index[ExactText(key)] = entries.count
          entries.append((key, newValue))
        }
      }
    }

    package var keys: [String] { entries.map(\.key) }

    package static func == (a: Members, b: Members) -> Bool {
      a.entries.elementsEqual(b.entries) { $0.key == $1.key && $0.value == $1.value }
    }
  }

  package subscript(key: String) -> JSON? { members?[key] }

  package var members: Members? {
    if case .object(let members) = self { members } else { nil }
  }

  package var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  package var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// A whole number; a fraction that happens to be whole (`1.0`) does not count.
  package var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// Any number.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The same value with every fraction in it, however deep, replaced; whole numbers stay.
  package func mapNumbers(_ change: (Double) -> Double) -> JSON {
    switch self {
    case .number(let value): .number(change(value))
    case .array(let elements): .array(elements.map { $0.mapNumbers(change) })
    case .object(let members):
      .object(members.entries.map { ($0.key, $0.value.mapNumbers(change)) })
    default: self
    }
  }

  package static func numbers(_ values: some Sequence<Double>) -> JSON {
    .array(values.map { .number($0) })
  }

  package var isNull: Bool { self == .null }

  package static func object(_ entries: [(String, JSON)]) -> JSON { .object(Members(entries)) }

  package static func strings(_ texts: some Sequence<String>) -> JSON {
    .array(texts.map { .string($0) })
  }

  /// `.null` for nil, so that optional facts can be listed in place.
  package static func optional<T>(_ value: T?, _ wrap: (T) -> JSON) -> JSON {
    value.map(wrap) ?? .null
  }
}
