// One JSON file of a checkpoint folder, read with types and ranges; errors name the file and the key.

import Core
import Foundation
import Tensors

/// A JSON object from a checkpoint folder; an absent key and `null` mean the same.
struct ConfigFile {
  /// How messages name the file.
  let name: String
  let json: JSON

  private static let sizeLimit = 16 << 20

  /// - Throws: `.missing` where there is no file; `.malformed` where it is no regular file, no
  ///   JSON or, unless `isObject` is false, no object.
  init(_ url: URL, isObject: Bool = true) throws(Failure) {
    name = FilePaths.display(url)
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

  /// A number within a range; `fallback` where the key is absent.
  func number(
    _ key: String, in range: ClosedRange<Double>, fallback: Double
  ) throws(Failure) -> Double {
    guard let value = self[key] else { return fallback }
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
    guard let value = self[key] else { return fallback }
    guard let flag = value.bool else {
      throw wrong(key, "is \(shown(value)), expected true or false")
    }
    return flag
  }

  /// A `.malformed` failure about one key.
  func wrong(_ key: String, _ problem: String, hint: String? = nil) -> Failure {
    Failure(.malformed, name, "\(key) \(problem)", hint: hint)
  }

  /// An `.unsupported` failure about one key.
  func unsupported(_ key: String, _ problem: String, hint: String? = nil) -> Failure {
    Failure(.unsupported, name, "\(key) \(problem)", hint: hint)
  }

  /// A value as messages show it, cut where it is long.
  private func shown(_ value: JSON) -> String {
    let text = value.line
    return text.count > 60 ? text.prefix(60) + "…" : text
  }
}
