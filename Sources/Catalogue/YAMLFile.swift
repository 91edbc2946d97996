// A YAML file opened as one mapping whose keys are all known; every complaint names file and key.

import Core
import Foundation
import Yams

/// The top-level mapping of a YAML file, read key by key.
struct YAMLFile {
  let file: URL
  /// The path as the user knows it, for messages.
  let subject: String
  private var nodes: [String: Node] = [:]

  /// No task or benchmark file comes near this.
  private static let sizeLimit = 16 << 20

  /// Opens a file and checks its keys.
  ///
  /// - Throws: `.missing`, `.malformed` for what is not a YAML mapping, for unknown or repeated
  ///   keys, and for required keys that are absent.
  init(_ file: URL, keys: Set<String>, required: [String]) throws(Failure) {
    self.file = file
    subject = FilePaths.display(file)
    guard FilePaths.kind(of: file) == .file else {
      throw Failure(
        .missing, subject, "there is no such file",
        hint: FilePaths.nearestSibling(of: file).map { "did you mean \($0)?" })
    }
    guard let mapping = try compose().mapping else {
      throw Failure(
        .malformed, subject, "is not a list of 'key: value' lines",
        hint: "see Tasks/README.md for the format")
    }
    for (key, value) in mapping {
      guard let name = key.string, keys.contains(name) else {
        let typed = key.string ?? "?"
        throw Failure(
          .malformed, subject, "unknown key '\(typed)'",
          hint: Suggest.hint(
            for: typed, among: keys,
            otherwise: "use one of \(keys.sorted().joined(separator: ", "))"))
      }
      nodes[name] = value
    }
    for key in required where nodes[key] == nil {
      throw Failure(
        .malformed, subject, "the key '\(key)' is missing",
        hint: "see Tasks/README.md for what it says")
    }
  }

  private func compose() throws(Failure) -> Node {
    let text: String
    do {
      let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      guard size <= Self.sizeLimit else {
        throw Failure(.malformed, subject, "is larger than 16 MiB", hint: "is it a data file?")
      }
      text = try String(contentsOf: file, encoding: .utf8)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .system, subject, "cannot be read as UTF-8 text",
        hint: "check its permissions and encoding",
        cause: error.localizedDescription)
    }
    do {
      return try Yams.compose(yaml: text) ?? Node("")
    } catch {
      throw Failure(
        .malformed, subject, "is not YAML", hint: "see Tasks/README.md for the format",
        cause: String("\(error)".split(separator: "\n").first ?? ""))
    }
  }

  func malformed(_ key: String, _ expected: String) -> Failure {
    Failure(
      .malformed, subject, "the value of '\(key)' should be \(expected)",
      hint: "see Tasks/README.md for an example")
  }

  func has(_ key: String) -> Bool { nodes[key] != nil }

  func node(_ key: String) -> Node? { nodes[key] }

  func text(_ key: String) throws(Failure) -> String {
    guard let text = nodes[key]?.string, !text.isEmpty else { throw malformed(key, "a text") }
    return text
  }

  func textIfPresent(_ key: String) throws(Failure) -> String? {
    has(key) ? try text(key) : nil
  }

  func flag(_ key: String) throws(Failure) -> Bool {
    guard let node = nodes[key] else { return false }
    guard let value = node.bool else { throw malformed(key, "true or false") }
    return value
  }

  func texts(_ key: String) throws(Failure) -> [String] {
    guard let node = nodes[key] else { return [] }
    return try texts(node, of: key)
  }

  func texts(_ node: Node, of key: String) throws(Failure) -> [String] {
    guard let sequence = node.sequence else { throw malformed(key, "a list [a, b]") }
    let texts = sequence.compactMap(\.string)
    guard texts.count == sequence.count, !texts.contains("") else {
      throw malformed(key, "a list of texts")
    }
    return texts
  }

  /// Language codes; the complaint shows the wrong one.
  func languages(_ codes: [String], of key: String) throws(Failure) -> [Language] {
    var languages: [Language] = []
    for code in codes {
      guard let language = Language(code), language.script != nil else {
        throw Failure(
          .malformed, subject, "'\(code)' under '\(key)' is no language with script",
          hint: "write ISO 639-3 and ISO 15924, such as eng-Latn")
      }
      languages.append(language)
    }
    return languages
  }

  /// The entries of a nested mapping, in file order.
  func entries(_ key: String) throws(Failure) -> [(name: String, value: Node)] {
    guard let mapping = nodes[key]?.mapping, !mapping.isEmpty else {
      throw malformed(key, "a mapping {name: value}")
    }
    var entries: [(name: String, value: Node)] = []
    for (name, value) in mapping {
      guard let name = name.string, !name.isEmpty else { throw malformed(key, "named entries") }
      entries.append((name, value))
    }
    return entries
  }
}
