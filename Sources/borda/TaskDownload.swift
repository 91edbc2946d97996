// What a task's data still have to be fetched from a hub.

import Core

struct TaskDownload: Sendable {
  let task: String
  /// `org/name` of the data set.
  let repository: String
  let revision: String
  /// Files that the task reads and the cache lacks.
  let missingFiles: Int
  /// Their bytes; nil where the hub was not asked, as with `--offline`.
  let missingBytes: Int?
}
