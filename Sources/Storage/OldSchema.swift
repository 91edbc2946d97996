// Result files from before mteb 1.11: splits at the top, metrics nested by similarity, no main score.

import Core

enum OldSchema {
  /// Whether a file that has no `scores` is one of these.
  static func isOld(_ json: JSON) -> Bool {
    json["mteb_dataset_name"] != nil || json["mteb_version"] != nil
      || json["dataset_revision"] != nil
  }

  /// The rows of a file: one for each split, or for each subset of each split.
  static func rows(_ json: JSON) -> [OldRow] {
    var rows: [OldRow] = []
    for (split, value) in json.members?.entries ?? [] {
      guard let members = value.members else { continue }
      // Groups of metrics by similarity are objects of numbers as well as subsets are; the names of
      // the groups are few and no subset has one.
      let subsets = members.entries.filter {
        $0.value.members != nil && !groups.keys.contains($0.key)
      }
      if subsets.isEmpty {
        rows.append(OldRow(split: split, subset: nil, metrics: metrics(members)))
      }
      for (subset, value) in subsets {
        rows.append(
          OldRow(split: split, subset: subset, metrics: metrics(value.members ?? JSON.Members())))
      }
    }
    return rows
  }

  /// Name of a group, and what its metrics are called today.
  private static let groups = [
    "cos_sim": "cosine", "manhattan": "manhattan", "euclidean": "euclidean", "dot": "dot",
    "max": "max",
  ]

  /// Metrics by their present names: `cos_sim: {spearman: x}` becomes `cosine_spearman`.
  private static func metrics(_ row: JSON.Members) -> [String: Double] {
    var metrics: [String: Double] = [:]
    for (key, value) in row.entries {
      if let number = value.double {
        metrics[key] = number
      } else if let group = groups[key] {
        for (name, value) in value.members?.entries ?? [] {
          metrics["\(group)_\(name)"] = value.double
        }
      }
    }
    return metrics
  }
}
