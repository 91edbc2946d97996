// Questions about paths that several layers ask, each answered once.

package import Foundation

package enum FilePaths {
  package enum Kind: Sendable { case file, folder }

  /// What is at this place, links followed; nil for nothing.
  package static func kind(of url: URL) -> Kind? {
    var isFolder: ObjCBool = false
    guard
      FileManager.default.fileExists(
        atPath: url.path(percentEncoded: false), isDirectory: &isFolder)
    else { return nil }
    return isFolder.boolValue ? .folder : .file
  }

  /// Whether a path that a file names is relative and leads to no place above or beside its folder.
  package static func staysBelow(_ path: String) -> Bool {
    let components = path.split(separator: "/", omittingEmptySubsequences: false)
    return !path.contains("\0") && !path.contains("\\")
      && components.allSatisfy { !["", ".", ".."].contains($0) }
  }

  /// The home folder in place of a leading `~`.
  package static func expandingTilde(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/") else { return path }
    return FileManager.default.homeDirectoryForCurrentUser.path(percentEncoded: false)
      + path.dropFirst(2)
  }

  /// A name beside the one that is not there, close enough to be meant.
  package static func nearestSibling(of url: URL) -> String? {
    let parent = url.deletingLastPathComponent()
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: parent.path(percentEncoded: false)))
      ?? []
    return Suggest.nearest(to: url.lastPathComponent, among: names, limit: 1).first
      .map { parent.appending(path: $0).relativePath }
  }

  /// The path as a person would type it: relative to the working directory where it is below it.
  package static func display(_ url: URL) -> String {
    let path = url.standardizedFileURL.path(percentEncoded: false)
    let here = FileManager.default.currentDirectoryPath
    guard path.hasPrefix(here + "/") else { return path }
    return String(path.dropFirst(here.count + 1))
  }
}
