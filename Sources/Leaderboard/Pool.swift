// The pool: whom the votes were counted against. A vote total means nothing without it.

package import Core

/// The identity of a set of models with their scores, and the rules of counting.
package struct Pool: Sendable, Equatable {
  /// The n of `n - rank`: models with at least one task that is complete under the rules.
  package let models: Int
  /// Eight hexadecimal digits, equal for equal pools whatever the order of reading.
  package let hash: String
  package let rules: Rules

  package static let tieRule = "equal scores share the mean of their ranks"
  package static let missingRule = "a missing task earns 0"

  init(frame: Frame, models: Int, benchmark: String, rules: Rules, hash: (String) -> String) {
    self.models = models
    self.rules = rules
    let text = Self.text(of: frame, benchmark: benchmark, rules: rules)
    self.hash = String(hash(text).prefix(8))
  }

  /// The text that is hashed: the benchmark, the models, their scores.
  ///
  /// A line for the benchmark, with the rules where they are not the current ones; then per model,
  /// sorted by name, a line with its name and sorted revisions and one for each scored task, sorted:
  /// name, mean in the shortest digits that read back, scored cells. Parts of a line are separated
  /// by tabs.
  static func text(of frame: Frame, benchmark: String, rules: Rules) -> String {
    var text = "borda pool 1\t\(benchmark)\(rules == .current ? "" : "\t\(rules.rawValue)")\n"
    let tasks = frame.tasks.indices.sorted { frame.tasks[$0].name < frame.tasks[$1].name }
    for model in frame.models {
      text += ([model.name] + model.revisions.sorted()).joined(separator: "\t")
      text += "\n"
      for task in tasks {
        guard let mean = model.means[task].value else { continue }
        text += "\(frame.tasks[task].name)\t\(mean)\t\(model.means[task].cells)\n"
      }
    }
    return text
  }

  /// The pool in a sentence, `30 models (pool 1a2b3c4d)`.
  package var label: String { "\(models) \(models == 1 ? "model" : "models") (pool \(hash))" }

  package var json: JSON {
    .object([
      ("models", .integer(models)),
      ("hash", .string(hash)),
      (
        "rules",
        .object([
          ("name", .string(rules.rawValue)), ("ties", .string(Self.tieRule)),
          ("missing", .string(Self.missingRule)), ("means", .string(rules.meanRule)),
        ])
      ),
    ])
  }
}
