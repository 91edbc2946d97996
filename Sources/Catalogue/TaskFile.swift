// Reading one task file. Tasks/README.md is the reference of the format; this is its law.

package import Core
package import Foundation
import Yams

package enum TaskFile {
  package static let keys: Set<String> = [
    "name", "type", "description", "languages", "splits", "main_score", "score_range", "parallel",
    "ignore_identical_ids", "merge_subqueries", "averages_p_values", "samples_per_label",
    "experiments", "evaluation_cap", "columns", "domains", "licence", "data",
    "document_cap", "documents_per_bootstrap", "max_depth", "legacy", "prompt",
    "language_pairs", "transforms", "size", "superseded_by", "unsupported",
  ]
  private static let required = ["name", "type", "splits", "main_score", "data"]

  /// Reads and checks a task file.
  ///
  /// - Throws: `.missing` or `.malformed` naming the file and the key. Whether the type has an
  ///   evaluator and accepts its keys is Evaluation's to say.
  package static func read(_ file: URL) throws(Failure) -> TaskDefinition {
    let yaml = try YAMLFile(file, keys: keys, required: required)
    let splits = try yaml.texts("splits")
    guard !splits.isEmpty, Set(splits).count == splits.count else {
      throw yaml.malformed("splits", "a list of different names, such as [test]")
    }
    for name in splits where !isSafe(name) { throw yaml.malformed("splits", "plain names") }
    let name = try yaml.text("name")
    guard isSafe(name) else { throw yaml.malformed("name", "a name without '/' or a leading dot") }
    let type = TaskType(rawValue: try yaml.text("type"))
    return TaskDefinition(
      name: name, type: type,
      description: try yaml.textIfPresent("description")?.trimmed ?? "",
      subsets: try subsets(yaml), splits: splits, mainScore: Metric(try yaml.text("main_score")),
      scoreRange: try scoreRange(yaml), isParallel: try yaml.flag("parallel"),
      ignoresIdenticalIds: try yaml.flag("ignore_identical_ids"),
      mergesSubqueries: try yaml.flag("merge_subqueries"),
      averagesPValues: try yaml.flag("averages_p_values"),
      samplesPerLabel: try count("samples_per_label", yaml),
      experiments: try count("experiments", yaml), evaluationCap: try evaluationCap(yaml),
      clustering: try clustering(yaml), prompt: try prompt(yaml, type),
      columns: try columns(yaml), transforms: try TransformList.read(yaml),
      sizes: try sizes(yaml), domains: try yaml.texts("domains"),
      licence: try yaml.textIfPresent("licence"),
      supersededBy: try yaml.textIfPresent("superseded_by"),
      unsupported: try yaml.textIfPresent("unsupported"), data: try data(yaml), file: file)
  }

  /// Names become file names and folder names.
  private static func isSafe(_ name: String) -> Bool {
    !name.contains("/") && !name.hasPrefix(".") && name.count <= 200
      && !name.unicodeScalars.contains { $0.value < 0x20 }
  }

  /// Subsets with their languages; a list has subsets that are named by their language.
  private static func subsets(_ yaml: YAMLFile) throws(Failure) -> [Subset] {
    guard yaml.has("languages") != yaml.has("language_pairs") else {
      throw Failure(
        .malformed, yaml.subject,
        yaml.has("languages")
          ? "has both 'languages' and 'language_pairs'" : "the key 'languages' is missing",
        hint: "see Tasks/README.md for what they say")
    }
    if yaml.has("language_pairs") { return try LanguagePairs.subsets(yaml) }
    if yaml.node("languages")?.sequence != nil {
      let names = try yaml.texts("languages")
      guard !names.isEmpty, Set(names).count == names.count else {
        throw yaml.malformed("languages", "a list of different languages, such as [eng_Latn]")
      }
      return zip(names, try yaml.languages(names, of: "languages"))
        .map { Subset(name: $0, languages: [$1]) }
    }
    var subsets: [Subset] = []
    for (name, value) in try yaml.entries("languages") {
      guard isSafe(name) else { throw yaml.malformed("languages", "plain subset names") }
      let codes = try yaml.texts(value, of: "languages")
      let languages = try yaml.languages(codes, of: "languages")
      guard !languages.isEmpty else {
        throw yaml.malformed("languages", "one or more codes for every subset")
      }
      subsets.append(Subset(name: name, languages: languages))
    }
    return subsets
  }

  /// A number of things, at least one; nil where the key is absent.
  static func count(_ key: String, _ yaml: YAMLFile) throws(Failure) -> Int? {
    guard let node = yaml.node(key) else { return nil }
    guard let count = node.int, count > 0 else {
      throw yaml.malformed(key, "a whole number above 0")
    }
    return count
  }

  /// What instruction-tuned models are told: one text, or one for some of the type's roles.
  private static func prompt(
    _ yaml: YAMLFile, _ type: TaskType
  ) throws(Failure) -> TaskPrompt? {
    guard let node = yaml.node("prompt") else { return nil }
    if let text = node.string, !text.isEmpty { return .everywhere(text) }
    guard type.roles != [nil] else {
      throw yaml.malformed("prompt", "a text: in \(type) there are no queries and documents")
    }
    guard node.mapping != nil else {
      throw yaml.malformed("prompt", "a text, or {query: …, document: …}")
    }
    var texts: [Role: String] = [:]
    for (name, value) in try yaml.entries("prompt") {
      guard let role = Role(rawValue: name), let text = value.string, !text.isEmpty else {
        throw yaml.malformed("prompt", "a text, or texts for the roles query and document")
      }
      texts[role] = text
    }
    return .byRole(texts)
  }

  private static func evaluationCap(_ yaml: YAMLFile) throws(Failure) -> EvaluationCap? {
    guard let node = yaml.node("evaluation_cap") else { return nil }
    if node.string == "none" { return .unlimited }
    if let rows = node.int, rows > 0 { return .rows(rows) }
    throw yaml.malformed("evaluation_cap", "a number of rows, or none")
  }

  private static func scoreRange(_ yaml: YAMLFile) throws(Failure) -> ClosedRange<Double>? {
    guard let node = yaml.node("score_range") else { return nil }
    let bounds = node.sequence?.compactMap { $0.float ?? $0.int.map(Double.init) } ?? []
    guard bounds.count == 2, bounds[0] < bounds[1], bounds.allSatisfy(\.isFinite) else {
      throw yaml.malformed("score_range", "two numbers, lowest first, such as [0, 5]")
    }
    return bounds[0]...bounds[1]
  }

  private static func columns(_ yaml: YAMLFile) throws(Failure) -> [String: String] {
    guard yaml.has("columns") else { return [:] }
    var columns: [String: String] = [:]
    for (standard, value) in try yaml.entries("columns") {
      guard let name = value.string, !name.isEmpty else {
        throw yaml.malformed("columns", "pairs of names, such as {sentence1: text_a}")
      }
      columns[standard] = name
    }
    return columns
  }

  /// Rows by split; in the retrieval family `{queries: …, documents: …}` or both together.
  private static func sizes(_ yaml: YAMLFile) throws(Failure) -> [SplitSize] {
    guard yaml.has("size") else { return [] }
    var sizes: [SplitSize] = []
    for (split, value) in try yaml.entries("size") {
      if let count = value.int, count >= 0 {
        sizes.append(SplitSize(split: split, count: count))
      } else if let parts = value.mapping, parts.count == 2, let queries = parts["queries"]?.int,
        let documents = parts["documents"]?.int, min(queries, documents) >= 0
      {
        sizes.append(SplitSize(split: split, count: queries + documents, queries: queries))
      } else {
        throw yaml.malformed("size", "{test: 1000} or {test: {queries: 100, documents: 2000}}")
      }
    }
    return sizes
  }

  private static func data(_ yaml: YAMLFile) throws(Failure) -> DataSource {
    var facts: [String: String] = [:]
    for (key, value) in try yaml.entries("data") {
      guard ["path", "sha256", "hub", "revision"].contains(key), let text = value.string,
        !text.isEmpty
      else { throw yaml.malformed("data", "{path: …, sha256: …} or {hub: …, revision: …}") }
      facts[key] = text
    }
    if let path = facts["path"], facts["hub"] == nil, facts["revision"] == nil {
      if let hash = facts["sha256"], hash.count != 64 || !hash.allSatisfy(\.isHexDigit) {
        throw yaml.malformed("data", "a path and a sha256 of 64 hexadecimal digits")
      }
      let base = yaml.file.deletingLastPathComponent()
      let url = URL(filePath: FilePaths.expandingTilde(path), relativeTo: base)
      return .path(url.standardizedFileURL, sha256: facts["sha256"]?.lowercased())
    }
    if let hub = facts["hub"], let revision = facts["revision"], facts.count == 2 {
      return .hub(repository: hub, revision: revision)
    }
    throw yaml.malformed("data", "{path: …, sha256: …} or {hub: …, revision: …}")
  }
}

extension String {
  /// Without white space at either end.
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
