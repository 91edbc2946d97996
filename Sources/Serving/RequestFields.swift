// Reading a request's JSON object, with a refusal for everything that is not as it should be.

import Core
import NIOCore

struct RequestFields {
  private let members: JSON.Members

  /// Reads a body.
  ///
  /// - Parameters:
  ///   - body: the bytes.
  ///   - known: the parameters that mean something here; a null counts as absent.
  /// - Throws: a refusal for what is no JSON object, and for a parameter that would be without
  ///   effect.
  init(_ body: ByteBuffer, known: [String]) throws(Refusal) {
    let json: JSON
    do throws(JSON.SyntaxError) {
      json = try JSON(parsing: body.readableBytesView)
    } catch {
      throw Refusal(.invalid, "the body is not JSON: \(error)")
    }
    guard case .object(let members) = json else {
      throw Refusal(.invalid, "the body is JSON, but not an object")
    }
    self.members = members
    for key in members.keys where !known.contains(key) && members[key] != .null {
      throw Refusal(
        .invalid,
        "unknown parameter '\(key.prefix(60))'; this server knows \(known.joined(separator: ", "))",
        parameter: String(key.prefix(60)))
    }
  }

  /// nil where absent.
  func string(_ name: String) throws(Refusal) -> String? {
    try value(name, "should be a string", \.string)
  }

  func bool(_ name: String) throws(Refusal) -> Bool? {
    try value(name, "should be true or false", \.bool)
  }

  /// A whole number of 1 or more.
  func count(_ name: String) throws(Refusal) -> Int? {
    try value(name, "should be a whole number of 1 or more") { json in
      json.integer.flatMap { $0 >= 1 ? $0 : nil }
    }
  }

  private func value<T>(
    _ name: String, _ wanted: String, _ read: (JSON) -> T?
  ) throws(Refusal) -> T? {
    guard let json = members[name], json != .null else { return nil }
    guard let value = read(json) else { throw .parameter(name, wanted) }
    return value
  }

  /// One text or several.
  ///
  /// - Throws: a refusal for anything else: token ids, none at all, too many.
  func texts(_ name: String, limit: Int) throws(Refusal) -> [String] {
    let wanted = "should be a string or an array of strings"
    switch members[name] {
    case nil, .null: throw Refusal(.invalid, "'\(name)' is missing; it \(wanted)", parameter: name)
    case .string(let text): return [text]
    case .array(let elements):
      guard !elements.isEmpty else {
        throw Refusal(.empty, "'\(name)' is empty", parameter: name)
      }
      guard elements.count <= limit else {
        throw .parameter(
          name, "has \(elements.count) elements; a request may have \(limit) texts, send several")
      }
      var texts: [String] = []
      texts.reserveCapacity(elements.count)
      for (place, element) in elements.enumerated() {
        switch element {
        case .string(let text): texts.append(text)
        case .integer, .number:
          throw .parameter(
            name, "holds token ids, which only their own tokenizer knows; send texts")
        case .array:
          throw .parameter(name, "holds arrays; send texts, not token ids or pairs")
        default: throw .parameter(name, "\(wanted); element \(place) is neither")
        }
      }
      return texts
    default: throw .parameter(name, wanted)
    }
  }
}
