// Texts that a user hands over: a line each, or a JSON object each.

import Core
import Foundation

enum TextInput {
  /// The texts of standard input.
  ///
  /// - Throws: `.malformed` naming the line, `.usage` when there is none.
  static func standardInput(jsonl: Bool, command: String) throws(Failure) -> [String] {
    var texts: [String] = []
    var number = 0
    while let line = readLine(strippingNewline: true) {
      number += 1
      if let text = try text(line, jsonl, "standard input, line \(number)") { texts.append(text) }
    }
    guard !texts.isEmpty else {
      throw Failure(
        .usage, "standard input", "holds no text", hint: "echo \"a text\" | \(command)")
    }
    return texts
  }

  /// The texts of a file; `-` is standard input.
  ///
  /// - Throws: `.missing` or `.system` for the file, `.malformed` naming the line.
  static func file(_ path: String, jsonl: Bool, command: String) throws(Failure) -> [String] {
    if path == "-" { return try standardInput(jsonl: jsonl, command: command) }
    let url = URL(filePath: FilePaths.expandingTilde(path))
    guard FilePaths.kind(of: url) == .file else {
      throw Failure(
        .missing, path, "there is no such file",
        hint: FilePaths.nearestSibling(of: url).map { "did you mean \($0)?" }
          ?? "name a file with a text a line")
    }
    let bytes: Data
    do {
      bytes = try Data(contentsOf: url)
    } catch {
      throw Failure(.system, path, "cannot be read", cause: error.localizedDescription)
    }
    var texts: [String] = []
    let feed = UInt8(ascii: "\n")
    for (number, line) in bytes.split(separator: feed, omittingEmptySubsequences: false)
      .enumerated()
    {
      let place = "\(path):\(number + 1)"
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let string = String(validating: line, as: UTF8.self) else {
        throw Failure(
          .malformed, place, "is not UTF-8", hint: "convert the file, for instance with iconv")
      }
      if let text = try text(string, jsonl, place) { texts.append(text) }
    }
    // The last line feed ends a line and begins none.
    if !jsonl, bytes.last == feed { texts.removeLast() }
    guard !texts.isEmpty else { throw Failure(.malformed, path, "holds no text") }
    return texts
  }

  /// The text of a line; nil for an empty line among JSON objects.
  private static func text(
    _ line: String, _ jsonl: Bool, _ place: String
  ) throws(Failure) -> String? {
    guard jsonl else { return line }
    if line.isEmpty { return nil }
    let object = Result { () throws(JSON.SyntaxError) in try JSON(parsing: line) }
    guard let text = try? object.get()["text"]?.string else {
      var failure = Failure(
        .malformed, place, "is no JSON object with a 'text'",
        hint: "leave --jsonl out if lines are plain texts")
      if case .failure(let error) = object { failure.cause = error.description }
      throw failure
    }
    return text
  }
}
