// One JSON file of a checkpoint folder, read with types and ranges; errors name the file and the key.

import Core
import Foundation
import Tensors

/// A JSON object from a checkpoint folder; an absent key and `null` mean the same.
struct ConfigFile {
  /// How messages name the file.
  let name: String
  let json: JSON
  /// What stands before every key in messages, with its dot; empty for the file itself.
  private let path: String

  private static let sizeLimit = 16 << 20

  /// - Throws: `.missing` where there is no file; `.malformed` where it is no regular file, no
  ///   JSON or, unless `isObject` is false, no object.
  init(_ url: URL, isObject: Bool = true) throws(Failure) {
    name = FilePaths.display(url)
    path = ""
    let bytes = try MappedFile.contents(of: url, sizeLimit: Self.sizeLimit)
    do throws(JSON.SyntaxError) {
      // Python writes NaN and Infinity into configurations; none of the keys read here may be so.
      json = try JSON(parsing: bytes, leniency: .nonFinite)
    } catch {
      throw Failure(.malformed, name, "is not JSON: \(error)")
    }
    if isObject, json.members == nil {
      throw Failure(.malformed, name, "holds no JSON object")
    }
  }

  private init(_ parent: ConfigFile, _ key: String, _ json: JSON) {
    name = parent.name
    path = parent.path + key + "."
    self.json = json
  }

  /// The object below a key, which messages name with its path; nil where the key is absent.
  func section(_ key: String) throws(Failure) -> ConfigFile? {
    guard let value = self[key] else { return nil }
    guard value.members != nil else { throw wrong(key, "is \(shown(value)), expected an object") }
    return ConfigFile(self, key, value)
  }

  /// The file, or nil where there is none.
  ///
  /// - Throws: as `init` does for every other fault.
  static func ifPresent(_ url: URL) throws(Failure) -> ConfigFile? {
    do throws(Failure) {
      return try ConfigFile(url)
    } catch  where error.code == .missing {
      return nil
    } catch {
      throw error
    }
  }

  subscript(key: String) -> JSON? {
    guard let value = json[key], !value.isNull else { return nil }
    return value
  }

  /// Whether a key is there and null, for the few keys where that differs from an absent one.
  func isNull(_ key: String) -> Bool { json[key]?.isNull == true }

  /// A whole number within a range; `fallback` where the key is absent.
  func integer(
    _ key: String, in range: ClosedRange<Int>, fallback: Int
  ) throws(Failure) -> Int {
    try integer(key, in: range) ?? fallback
  }

  /// A whole number within a range; nil where the key is absent.
  func integer(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
    guard let value = self[key] else { return nil }
    guard let number = value.integer, range.contains(number) else {
      throw wrong(
        key,
        "is \(shown(value)), expected a whole number from \(range.lowerBound)"
          + " to \(range.upperBound)")
    }
    return number
  }

  /// A whole number that files of different age keep under different keys.
  ///
  /// - Throws: `.malformed` also where two of the keys are there and disagree.
  func integer(
    _ keys: [String], in range: ClosedRange<Int>, fallback: Int
  ) throws(Failure) -> Int {
    var found: (key: String, number: Int)?
    for key in keys {
      guard let number = try integer(key, in: range) else { continue }
      if let found, found.number != number {
        throw wrong(key, "is \(number), but \(found.key) is \(found.number)")
      }
      found = found ?? (key, number)
    }
    return found?.number ?? fallback
  }

  /// A number within a range; `fallback` where the key is absent.
  func number(
    _ key: String, in range: ClosedRange<Double>, fallback: Double
  ) throws(Failure) -> Double {
    try number(key, in: range) ?? fallback
  }

  /// A number within a range; nil where the key is absent.
  func number(_ key: String, in range: ClosedRange<Double>) throws(Failure) -> Double? {
    guard let value = self[key] else { return nil }
    guard let number = value.double, range.contains(number) else {
      throw wrong(
        key,
        "is \(shown(value)), expected a number from \(range.lowerBound)"
          + " to \(range.upperBound)")
    }
    return number
  }

  /// A text; nil where the key is absent.
  func string(_ key: String) throws(Failure) -> String? {
    guard let value = self[key] else { return nil }
    guard let text = value.string else { throw wrong(key, "is \(shown(value)), expected a text") }
    return text
  }

  /// True or false; `fallback` where the key is absent.
  func bool(_ key: String, fallback: Bool) throws(Failure) -> Bool {
    try bool(key) ?? fallback
  }

  /// True or false; nil where the key is absent.
  func bool(_ key: String) throws(Failure) -> Bool? {
    guard let value = self[key] else { return nil }
    guard let flag = value.bool else {
      throw wrong(key, "is \(shown(value)), expected true or false")
    }
    return flag
  }

  /// A list of texts; nil where the key is absent.
  func strings(_ key: String) throws(Failure) -> [String]? {
    guard let value = self[key] else { return nil }
    let texts = value.array?.compactMap(\.string)
    guard let texts, texts.count == value.array?.count else {
      throw wrong(key, "is \(shown(value)), expected a list of texts")
    }
    return texts
  }

  /// A `.malformed` failure about one key.
  func wrong(_ key: String, _ problem: String, hint: String? = nil) -> Failure {
    Failure(.malformed, name, "\(path)\(key) \(problem)", hint: hint)
  }

  /// An `.unsupported` failure about one key.
  func unsupported(_ key: String, _ problem: String, hint: String? = nil) -> Failure {
    Failure(.unsupported, name, "\(path)\(key) \(problem)", hint: hint)
  }

  /// A value as messages show it, cut where it is long.
  private func shown(_ value: JSON) -> String {
    if case .number(let number) = value, !number.isFinite { return "\(number)" }
    let text = value.line
    return text.count > 60 ? text.prefix(60) + "…" : text
  }
}
