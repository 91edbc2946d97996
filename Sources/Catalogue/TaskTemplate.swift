// Task files to begin with: for each type a commented file and a few rows of data in its layout.

package import Core

/// What `borda tasks new` writes for a type.
package struct TaskTemplate: Sendable {
  package let type: String
  let mainScore: String
  /// Comments on the data, a line each.
  let about: [String]
  /// Further keys, as they stand in the file.
  var keys: [String] = []
  /// Keys that the type knows, with what they do; commented out.
  var optional: [String] = []
  /// Data files in the folder `<name>`, or one file `<name>.jsonl` where the path is empty.
  let files: [File]

  struct File: Sendable {
    let path: String
    let lines: [String]
  }

  package static func of(_ type: TaskType) -> TaskTemplate? {
    all.first { $0.type == type.rawValue }
  }

  /// The task file.
  package func text(named name: String) -> String {
    let isOneFile = files.count == 1 && files[0].path.isEmpty
    var lines = [
      "# A task: what to measure, on which data. Every key is explained in Tasks/README.md;",
      "# borda tasks show ./\(name).yaml says how Borda understands this file.",
      "name: \(name)", "type: \(type)", "description: One sentence about what is measured.", "",
      "# Subset -> languages (ISO 639-3 and ISO 15924). One subset is called default; several are",
      "# configurations of the data, such as {eng: [eng-Latn], deu: [deu-Latn]}.",
      "languages: {default: [eng-Latn]}", "splits: [test]", "main_score: \(mainScore)",
    ]
    lines += keys
    lines += ["", "# The data, relative to this file."]
    lines += about.map { "# \($0)" }
    lines.append("data: {path: \(isOneFile ? "\(name).jsonl" : name)}")
    lines += ["", "# More keys, if you need them:"]
    lines += (optional + Self.common).map { "# \($0)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A few rows that make the task run at once, by path relative to the task file.
  package func data(named name: String) -> [(path: String, text: String)] {
    files.map { file in
      (
        file.path.isEmpty ? "\(name).jsonl" : "\(name)/\(file.path)",
        file.lines.joined(separator: "\n") + "\n"
      )
    }
  }

  private static let common = [
    "columns: {standard_name: name_in_the_data}",
    "transforms: [{keep: {column: label, values: [0, 2]}}]   # cuts, joins, label maps and more",
    "data: {hub: organisation/name, revision: 40 digits of a commit}   # instead of a path",
    "domains: [Written]", "licence: apache-2.0",
  ]
}
