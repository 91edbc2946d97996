// Everything the scores of a task depend on, key by key: two runs with the same inputs give the same
// scores, which is how a run knows what it need not do again.

import Core
import Storage

extension Runner {
  /// The version of mteb whose scoring rules Borda follows; part of every fingerprint.
  package static let protocolVersion = "mteb 2.26.24"
  /// Raised whenever a change to Borda can change a score, so that older results count as stale.
  private static let scoringVersion = "1"

  /// Everything the scores of a task depend on.
  func inputs(_ task: TaskDefinition, _ dataHash: String) -> [String: String] {
    let model = embedder.model
    let context = TaskContext(task)
    var inputs = [
      "protocol": Self.protocolVersion,
      "scoring": Self.scoringVersion,
      "task": task.recipe,
      "data_sha256": dataHash,
      "model": model.name,
      "revision": model.revision,
      "dimensions": String(model.dimensions),
      "max_tokens": model.maxTokens.map(String.init) ?? "none",
      "similarity": model.similarity.rawValue,
      "dtype": model.dtype,
    ]
    if let limit = store.limit { inputs["limit"] = String(limit) }
    for (key, value) in model.settings { inputs["model.\(key)"] = value }
    for (side, role) in [("", nil), (".query", Role.query), (".document", Role.document)] {
      let prompt = prompts.prompt(role: role, task: context)
      inputs["prompt_sha256\(side)"] = prompt.isEmpty ? "none" : ContentHash.of(prompt)
    }
    return inputs
  }
}

extension TaskDefinition {
  /// The part of a task file that decides scores, as one line.
  fileprivate var recipe: String {
    var parts = [type.rawValue, mainScore.rawValue]
    if let scoreRange { parts.append("range \(scoreRange.lowerBound) \(scoreRange.upperBound)") }
    if isParallel { parts.append("parallel") }
    if ignoresIdenticalIds { parts.append("ignore_identical_ids") }
    if mergesSubqueries { parts.append("merge_subqueries") }
    if averagesPValues { parts.append("averages_p_values") }
    if let evaluationCap { parts.append("evaluation_cap \(evaluationCap)") }
    if let samplesPerLabel { parts.append("samples_per_label \(samplesPerLabel)") }
    if let experiments { parts.append("experiments \(experiments)") }
    parts += clustering.entries.map { "\($0.key) \($0.value)" }
    parts += transforms.map(\.description)
    parts += columns.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return parts.joined(separator: " ")
  }
}
