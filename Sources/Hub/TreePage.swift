// Lists of files: a page as the hub sends it, and the whole list as caches keep it.

import Core
import Foundation
import Network

/// One page of the answer to `/tree/`.
struct TreePage {
  var files: [HubFile] = []

  /// - Parameters:
  ///   - bytes: the answer
  ///   - repository: what messages name
  /// - Throws: `.malformed` for anything that is no such list, and for paths that lead elsewhere
  init(_ bytes: [UInt8], of repository: HubRepository) throws(Failure) {
    let wrong = { (what: String) in
      Failure(
        .malformed, repository.name, "the hub's list of files \(what)",
        hint: "check that HF_ENDPOINT is the address of a hub")
    }
    let json: JSON
    do throws(JSON.SyntaxError) {
      json = try JSON(parsing: bytes, leniency: .duplicateKeys)
    } catch {
      throw wrong("is not JSON: \(error)")
    }
    guard let entries = json.array else { throw wrong("is not a list") }
    for (place, entry) in entries.enumerated() where entry["type"]?.string == "file" {
      guard let path = entry["path"]?.string else { throw wrong("has no path at place \(place)") }
      guard ServerName.isSafePath(path) else { throw TreePage.unsafe(path, of: repository) }
      let large = entry["lfs"].flatMap { $0.isNull ? nil : $0 }
      guard let size = (large ?? entry)["size"]?.integer, ServerSize.isSane(size),
        let object = entry["oid"]?.string, ServerName.isSafe(object)
      else { throw wrong("has no size or name of the bytes of '\(path)'") }
      let hash = large?["oid"]?.string
      guard large == nil || hash.map({ HexDigits.are($0, count: 64) }) == true else {
        throw wrong("has no SHA-256 of '\(path)'")
      }
      files.append(
        HubFile(
          path: path, size: size, sha256: hash, gitObject: object,
          xetHash: entry["xetHash"]?.string))
    }
  }

  /// A path that would be written outside the snapshot.
  static func unsafe(_ path: String, of repository: HubRepository) -> Failure {
    let shown = String(path.map { $0.isControl ? "�" : $0 }.prefix(100))
    return Failure(
      .malformed, repository.name, "the path '\(shown)' of a file leads out of its folder",
      hint: "do not use this \(repository.kind.rawValue); report it to the hub")
  }
}

extension HubListing {
  /// The list that a cache kept: Python's `trees/<commit>.json`.
  ///
  /// - Returns: nil for no such file, one of another version, or one that makes no sense
  init?(cached repository: HubRepository, at commit: String, in cache: HubCache) {
    guard let data = try? Data(contentsOf: cache.tree(repository, commit)),
      let json = try? JSON(parsing: data, leniency: .duplicateKeys),
      json["format_version"]?.integer == 1, let entries = json["files"]?.members?.entries
    else { return nil }
    var files: [HubFile] = []
    for (path, facts) in entries {
      let hash = facts["lfs_sha256"]?.string
      guard ServerName.isSafePath(path), let object = facts["blob_id"]?.string,
        ServerName.isSafe(object),
        let size = (facts["lfs_size"] ?? facts["size"])?.integer, ServerSize.isSane(size),
        hash.map({ HexDigits.are($0, count: 64) }) ?? true
      else { return nil }
      files.append(
        HubFile(
          path: path, size: size, sha256: hash, gitObject: object,
          xetHash: facts["xet_hash"]?.string))
    }
    self.init(repository: repository.pinned(to: commit), files: files)
  }

  /// As Python's client keeps it.
  var json: JSON {
    let entries = files.map { file -> (String, JSON) in
      var facts: [(String, JSON)] = [
        ("size", .integer(file.size)), ("blob_id", .string(file.gitObject)),
      ]
      if let hash = file.sha256 {
        facts += [("lfs_sha256", .string(hash)), ("lfs_size", .integer(file.size))]
      }
      if let hash = file.xetHash { facts.append(("xet_hash", .string(hash))) }
      return (file.path, .object(facts))
    }
    return .object([("format_version", .integer(1)), ("files", .object(entries))])
  }
}
