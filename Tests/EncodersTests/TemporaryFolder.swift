// A folder that one function of a test makes and hands to another; deleted with the last reference.

import Foundation

final class TemporaryFolder: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "borda-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a text into a file below the folder, making the folders on its way.
  func write(_ text: String, to path: String) throws {
    try write(Data(text.utf8), to: path)
  }

  func write(_ data: Data, to path: String) throws {
    let file = url.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: file)
  }

  func remove(_ path: String) throws {
    try FileManager.default.removeItem(at: url.appending(path: path))
  }

  func link(_ path: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: url.appending(path: path).path(percentEncoded: false), withDestinationPath: target)
  }

  /// Copies a folder's files into this one, so that a test may change them.
  func copy(of folder: URL) throws {
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
