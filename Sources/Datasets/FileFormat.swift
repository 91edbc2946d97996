// Which format a data file has, told from its name alone.

import Core

/// The format and the compression of a data file.
struct FileFormat: Hashable, Sendable {
  enum Kind: String, Sendable, CaseIterable {
    case jsonLines = "jsonl"
    case json
    case csv
    case tsv
    case parquet
  }

  enum Compression: String, Sendable, CaseIterable {
    case gzip = "gz"
    case zstd = "zst"
  }

  let kind: Kind
  let compression: Compression?
  /// The last path component without its extensions: `test-00000-of-00001`.
  let stem: String

  /// nil for a name that is not of a data file.
  init?(path: String) {
    var parts = (path.split(separator: "/").last ?? "").split(
      separator: ".", omittingEmptySubsequences: false)
    let compression = parts.last.flatMap { Compression(rawValue: $0.lowercased()) }
    if compression != nil { parts.removeLast() }
    guard parts.count > 1, let last = parts.popLast()?.lowercased() else { return nil }
    guard let kind = Kind(rawValue: last == "ndjson" ? "jsonl" : last) else { return nil }
    self.kind = kind
    self.compression = compression
    stem = parts.joined(separator: ".")
  }

  /// The split that the name speaks of: the stem without the number of a shard.
  ///
  /// `test`, `test-00000-of-00003` and `test-00000-of-00003-0123456789abcdef` all mean `test`.
  var split: String {
    stem.replacing(/-\d{5}-of-\d{5}(-[0-9a-f]{16})?$/, with: "")
  }
}
