// A folder of a test's own, gone when the test is over.

package import Foundation

/// Makes a folder, runs the body with it, removes it.
package func withTemporaryFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
  let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    .appending(path: "borda-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}

extension URL {
  /// Writes a text file at a path below this folder, with the folders in between.
  @discardableResult
  package func write(_ path: String, _ text: String) throws -> URL {
    let file = appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    return file
  }

  /// The text of a file below this folder.
  package func text(of path: String) throws -> String {
    try String(contentsOf: appending(path: path), encoding: .utf8)
  }
}
