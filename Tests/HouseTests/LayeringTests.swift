// The table of layers, held against every import of the sources.

import Foundation
import TestSupport
import Testing

/// What each target may import of the project; the order is from the bottom up.
private let layers: KeyValuePairs<String, Set<String>> = [
  "CKernels": [],
  "Core": [],
  "Tensors": ["CKernels", "Core"],
  "Storage": ["Core"],
  "Network": ["Core"],
  "Catalogue": ["Core"],
  "Tokenizers": ["Core"],
  "Datasets": ["Core", "Sampling"],
  "Hub": ["Core", "Network", "Storage"],
  "Metrics": ["Core"],
  "Sampling": [],
  "Learning": ["Core", "Sampling", "Tensors"],
  "Merging": ["Core", "Storage", "Tensors"],
  "Encoders": ["Core", "Tensors", "Tokenizers"],
  "Remote": ["Core", "Network"],
  "Serving": ["Core"],
  "Evaluation": ["Core", "Storage", "Datasets", "Learning", "Metrics", "Sampling", "Tensors"],
  "Leaderboard": ["Core", "Sampling"],
  "borda": [
    "Core", "Tensors", "Storage", "Network", "Catalogue", "Datasets", "Hub", "Merging",
    "Encoders",
    "Remote", "Serving", "Evaluation", "Leaderboard",
  ],
]

private func swiftFiles(below folder: URL) throws -> [URL] {
  let paths = try FileManager.default.subpathsOfDirectory(
    atPath: folder.path(percentEncoded: false))
  return paths.filter { $0.hasSuffix(".swift") }.sorted().map { folder.appending(path: $0) }
}

private func imports(of file: URL) throws -> [String] {
  try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
    let words = line.split(separator: " ").map(String.init)
    guard let place = words.firstIndex(of: "import"), place <= 1, words.count > place + 1 else {
      return nil
    }
    let kinds = ["struct", "class", "enum", "protocol", "func", "typealias", "let", "var"]
    let name = kinds.contains(words[place + 1]) ? words[place + 2] : words[place + 1]
    return String(name.prefix { $0 != "." })
  }
}

@Suite struct `The house` {
  @Test func `imports point down only`() throws {
    let names = Set(layers.map(\.key))
    for (target, allowed) in layers {
      for file in try swiftFiles(below: Repository.root.appending(path: "Sources/\(target)")) {
        for name in try imports(of: file) where names.contains(name) {
          #expect(
            allowed.contains(name), "\(target)/\(file.lastPathComponent) imports \(name)")
        }
      }
    }
  }

  @Test func `every folder of Sources stands in the table of layers`() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Repository.root.appending(path: "Sources").path(percentEncoded: false))
    #expect(Set(folders) == Set(layers.map(\.key)))
  }

  @Test func `evaluation never sees an engine and the leaderboard never sees evaluation`() {
    let allowed = Dictionary(uniqueKeysWithValues: layers.map { ($0.key, $0.value) })
    #expect(allowed["Evaluation"]?.contains("Encoders") == false)
    #expect(allowed["Leaderboard"]?.contains("Evaluation") == false)
  }

  @Test func `every file says what it owns in its first line`() throws {
    for file in try swiftFiles(below: Repository.root.appending(path: "Sources")) {
      let text = try String(contentsOf: file, encoding: .utf8)
      #expect(text.hasPrefix("// "), "\(file.lastPathComponent) has no header")
    }
  }

  @Test func `a file is a room of about 300 lines`() throws {
    for file in try swiftFiles(below: Repository.root.appending(path: "Sources")) {
      let lines = try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      ).count
      // Tables of facts are long without being hard to read.
      let limit = file.lastPathComponent == "ScalarFacts.swift" ? 2000 : 400
      #expect(lines <= limit, "\(file.lastPathComponent) has \(lines) lines")
    }
  }

  @Test func `no name hides what it is behind Manager, Helper, Utils, Impl or Base`() throws {
    let vague = ["Manager", "Helper", "Utils", "Util", "Impl", "BaseClass", "Misc", "Common"]
    for file in try swiftFiles(below: Repository.root.appending(path: "Sources")) {
      let name = file.deletingPathExtension().lastPathComponent
      #expect(!vague.contains { name.contains($0) }, "\(name)")
    }
  }
}
