// The keys of a task file that only clustering reads.

import Core
import Yams

extension TaskFile {
  static func clustering(_ yaml: YAMLFile) throws(Failure) -> ClusteringSettings {
    ClusteringSettings(
      documentCap: try documentCap(yaml),
      documentsPerBootstrap: try count("documents_per_bootstrap", yaml),
      maxDepth: try count("max_depth", yaml), isLegacy: try yaml.flag("legacy"))
  }

  private static func documentCap(
    _ yaml: YAMLFile
  ) throws(Failure) -> ClusteringSettings.DocumentCap? {
    guard let node = yaml.node("document_cap") else { return nil }
    if node.string == "none" { return .unlimited }
    if let mapping = node.mapping, mapping.count == 1 {
      let count = mapping["count"]?.int
      if let count, count > 0 { return .count(count) }
      let share = mapping["fraction"].flatMap { $0.float ?? $0.int.map(Double.init) }
      if let share, share > 0, share <= 1 { return .fraction(share) }
    }
    throw yaml.malformed("document_cap", "{fraction: 0.04}, {count: 2048} or none")
  }
}
