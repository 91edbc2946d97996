// A folder of a test's own, gone when the test is over.

package import Foundation

/// Makes a folder, runs the body with it, removes it.
package func withTemporaryFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
  let folder = try TemporaryFolder()
  let result = try await body(folder.url)
  withExtendedLifetime(folder) {}
  return result
}

/// A folder that one function of a test makes and hands to another; gone with the last reference.
package final class TemporaryFolder: Sendable {
  package let url: URL

  package init() throws {
    url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "borda-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  package func write(_ text: String, to path: String) throws { try url.write(path, text) }

  package func write(_ data: Data, to path: String) throws { try url.write(path, data) }

  package func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: url.appending(path: path))
  }

  package func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: url.appending(path: path).path(percentEncoded: false), withDestinationPath: target)
  }

  /// Copies a folder's files into this one, so that a test may change them.
  package func copy(of folder: URL) throws {
    let names = try FileManager.default.subpathsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    for name in names {
      let source = folder.appending(path: name)
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(
        atPath: source.path(percentEncoded: false), isDirectory: &isFolder)
      if !isFolder.boolValue { try write(Data(contentsOf: source), to: name) }
    }
  }
}

extension URL {
  /// Writes a text file at a path below this folder, with the folders in between.
  @discardableResult
  package func write(_ path: String, _ text: String) throws -> URL {
    try write(path, Data(text.utf8))
  }

  @discardableResult
  package func write(_ path: String, _ data: Data) throws -> URL {
    let file = appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
    return file
  }

  /// The text of a file below this folder.
  package func text(of path: String) throws -> String {
    try String(contentsOf: appending(path: path), encoding: .utf8)
  }
}
