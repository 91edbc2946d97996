// The cache folder that Borda shares with Python's client: where everything lies, and finding it
// without a network. Writing is in HubCache+Writing.

package import Core
package import Foundation

/// A folder of snapshots.
///
/// ```
/// datasets--org--name/refs/main                    a commit
///                     blobs/<etag>                 a file's bytes
///                     snapshots/<commit>/<path>    a link to a blob, or the file itself
///                     .no_exist/<commit>/<path>    known not to be in the repository
///                     trees/<commit>.json          the list of its files
/// .locks/datasets--org--name/<etag>.lock           held while a blob is fetched
/// ```
package struct HubCache: Sendable {
  package let root: URL
  /// Whether snapshots link to blobs.
  let usesLinks: Bool

  package init(_ root: URL, usesLinks: Bool = true) {
    self.root = root
    self.usesLinks = usesLinks
  }

  package init(_ settings: HubSettings) {
    self.init(settings.cache, usesLinks: settings.usesLinks)
  }

  /// What a cache knows about a file.
  package enum Knowledge: Sendable, Equatable {
    case here(URL)
    /// The repository was asked before and has no such file at this commit.
    case absent
    case unknown
  }

  /// The folder of a repository: `datasets--org--name`.
  package func folder(of repository: HubRepository) -> URL {
    root.appending(path: Self.name(of: repository))
  }

  private static func name(of repository: HubRepository) -> String {
    "\(repository.kind.rawValue)s--" + repository.name.replacing("/", with: "--")
  }

  /// The commit that a revision meant when it was last asked for.
  ///
  /// Where nobody noted what `main` is, the only snapshot there is counts.
  ///
  /// - Returns: nil where the cache does not know.
  package func commit(of repository: HubRepository) -> String? {
    if repository.isPinned { return repository.revision }
    let folder = folder(of: repository)
    let ref = folder.appending(path: "refs/\(repository.revision)")
    if let text = try? String(contentsOf: ref, encoding: .utf8) {
      let commit = String(text.prefix(256)).trimmingCharacters(in: .whitespacesAndNewlines)
      return ServerName.isSafe(commit) ? commit : nil
    }
    guard repository.revision == "main" else { return nil }
    let snapshots = folder.appending(path: "snapshots").path(percentEncoded: false)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: snapshots)) ?? []
    let commits = names.filter { HexDigits.are($0, count: 40) }
    return commits.count == 1 ? commits[0] : nil
  }

  /// Where the files of a commit stand; nil where there are none.
  package func snapshot(of repository: HubRepository) -> URL? {
    guard let commit = commit(of: repository) else { return nil }
    let folder = snapshotFolder(repository, commit)
    return FilePaths.kind(of: folder) == .folder ? folder : nil
  }

  /// All files of a repository, where the cache keeps their list.
  package func listing(of repository: HubRepository) -> HubListing? {
    commit(of: repository).flatMap { HubListing(cached: repository, at: $0, in: self) }
  }

  /// A file that was fetched before, by Borda or by Python.
  package func find(_ path: String, of repository: HubRepository) -> URL? {
    if case .here(let url) = look(for: path, of: repository) { url } else { nil }
  }

  /// Bytes of a file that an earlier transfer left; 0 for none.
  package func begun(_ file: HubFile, of repository: HubRepository) -> Int {
    let path = partial(file.blob, of: repository).path(percentEncoded: false)
    let facts = try? FileManager.default.attributesOfItem(atPath: path)
    return min((facts?[.size] as? NSNumber)?.intValue ?? 0, file.size)
  }

  package func look(for path: String, of repository: HubRepository) -> Knowledge {
    guard ServerName.isSafePath(path), let commit = commit(of: repository) else { return .unknown }
    let file = pointer(path, repository, commit)
    if FilePaths.kind(of: file) == .file { return .here(file) }
    return FilePaths.kind(of: absence(path, repository, commit)) == .file ? .absent : .unknown
  }

  // MARK: Places

  /// Where the files of a listing stand, fetched or not.
  package func folder(of listing: HubListing) -> URL {
    snapshotFolder(listing.repository, listing.commit)
  }

  func snapshotFolder(_ repository: HubRepository, _ commit: String) -> URL {
    folder(of: repository).appending(path: "snapshots/\(commit)")
  }

  func pointer(_ path: String, _ repository: HubRepository, _ commit: String) -> URL {
    snapshotFolder(repository, commit).appending(path: path)
  }

  func blob(_ name: String, of repository: HubRepository) -> URL {
    folder(of: repository).appending(path: "blobs/\(name)")
  }

  /// Where a transfer keeps what came so far.
  func partial(_ blob: String, of repository: HubRepository) -> URL {
    folder(of: repository).appending(path: "blobs/\(blob)\(Self.partialSuffix)")
  }

  static let partialSuffix = ".incomplete"

  func absence(_ path: String, _ repository: HubRepository, _ commit: String) -> URL {
    folder(of: repository).appending(path: ".no_exist/\(commit)/\(path)")
  }

  func tree(_ repository: HubRepository, _ commit: String) -> URL {
    folder(of: repository).appending(path: "trees/\(commit).json")
  }

  func lock(of blob: String, _ repository: HubRepository) -> URL {
    root.appending(path: ".locks/\(Self.name(of: repository))/\(blob).lock")
  }
}
