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
  /// Everything below the root but folders, relative to it, sorted; also what is no regular file,
  /// so that it can be told what is wrong with it.
  let paths: [String]
  /// Whether some of them may not be there.
  private let isPartial: Bool
  /// Small Parquet files that are read many at a time; one for all copies of the folder.
  let batches = ParquetBatches()

  /// Looks at a folder without opening any of its data files.
  ///
  /// - Parameters:
  ///   - root: folder of one task's data
  ///   - files: all files of the data set where the folder may hold only some of them, relative to
  ///     it; nil for those that are there
  ///   - transforms: what is done to the rows before they are handed out
  ///   - duckDB: reads Parquet; without it such files are refused when asked for
  /// - Throws: `.missing` if there is no such folder, `.malformed` if its README.md makes no sense
  package init(
    _ root: URL, files: [String]? = nil, transforms: [Transform] = [], duckDB: DuckDB? = .find()
  ) throws(Failure) {
    guard files != nil || FilePaths.kind(of: root) == .folder else {
      throw Failure(
        .missing, FilePaths.display(root), "no such data folder",
        hint: FilePaths.nearestSibling(of: root).map { "did you mean \($0)?" })
    }
    self.root = root
    self.duckDB = duckDB
    self.transforms = transforms
    isPartial = files != nil
    paths = files.map(Self.visible) ?? Self.list(root.resolvingSymlinksInPath())
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
    isPartial = false
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
    let found = try relativePaths(configuration: configuration, split: split, rule: rule)
    for path in found {
      try checkInside(path)
      try checkPresent(path)
    }
    return found.map { root.appending(path: $0) }
  }

  /// The same files relative to the folder, whether they are there or not.
  ///
  /// - Throws: as `files`, but for files that are absent or links that lead out of the folder
  func relativePaths(
    configuration: String, split: String, rule: SplitRule
  ) throws(Failure) -> [String] {
    guard let found = layout[configuration] else {
      throw Failure(
        .missing, FilePaths.display(root), "no configuration '\(configuration)'",
        hint: Suggest.hint(
          for: configuration, among: configurations,
          otherwise: configurations.isEmpty
            ? "add a README.md that lists the data files, or name them <split>.jsonl"
            : "choose languages that are there, or download the data set again"),
        cause: Self.present(configurations))
    }
    let exact = found.splits.first { $0.name == split }
    let only = rule == .orTheOnlyOne && found.splits.count == 1 ? found.splits.first : nil
    guard let chosen = exact ?? only else {
      let names = found.splits.map(\.name)
      throw Failure(
        .missing, FilePaths.display(root),
        "configuration '\(configuration)' has no split '\(split)'",
        hint: Suggest.hint(
          for: split, among: names, otherwise: "correct 'splits' in the task file"),
        cause: Self.present(names))
    }
    var paths: [String] = []
    for pattern in chosen.patterns { paths += try resolve(pattern) }
    return paths
  }

  private static func present(_ names: [String]) -> String {
    names.isEmpty ? "there is none" : "there are \(NameList.text(names, most: 20))"
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

  private func resolve(_ pattern: String) throws(Failure) -> [String] {
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
      // A folder where a file should be.
      if FilePaths.kind(of: root.appending(path: pattern)) == .folder {
        _ = try DataFile(root.appending(path: pattern))
      }
      let isPattern = GlobPattern.hasWildcards(pattern)
      throw Failure(
        .missing, FilePaths.display(root.appending(path: pattern)),
        isPattern ? "no file matches" : "no such data file",
        hint: Suggest.nearest(to: pattern, among: paths, limit: 1).first.map {
          "did you mean \($0)?"
        }
          ?? "download the data set again")
    }
    return found
  }

  /// A folder may hold only some of the files that it was said to have.
  private func checkPresent(_ path: String) throws(Failure) {
    let file = root.appending(path: path)
    guard isPartial, FilePaths.kind(of: file) == nil else {
      _ = try DataFile(file)
      return
    }
    throw Failure(
      .missing, FilePaths.display(file), "this data file has not been fetched",
      hint: "run the same command again with a network, and without --offline")
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

  /// No card of a real data set is longer.
  private static let longestCard = 16 << 20

  private static func text(of file: URL) throws(Failure) -> String {
    let handle = try DataFile.open(file)
    defer { try? handle.close() }
    let bytes: Data
    do {
      bytes = try handle.read(upToCount: longestCard + 1) ?? Data()
    } catch {
      throw Failure(
        .system, FilePaths.display(file), "cannot be read", cause: error.localizedDescription)
    }
    guard bytes.count <= longestCard else {
      throw Failure(
        .malformed, FilePaths.display(file), "is longer than \(longestCard) bytes",
        hint: "keep its header, and shorten the text below")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(
        .malformed, FilePaths.display(file), "not UTF-8", hint: "convert the file to UTF-8")
    }
    return text
  }

  /// Those of a list that `list` would find: no names with a dot in front.
  private static func visible(_ files: [String]) -> [String] {
    files.filter { file in !file.split(separator: "/").contains { $0.hasPrefix(".") } }.sorted()
  }

  /// Links to folders are not followed, so that none leads in a circle.
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
      } else if FilePaths.kind(of: root.appending(path: path)) != .folder {
        paths.append(path)
      }
    }
    return paths.sorted()
  }
}
