// The folder of the embedding cache: its files, what they take, how they go.

package import Core
package import Foundation

/// All cache files of this machine's user, one for each model.
package struct EmbeddingCacheFolder: Sendable {
  package let url: URL

  package init(_ url: URL) { self.url = url }

  private static let fileExtension = "sqlite"
  /// What stands beside a database: SQLite's journals, and the mark of damage.
  private static let companions = ["-wal", "-shm", "-journal", ".damaged"]

  /// What one file holds.
  package struct Entry: Sendable {
    package let file: URL
    /// `org/name` as results carry it, revision, engine, numeric type; empty where unknown.
    package let facts: [String: String]
    /// nil where the file cannot be read; `problem` says why.
    package let texts: Int?
    package let problem: String?
    /// On disk, journals included.
    package let bytes: Int
    package let lastUse: Date?

    package var model: String { facts["model"] ?? file.lastPathComponent }
  }

  func file(of identity: EmbeddingCacheIdentity) -> URL {
    url.appending(path: "\(identity.fingerprint.prefix(32)).\(Self.fileExtension)")
  }

  func lockFile(of file: URL) -> URL { file.appendingPathExtension("lock") }

  /// The databases, in the order of their names.
  var files: [URL] {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: url.path(percentEncoded: false))) ?? []
    return names.filter { $0.hasSuffix(".\(Self.fileExtension)") }.sorted()
      .map { url.appending(path: $0) }
  }

  /// Bytes on disk of a database and its journals.
  func bytes(of file: URL) -> Int {
    ([""] + Self.companions).reduce(0) { sum, ending in
      let path = file.path(percentEncoded: false) + ending
      let facts = try? FileManager.default.attributesOfItem(atPath: path)
      return sum + ((facts?[.size] as? Int) ?? 0)
    }
  }

  func lastUse(of file: URL) -> Date? {
    let path = lockFile(of: file).path(percentEncoded: false)
    return (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
  }

  /// What every file holds; counting the texts of a large one takes a moment.
  package func entries() -> [Entry] {
    files.map { file in
      var facts: [String: String] = [:]
      var texts: Int?
      var problem: String?
      do throws(EmbeddingCacheTrouble) {
        let summary = try EmbeddingCacheFile.summary(of: file, patience: 1)
        (facts, texts) = (summary.facts, summary.texts)
      } catch {
        problem = error.reason
      }
      return Entry(
        file: file, facts: facts, texts: texts, problem: problem, bytes: bytes(of: file),
        lastUse: lastUse(of: file))
    }
  }

  /// Removes a file that nobody uses at the moment.
  ///
  /// - Throws: `.tryAgain` while a run uses it, `.system` where it cannot be removed.
  package func remove(_ entry: Entry) throws(Failure) {
    do throws(EmbeddingCacheTrouble) {
      if let lock = try EmbeddingCacheLock.attempt(lockFile(of: entry.file), .alone) {
        try remove(entry.file, holding: lock)
        return
      }
    } catch {
      throw Failure(
        .system, FilePaths.display(entry.file), "cannot be removed",
        hint: "check the permissions of its folder", cause: error.reason)
    }
    throw Failure(
      .tryAgain, entry.model, "its cache is used by a run at this moment",
      hint: "wait for the run to end, or stop it")
  }

  /// Removes a database with its journals; the lock file stays, others may wait for it.
  func remove(
    _ file: URL, holding lock: EmbeddingCacheLock
  ) throws(EmbeddingCacheTrouble) {
    // The mark of damage goes last: removing half leaves it standing.
    for ending in [""] + Self.companions {
      let path = file.path(percentEncoded: false) + ending
      if unlink(path) != 0, errno != ENOENT {
        throw .refused(String(cString: strerror(errno)))
      }
    }
    withExtendedLifetime(lock) {}
  }

  // MARK: Damage

  /// Leaves word that a file is to be made anew as soon as nobody uses it.
  func markDamaged(_ file: URL) {
    let mark = URL(filePath: file.path(percentEncoded: false) + ".damaged")
    try? Data().write(to: mark)
  }

  func isMarkedDamaged(_ file: URL) -> Bool {
    FilePaths.kind(of: URL(filePath: file.path(percentEncoded: false) + ".damaged")) != nil
  }
}
