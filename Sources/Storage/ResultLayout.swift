// The layout of a folder of results, `<org>__<model>/<revision>/<Task>.json`, one step at a time, for
// those who look for a single result.

import Core
import Foundation

enum ResultLayout {
  static let meta = "model_meta.json"

  static func folders(in folder: URL) -> [URL] { entries(of: folder) { $0.isFolder } }

  static func resultFiles(in folder: URL) -> [URL] {
    entries(of: folder) { !$0.isFolder && isResult($0.name) }
  }

  static func isResult(_ name: String) -> Bool { name.hasSuffix(".json") && name != meta }

  /// The name in a revision's `model_meta.json`, nil without one.
  static func modelName(of revision: URL) -> String? {
    (try? ResultStore.json(revision.appending(path: meta)))?["name"]?.string
  }

  /// The name that a model's folder stands for.
  static func name(ofFolder name: String) -> String {
    name.replacing("__", with: "/", maxReplacements: 1)
  }

  /// Sorted, hidden files left out; an unreadable folder counts as empty.
  private static func entries(of folder: URL, where isWanted: (FileFacts) -> Bool) -> [URL] {
    (FileFacts.entries(of: folder.path(percentEncoded: false)) ?? [])
      .filter(isWanted).map { folder.appending(path: $0.name) }
  }
}
