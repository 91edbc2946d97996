// What a folder of data holds: configurations, their splits, and the files of each. Read from the
// header of README.md where it has one, otherwise told from the names of the files.

import Core

/// Configurations of a data set in order; nothing here touches a disk.
struct DataLayout: Sendable, Equatable {
  struct Split: Sendable, Equatable {
    let name: String
    /// Paths relative to the folder, possibly with wildcards, in the order they are read.
    var patterns: [String]
  }

  struct Configuration: Sendable, Equatable {
    let name: String
    var splits: [Split]
  }

  private(set) var configurations: [Configuration] = []

  /// The layout of a folder.
  ///
  /// - Parameters:
  ///   - card: the text of README.md; nil without one
  ///   - paths: all files of the folder, relative to it
  ///   - subject: what failures call README.md
  /// - Throws: `.malformed` if the card makes no sense
  init(card: String?, paths: [String], subject: String) throws(Failure) {
    if let card, let declared = try DatasetCard(card, subject: subject).configurations {
      for configuration in declared {
        configurations.append(Self.resolve(configuration, paths: paths))
      }
    } else {
      for (configuration, split, path) in Self.infer(paths.sorted()) {
        add(path, to: split, of: configuration)
      }
      configurations.sort { $0.name < $1.name }
    }
  }

  /// One file that is every split of the configuration `default`.
  init(file: String, splits: [String]) {
    configurations = [
      Configuration(name: "default", splits: splits.map { Split(name: $0, patterns: [file]) })
    ]
  }

  subscript(name: String) -> Configuration? { configurations.first { $0.name == name } }

  private mutating func add(_ path: String, to split: String, of name: String) {
    let place = configurations.firstIndex { $0.name == name } ?? configurations.count
    if place == configurations.count {
      configurations.append(Configuration(name: name, splits: []))
    }
    configurations[place].add(path, to: split)
  }

  /// Files that a card names without a split get one from their names.
  private static func resolve(
    _ declared: DatasetCard.Configuration, paths: [String]
  ) -> Configuration {
    var configuration = Configuration(name: declared.name, splits: declared.splits)
    for pattern in declared.unsplit {
      let glob = GlobPattern(pattern)
      for path in paths.sorted() where glob.matches(path) {
        guard let format = FileFormat(path: path) else { continue }
        configuration.add(path, to: format.split)
      }
    }
    return configuration
  }

  /// Configuration and split of every data file, told from its path.
  ///
  /// - `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv` (BEIR): `corpus`, `queries`, `default`;
  ///   in a folder `en` of its own: `en-corpus`, `en-queries`, `en-qrels`
  /// - `test.csv`, `data/test.csv`: `default`
  /// - `en/test.csv`: `en`
  private static func infer(
    _ paths: [String]
  ) -> [(configuration: String, split: String, path: String)] {
    let files = paths.compactMap { path in
      FileFormat(path: path).map {
        (folders: path.split(separator: "/").dropLast().map(String.init), format: $0, path: path)
      }
    }
    func folders(with name: String) -> Set<[String]> {
      Set(files.filter { $0.format.split == name }.map(\.folders))
    }
    let retrieval = folders(with: "corpus").intersection(folders(with: "queries"))
    return files.compactMap { folders, format, path in
      let split = format.split
      if retrieval.contains(folders), retrievalParts.contains(split) {
        return ((folders + [split]).joined(separator: "-"), split, path)
      }
      if folders.last == "qrels", retrieval.contains(folders.dropLast()) {
        let name = folders.count == 1 ? "default" : folders.joined(separator: "-")
        return (name, split, path)
      }
      switch folders.count {
      case 0: return ("default", split, path)
      case 1: return (folders[0] == "data" ? "default" : folders[0], split, path)
      default: return nil
      }
    }
  }

  /// Files beside `corpus` and `queries` that are configurations by their own name.
  private static let retrievalParts: Set<String> = [
    "corpus", "queries", "query", "instruction", "top_ranked", "qrel_diff",
  ]
}

extension DataLayout.Configuration {
  fileprivate mutating func add(_ path: String, to split: String) {
    if let place = splits.firstIndex(where: { $0.name == split }) {
      splits[place].patterns.append(path)
    } else {
      splits.append(DataLayout.Split(name: split, patterns: [path]))
    }
  }
}
