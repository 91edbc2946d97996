// The transforms of a task file: the names and parameters there are, and reading them strictly.

import Core
import Yams

/// The `transforms` of a task file.
enum TransformList {
  /// Names with their parameters; those behind the bar may be left out.
  static let vocabulary: [(name: String, required: [String], optional: [String])] = [
    ("split", ["name", "from"], []),
    ("subset", ["column"], []),
    ("configuration", ["name"], []),
    ("code_columns", ["pivot"], []),
    ("passages", ["query", "passage", "link"], []),
    ("take", ["rows"], []),
    ("keep", ["column", "values"], []),
    ("map", ["column", "values"], []),
    ("join", ["columns", "with", "into"], []),
    ("separate", ["column", "at"], ["levels"]),
    ("flatten", ["columns"], []),
    ("chunk", ["columns", "count"], []),
    ("drop_single", ["column"], []),
    ("cut", ["rows", "splits"], ["by"]),
    ("divide", ["split", "train", "test", "by"], []),
  ]

  static func read(_ yaml: YAMLFile) throws(Failure) -> [Transform] {
    guard let node = yaml.node("transforms") else { return [] }
    guard let list = node.sequence, !list.isEmpty else {
      throw yaml.malformed("transforms", "a list such as [{cut: {rows: 2048, splits: [test]}}]")
    }
    var transforms: [Transform] = []
    for entry in list {
      guard let mapping = entry.mapping, mapping.count == 1, let (key, value) = mapping.first,
        let name = key.string
      else { throw yaml.malformed("transforms", "a list of {name: {parameter: value}}") }
      guard let known = vocabulary.first(where: { $0.name == name }) else {
        let names = vocabulary.map(\.name)
        throw Failure(
          .malformed, yaml.subject, "there is no transform '\(name)'",
          hint: Suggest.hint(
            for: name, among: names, otherwise: "use one of \(names.joined(separator: ", "))"))
      }
      let step = try Step(name, value, known.required, known.optional, yaml)
      transforms.append(try step.transform())
    }
    return transforms
  }

  /// One transform while it is read.
  private struct Step {
    let name: String
    let yaml: YAMLFile
    var parameters: [String: Node] = [:]

    init(
      _ name: String, _ node: Node, _ required: [String], _ optional: [String], _ yaml: YAMLFile
    ) throws(Failure) {
      self.name = name
      self.yaml = yaml
      let known = required + optional
      for (key, value) in node.mapping ?? Node.Mapping([]) {
        let key = key.string ?? "?"
        guard known.contains(key) else {
          throw Failure(
            .malformed, yaml.subject, "the transform '\(name)' has no parameter '\(key)'",
            hint: Suggest.hint(
              for: key, among: known, otherwise: "it has \(known.joined(separator: ", "))"))
        }
        parameters[key] = value
      }
      for key in required where parameters[key] == nil {
        throw Failure(
          .malformed, yaml.subject, "the transform '\(name)' lacks its parameter '\(key)'",
          hint: "see Tasks/README.md for what it says")
      }
    }

    func transform() throws(Failure) -> Transform {
      switch name {
      case "split": .split(name: try text("name"), from: try texts("from"))
      case "subset": .subset(column: try text("column"))
      case "configuration": .configuration(name: try text("name"))
      case "code_columns": .codeColumns(pivot: try text("pivot"))
      case "passages":
        .passages(
          query: try text("query"), passage: try text("passage"), link: try text("link"))
      case "take": .take(rows: try count("rows"))
      case "keep": .keep(column: try text("column"), values: try values())
      case "map": .map(column: try text("column"), values: try replacements())
      case "join":
        .join(
          columns: try texts("columns"), separator: try text("with", mayBeEmpty: true),
          into: try text("into"))
      case "separate":
        .separate(
          column: try text("column"), separator: try text("at"),
          levels: parameters["levels"] == nil ? nil : try count("levels"))
      case "flatten": .flatten(columns: try texts("columns"))
      case "chunk": .chunk(columns: try texts("columns"), count: try count("count"))
      case "drop_single": .dropSingle(column: try text("column"))
      case "cut":
        .cut(
          rows: try count("rows"), splits: try texts("splits"),
          by: parameters["by"] == nil ? nil : try text("by"))
      default:
        .divide(
          split: try text("split"), train: try count("train"), test: try count("test"),
          by: try text("by"))
      }
    }

    private func malformed(_ key: String, _ expected: String) -> Failure {
      Failure(
        .malformed, yaml.subject,
        "the parameter '\(key)' of the transform '\(name)' should be \(expected)",
        hint: "see Tasks/README.md for an example")
    }

    private func text(_ key: String, mayBeEmpty: Bool = false) throws(Failure) -> String {
      guard let text = parameters[key]?.string, mayBeEmpty || !text.isEmpty else {
        throw malformed(key, "a text")
      }
      return text
    }

    private func texts(_ key: String) throws(Failure) -> [String] {
      let list = parameters[key]?.sequence.map(Array.init) ?? []
      let texts = list.compactMap(\.string)
      guard !texts.isEmpty, texts.count == list.count, Set(texts).count == texts.count,
        !texts.contains("")
      else { throw malformed(key, "a list of different names") }
      return texts
    }

    private func count(_ key: String) throws(Failure) -> Int {
      guard let count = parameters[key]?.int, count > 0 else {
        throw malformed(key, "a whole number above 0")
      }
      return count
    }

    private func values() throws(Failure) -> [Transform.Scalar] {
      let list = parameters["values"]?.sequence.map(Array.init) ?? []
      let values = list.compactMap(scalar)
      guard !values.isEmpty, values.count == list.count else {
        throw malformed("values", "a list of texts, whole numbers, true or false")
      }
      return values
    }

    private func replacements() throws(Failure) -> [Transform.Scalar: Transform.Scalar] {
      var values: [Transform.Scalar: Transform.Scalar] = [:]
      for (old, new) in parameters["values"]?.mapping ?? Node.Mapping([]) {
        guard let old = scalar(old), let new = scalar(new) else {
          throw malformed("values", "a mapping {old: new}")
        }
        values[old] = new
      }
      guard !values.isEmpty else { throw malformed("values", "a mapping {old: new}") }
      return values
    }

    /// A value in quotes is a text; without, it may be a number or a flag.
    private func scalar(_ node: Node) -> Transform.Scalar? {
      guard case .scalar(let scalar) = node else { return nil }
      guard scalar.style == .plain else { return .init(scalar.string, isText: true) }
      if let number = node.int { return .init(String(number), isText: false) }
      if let flag = node.bool { return .init(String(flag), isText: false) }
      return .init(scalar.string, isText: true)
    }
  }
}
