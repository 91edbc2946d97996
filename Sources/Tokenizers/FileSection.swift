// Reading a tokenizer's files: one value of a JSON file together with the file and the key that it
// came from, so that every complaint names both.

import Core
import Foundation

/// A value inside a JSON file.
///
/// Accessors throw `malformed` where the value is of another kind.
struct FileSection {
  let file: String
  /// `model.vocab`, `added_tokens[3]`, …; empty for the whole file.
  let path: String
  let json: JSON

  /// Larger files than any real tokenizer has are refused before they are read.
  static let sizeLimit = 512 << 20

  init(file: String, path: String = "", json: JSON) {
    self.file = file
    self.path = path
    self.json = json
  }

  /// A JSON file as a whole.
  init(parsing url: URL, leniency: JSON.Leniency = []) throws(Failure) {
    let name = FilePaths.display(url)
    let bytes = try Self.bytes(of: url)
    do throws(JSON.SyntaxError) {
      json = try JSON(parsing: bytes, leniency: leniency)
    } catch {
      throw Failure(.malformed, name, "not a JSON file", cause: error.description)
    }
    file = name
    path = ""
    guard json.members != nil else { throw malformed("expected a JSON object") }
  }

  /// The bytes of a regular file, links followed.
  static func bytes(of url: URL) throws(Failure) -> Data {
    let name = FilePaths.display(url)
    let target = url.resolvingSymlinksInPath()
    do {
      let facts = try FileManager.default.attributesOfItem(
        atPath: target.path(percentEncoded: false))
      guard facts[.type] as? FileAttributeType == .typeRegular else {
        throw Failure(.malformed, name, "not a regular file")
      }
      let size = (facts[.size] as? NSNumber)?.intValue ?? 0
      guard size <= sizeLimit else {
        throw Failure(
          .malformed, name, "\(size) bytes, more than the \(sizeLimit) that a tokenizer may have")
      }
      return try Data(contentsOf: target)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.system, name, "cannot be read", cause: error.localizedDescription)
    }
  }

  func malformed(_ problem: String, hint: String? = nil) -> Failure {
    Failure(.malformed, file, path.isEmpty ? problem : "\(path): \(problem)", hint: hint)
  }

  func unsupported(_ problem: String) -> Failure {
    Failure(.unsupported, file, path.isEmpty ? problem : "\(path): \(problem)")
  }

  /// A `type` that Borda does not know.
  func unsupported(_ stage: String, _ type: String, _ known: [String]) -> Failure {
    Failure(
      .unsupported, file, "tokenizer \(stage) '\(type)' is not supported",
      hint: "use a tokenizer with one of \(known.joined(separator: ", "))")
  }

  private func place(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  // MARK: Members

  /// nil when the key is absent or its value is null.
  func optional(_ key: String) throws(Failure) -> FileSection? {
    guard let members = json.members else { throw malformed("expected an object") }
    guard let value = members[key], !value.isNull else { return nil }
    return FileSection(file: file, path: place(of: key), json: value)
  }

  func section(_ key: String) throws(Failure) -> FileSection {
    guard let section = try optional(key) else { throw malformed("the key '\(key)' is missing") }
    return section
  }

  func text(_ key: String) throws(Failure) -> String { try section(key).text() }
  func flag(_ key: String) throws(Failure) -> Bool { try section(key).flag() }
  func count(_ key: String) throws(Failure) -> Int { try section(key).count() }
  func list(_ key: String) throws(Failure) -> [FileSection] { try section(key).list() }

  func optionalFlag(_ key: String) throws(Failure) -> Bool? {
    guard let section = try optional(key) else { return nil }
    return try section.flag()
  }

  // MARK: Values

  func text() throws(Failure) -> String {
    guard let text = json.string else { throw malformed("expected a string") }
    return text
  }

  func flag() throws(Failure) -> Bool {
    guard let flag = json.bool else { throw malformed("expected true or false") }
    return flag
  }

  /// A whole number, 0 or more.
  func count() throws(Failure) -> Int {
    guard let number = json.integer, number >= 0 else {
      throw malformed("expected a whole number, 0 or more")
    }
    return number
  }

  func list() throws(Failure) -> [FileSection] {
    guard let elements = json.array else { throw malformed("expected a list") }
    return elements.enumerated().map {
      FileSection(file: file, path: "\(path)[\($0)]", json: $1)
    }
  }

  /// The members in the order of the file.
  func entries() throws(Failure) -> [(key: String, value: JSON)] {
    guard let members = json.members else { throw malformed("expected an object") }
    return members.entries
  }
}
