// The header of a dataset card: the YAML between the first two `---` lines of README.md, of which
// only `configs` matters here.

import Core
import Yams

struct DatasetCard {
  struct Configuration: Equatable {
    let name: String
    var splits: [DataLayout.Split] = []
    /// Patterns of files whose split is told from their names.
    var unsplit: [String] = []
  }

  /// In the order of the card; nil when it declares none.
  let configurations: [Configuration]?

  private let subject: String

  init(_ text: String, subject: String) throws(Failure) {
    self.subject = subject
    guard let header = Self.header(of: text) else {
      configurations = nil
      return
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: header)
    } catch {
      throw Failure(
        .malformed, subject, "the header is not YAML",
        cause: String(describing: error).split(separator: "\n").first.map(String.init))
    }
    guard let list = root?.mapping?["configs"]?.sequence, !list.isEmpty else {
      configurations = nil
      return
    }
    var found: [Configuration] = []
    for node in list {
      let configuration = try Self.configuration(node, subject)
      if found.contains(where: { $0.name == configuration.name }) {
        throw Failure(
          .malformed, subject, "configuration '\(configuration.name)' is declared twice",
          hint: "remove one of the two")
      }
      found.append(configuration)
    }
    configurations = found
  }

  private static func header(of text: String) -> String? {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    let isFence = { (line: Substring) in line.wholeMatch(of: /\x{FEFF}?---\s*/) != nil }
    guard let first = lines.first, isFence(first),
      let end = lines.dropFirst().firstIndex(where: isFence)
    else { return nil }
    return lines[1..<end].joined(separator: "\n")
  }

  private static func configuration(
    _ node: Node, _ subject: String
  ) throws(Failure) -> Configuration {
    guard let mapping = node.mapping else {
      throw Failure(.malformed, subject, "an entry of 'configs' is not a mapping")
    }
    var configuration = Configuration(name: mapping["config_name"]?.scalar?.string ?? "default")
    let folder = mapping["data_dir"]?.scalar?.string
    func place(_ path: String) -> String { folder.map { "\($0)/\(path)" } ?? path }
    guard let files = mapping["data_files"] else {
      guard folder != nil else {
        throw Failure(
          .malformed, subject,
          "configuration '\(configuration.name)' has neither data_files nor data_dir")
      }
      configuration.unsplit = [place("*")]
      return configuration
    }
    if let paths = strings(files) {
      configuration.unsplit = paths.map(place)
    } else if let mapping = files.mapping {
      for (split, paths) in mapping {
        try configuration.add(split, paths, subject, place)
      }
    } else {
      for entry in files.sequence.map(Array.init) ?? [] {
        try configuration.add(entry.mapping?["split"], entry.mapping?["path"], subject, place)
      }
    }
    return configuration
  }

  /// One text or a list of texts; nil for anything else.
  fileprivate static func strings(_ node: Node?) -> [String]? {
    if let text = node?.scalar?.string { return [text] }
    guard let list = node?.sequence, !list.isEmpty else { return nil }
    let texts = list.compactMap { $0.scalar?.string }
    return texts.count == list.count ? texts : nil
  }
}

extension DatasetCard.Configuration {
  fileprivate mutating func add(
    _ split: Node?, _ paths: Node?, _ subject: String, _ place: (String) -> String
  ) throws(Failure) {
    guard let split = split?.scalar?.string, let paths = DatasetCard.strings(paths) else {
      throw Failure(
        .malformed, subject, "data_files of configuration '\(name)' lack a split or a path",
        hint: "write '- split: test' and 'path: test.jsonl' below it")
    }
    if splits.contains(where: { $0.name == split }) {
      throw Failure(
        .malformed, subject, "split '\(split)' of configuration '\(name)' is declared twice",
        hint: "give its 'path' a list of files")
    }
    splits.append(DataLayout.Split(name: split, patterns: paths.map(place)))
  }
}
