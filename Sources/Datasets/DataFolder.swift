// The data of one task in a folder: which configurations and splits there are, and their files.

package import Core
package import Foundation

/// A folder laid out as a dataset repository.
///
/// ```
/// let folder = try DataFolder(url)
/// try await folder.forEachRow(
///   configuration: "default", split: "test", columns: ["sentence1", "sentence2"]
/// ) { row in … }
/// ```
package struct DataFolder: Sendable {
  /// How a split is chosen.
  package enum SplitRule: Sendable {
    /// The split must be there.
    case exact
    /// The split if it is there, else the only one there is (retrieval's rule in mteb).
    case orTheOnlyOne
  }

  package let root: URL
  let duckDB: DuckDB?
  /// What is done to the rows of every split before they are handed out.
  let transforms: [Transform]
  let layout: DataLayout
  /// All files below the root, relative to it, sorted.
  private let paths: [String]

  /// Looks at a folder without opening any of its data files.
  ///
  /// - Parameters:
  ///   - root: folder of one task's data
  ///   - transforms: what is done to the rows before they are handed out
  ///   - duckDB: reads Parquet, CSV and TSV; without it such files are refused when asked for
  /// - Throws: `.missing` if there is no such folder, `.malformed` if its README.md makes no sense
  package init(
    _ root: URL, transforms: [Transform] = [], duckDB: DuckDB? = .find()
  ) throws(Failure) {
    guard FilePaths.kind(of: root) == .folder else {
      throw Failure(
        .missing, FilePaths.display(root), "no such data folder",
        hint: FilePaths.nearestSibling(of: root).map { "did you mean \($0)?" })
    }
    self.root = root
    self.duckDB = duckDB
    self.transforms = transforms
    paths = Self.list(root.resolvingSymlinksInPath())
    let card = root.appending(path: "README.md")
    layout = try DataLayout(
      card: paths.contains("README.md") ? try Self.text(of: card) : nil, paths: paths,
      subject: FilePaths.display(card))
  }

  /// A single file as a whole data set: the configuration `default`, whose splits are all this file.
  ///
  /// - Parameters:
  ///   - file: the data file
  ///   - splits: names of the splits
  ///   - transforms: what is done to the rows before they are handed out
  ///   - duckDB: as above
  /// - Throws: `.missing` if there is no such file
  package init(
    file: URL, splits: [String], transforms: [Transform] = [], duckDB: DuckDB? = .find()
  ) throws(Failure) {
    guard FilePaths.kind(of: file) == .file else {
      throw Failure(
        .missing, FilePaths.display(file), "no such data file",
        hint: FilePaths.nearestSibling(of: file).map { "did you mean \($0)?" })
    }
    // The user named the file, so a link may lead anywhere.
    let real = file.resolvingSymlinksInPath()
    root = real.deletingLastPathComponent()
    self.duckDB = duckDB
    self.transforms = transforms
    paths = [real.lastPathComponent]
    layout = DataLayout(file: real.lastPathComponent, splits: splits)
  }

  /// In the order of README.md, or sorted without one.
  package var configurations: [String] { layout.configurations.map(\.name) }

  /// The splits of a configuration in order; empty when there is no such configuration.
  package func splits(of configuration: String) -> [String] {
    layout[configuration]?.splits.map(\.name) ?? []
  }

  /// The files of a split, in the order in which they are read.
  ///
  /// - Throws: `.missing` if the configuration, the split or a file is not there; `.malformed` if
  ///   a path leads out of the folder.
  package func files(
    configuration: String, split: String, rule: SplitRule = .exact
  ) throws(Failure) -> [URL] {
    guard let found = layout[configuration] else {
      throw Failure(
        .missing, FilePaths.display(root), "no configuration '\(configuration)'",
        hint: Suggest.hint(
          for: configuration, among: configurations,
          otherwise: configurations.isEmpty
            ? "add a README.md that lists the data files, or name them <split>.jsonl"
            : "there are \(configurations.prefix(12).joined(separator: ", "))"))
    }
    let exact = found.splits.first { $0.name == split }
    let only = rule == .orTheOnlyOne && found.splits.count == 1 ? found.splits.first : nil
    guard let chosen = exact ?? only else {
      let names = found.splits.map(\.name)
      throw Failure(
        .missing, FilePaths.display(root),
        "configuration '\(configuration)' has no split '\(split)'",
        hint: Suggest.hint(
          for: split, among: names, otherwise: "there are \(names.joined(separator: ", "))"))
    }
    var files: [URL] = []
    for pattern in chosen.patterns { files += try resolve(pattern) }
    return files
  }

  /// The data files of all configurations, or of those given, each once, sorted by path.
  package func allFiles(configurations names: [String]? = nil) throws(Failure) -> [URL] {
    var found: [String: URL] = [:]
    for configuration in names ?? configurations {
      for split in splits(of: configuration) {
        for file in try files(configuration: configuration, split: split) {
          found[file.path(percentEncoded: false)] = file
        }
      }
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  private func resolve(_ pattern: String) throws(Failure) -> [URL] {
    let names = pattern.split(separator: "/", omittingEmptySubsequences: false)
    if pattern.hasPrefix("/") || names.contains("..") || pattern.contains("://") {
      throw Failure(
        .malformed, FilePaths.display(root), "the data file '\(pattern)' lies outside the folder",
        hint: "use paths relative to the folder, without '..'")
    }
    let glob = GlobPattern(pattern)
    // A name may hold a wildcard character and mean itself.
    let found = paths.contains(pattern) ? [pattern] : paths.filter(glob.matches)
    guard !found.isEmpty else {
      let isPattern = GlobPattern.hasWildcards(pattern)
      throw Failure(
        .missing, FilePaths.display(root.appending(path: pattern)),
        isPattern ? "no file matches" : "no such data file",
        hint: Suggest.nearest(to: pattern, among: paths, limit: 1).first.map {
          "did you mean \($0)?"
        }
          ?? "download the data set again")
    }
    for path in found { try checkInside(path) }
    return found.map { root.appending(path: $0) }
  }

  /// Refuses links out of the folder, but for those of a hub cache into its stores of files.
  private func checkInside(_ path: String) throws(Failure) {
    let realRoot = root.resolvingSymlinksInPath()
    let real = root.appending(path: path).resolvingSymlinksInPath()
    var homes = [realRoot]
    if realRoot.deletingLastPathComponent().lastPathComponent == "snapshots" {
      let repository = realRoot.deletingLastPathComponent().deletingLastPathComponent()
      // Its own store, and the one that newer clients share among the repositories of a cache.
      homes += [repository, repository.deletingLastPathComponent()].map {
        $0.appending(path: "blobs")
      }
    }
    let isInside = homes.contains {
      real.pathComponents.count > $0.pathComponents.count
        && real.pathComponents.starts(with: $0.pathComponents)
    }
    guard isInside else {
      throw Failure(
        .malformed, FilePaths.display(root.appending(path: path)),
        "the link leads out of the folder",
        hint: "put the file itself there")
    }
  }

  private static func text(of file: URL) throws(Failure) -> String {
    do {
      return try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw FileBlocks.unreadable(file, error)
    }
  }

  private static func list(_ root: URL) -> [String] {
    guard
      let names = FileManager.default.enumerator(atPath: root.path(percentEncoded: false))
    else { return [] }
    var paths: [String] = []
    for case let path as String in names {
      let isHidden = path.split(separator: "/").last?.hasPrefix(".") ?? false
      if isHidden {
        if names.fileAttributes?[.type] as? FileAttributeType == .typeDirectory {
          names.skipDescendants()
        }
      } else if FilePaths.kind(of: root.appending(path: path)) == .file {
        paths.append(path)
      }
    }
    return paths.sorted()
  }
}
