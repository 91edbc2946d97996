// SHA-256 of texts, files and folders, in lower-case hexadecimal.

package import Core
import Crypto
package import Foundation

package enum ContentHash {
  package static func of(_ text: String) -> String { of(Array(text.utf8)) }

  package static func of(_ bytes: [UInt8]) -> String { hex(SHA256.hash(data: bytes)) }

  /// The hash of bytes that come in pieces.
  struct Running {
    private var hash = SHA256()

    mutating func add(_ bytes: [UInt8]) { hash.update(data: bytes) }

    func end() -> String { ContentHash.hex(hash.finalize()) }
  }

  /// Hash of a file's bytes.
  package static func of(file: URL) throws(Failure) -> String {
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      var hash = SHA256()
      var block: [UInt8] = []
      while try handle.readBlock(into: &block) { hash.update(data: block) }
      return hex(hash.finalize())
    } catch {
      throw Failure(
        .system, FilePaths.display(file), "cannot be read", hint: "check its permissions",
        cause: error.localizedDescription)
    }
  }

  /// Hash of several files as one: of the lines `<sha256>  <path below root>\n`, sorted by path, so
  /// that it depends on contents and names but not on the place or on times.
  package static func of(files: [URL], below root: URL) throws(Failure) -> String {
    of(try listing(files, below: root))
  }

  /// The hash of one file in a listing, and its path below the root.
  package struct Line: Sendable, Hashable {
    package let path: String
    package let hash: String

    package init(path: String, hash: String) {
      self.path = path
      self.hash = hash
    }
  }

  /// The hashes of several files, sorted by path.
  package static func listing(_ files: [URL], below root: URL) throws(Failure) -> [Line] {
    let prefix = root.standardizedFileURL.path(percentEncoded: false)
    var lines: [Line] = []
    for file in files {
      let path = file.standardizedFileURL.path(percentEncoded: false)
      let relative = path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
      lines.append(Line(path: relative.drop { $0 == "/" }.description, hash: try of(file: file)))
    }
    return lines.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Hash of a listing as one.
  package static func of(_ listing: [Line]) -> String {
    of(listing.map { "\($0.hash)  \($0.path)\n" }.joined())
  }

  private static func hex(_ digest: SHA256.Digest) -> String {
    digest.map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }.joined()
  }
}
