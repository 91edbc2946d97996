// Which files have to be there before a split can be read: for those who fetch no more than is read.

package import Core
import Foundation

/// A split of a configuration, and how it is chosen.
package struct DataPart: Sendable, Hashable {
  package let configuration: String
  package let split: String
  package let rule: DataFolder.SplitRule

  package init(_ configuration: String, _ split: String, _ rule: DataFolder.SplitRule = .exact) {
    self.configuration = configuration
    self.split = split
    self.rule = rule
  }
}

extension DataFolder {
  /// The files that reading a part opens, transforms heeded, relative to the folder; whether they are
  /// there or not.
  ///
  /// - Throws: `.missing` where the data set has no such configuration, split or file; `.malformed`
  ///   for a path that leads out of the folder
  package func sources(of part: DataPart) throws(Failure) -> [String] {
    var found: [String] = []
    for case .passages in transforms {
      guard let names = PassageTables.sources(of: part.configuration) else { continue }
      for name in names {
        found += try relativePaths(configuration: name, split: part.split, rule: part.rule)
      }
      return found
    }
    let source = source(of: part.configuration, part.split)
    for split in source.splits {
      found += try relativePaths(
        configuration: source.configuration, split: split, rule: part.rule)
    }
    return found
  }

  /// The size of these files together, in bytes.
  ///
  /// - Throws: as `sources`, and for files that are absent or no files
  package func size(of part: DataPart) throws(Failure) -> Int {
    var size = 0
    for path in try sources(of: part) { size += try DataFile(root.appending(path: path)).size }
    return size
  }
}
