// Reading one benchmark file: a named list of tasks.

package import Core
package import Foundation

/// A benchmark as its file states it, its tasks still names.
package struct BenchmarkFile: Sendable, Hashable {
  package let name: String
  package let description: String
  package let taskNames: [String]
  package let languageView: [Language]
  package let file: URL

  package static let keys: Set<String> = ["name", "description", "tasks", "language_view"]

  /// - Throws: `.missing` or `.malformed` naming the file and the key.
  package init(reading file: URL) throws(Failure) {
    let yaml = try YAMLFile(file, keys: Self.keys, required: ["name", "tasks"])
    self.file = file
    name = try yaml.text("name")
    description = try yaml.textIfPresent("description")?.trimmed ?? ""
    taskNames = try yaml.texts("tasks")
    guard !taskNames.isEmpty, Set(taskNames).count == taskNames.count else {
      throw yaml.malformed("tasks", "a list of different task names")
    }
    languageView = try yaml.languages(try yaml.texts("language_view"), of: "language_view")
  }
}
