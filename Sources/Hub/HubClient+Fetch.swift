// Fetching files: from the cache where they are, from the hub where they are not, several at a time.

package import Core
package import Foundation
import NIOHTTP1
import Network
import Storage

extension HubClient {
  /// A file of a repository, fetched if it is not in the cache.
  ///
  /// - Parameters:
  ///   - path: relative to the repository
  ///   - repository: at a branch or tag, the hub is asked whether there is a newer one
  /// - Returns: its place in the cache, below `snapshots/<commit>/`
  /// - Throws: `.missing` for what the hub does not have or show, or what is not in the cache
  ///   offline; `.tryAgain` where the hub cannot be reached; `.malformed` for wrong bytes; `.system`
  ///   for the disk
  package func fetch(
    _ path: String, of repository: HubRepository
  ) async throws(Failure) -> URL {
    guard ServerName.isSafePath(path) else {
      throw Failure(
        .usage, String(path.filter { !$0.isControl }), "not the path of a file in a repository",
        hint: "write it relative to the repository, with '/' and without '..'")
    }
    let known = cache.find(path, of: repository)
    if let known, repository.isPinned || settings.isOffline { return known }
    if settings.isOffline {
      throw offline(repository.subject(path), "revision \(repository.revision) of it")
    }
    let target: Transfer.Target
    do throws(Failure) {
      target = try await persisting(
        on: repository.subject(path), retries: known == nil ? nil : 0
      ) { () async throws(Trouble) in try await askForFile(path, of: repository) }
    } catch {
      guard error.code == .tryAgain, let known else { throw error }
      onEvent(.usedCache(subject: repository.subject(path), reason: error.message))
      return known
    }
    cache.note(target.repository.revision, for: repository)
    return try await fetch(target)
  }

  /// Files of a listing, several at a time.
  ///
  /// - Parameters:
  ///   - files: those that are wanted
  ///   - listing: where they come from
  /// - Returns: the snapshot's folder
  /// - Throws: as for one file; the first failure stops the others, and what they got is kept
  package func fetch(
    _ files: [HubFile], of listing: HubListing
  ) async throws(Failure) -> URL {
    let folder = cache.snapshotFolder(listing.repository, listing.commit)
    let targets = files.map { Transfer.Target($0, of: listing.repository) }
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        var waiting = targets.makeIterator()
        for _ in 0..<settings.parallelFiles {
          if let target = waiting.next() { group.addTask { _ = try await fetch(target) } }
        }
        while try await group.next() != nil {
          if let target = waiting.next() { group.addTask { _ = try await fetch(target) } }
        }
      }
    } catch {
      throw error as? Failure
        ?? Failure(.interrupted, listing.repository.name, Advice.hub.interrupted)
    }
    return folder
  }

  /// What the hub says about one file: its commit, its ETag and its size.
  private func askForFile(
    _ path: String, of repository: HubRepository
  ) async throws(Trouble) -> Transfer.Target {
    let subject = repository.subject(path)
    let answer = try await transport.send(
      HubRequest(
        method: .head, path: repository.filePath(path, at: repository.revision), leavesHub: false,
        subject: subject))
    guard (200..<400).contains(answer.status) else {
      if answer.header("X-Error-Code") == "EntryNotFound",
        let commit = answer.header("X-Repo-Commit"), ServerName.isSafe(commit)
      {
        cache.noteAbsence(of: path, repository, commit)
        cache.note(commit, for: repository)
      }
      throw trouble(answer, repository, path: path)
    }
    guard let commit = answer.header("X-Repo-Commit"), ServerName.isSafe(commit) else {
      throw notAHub(answer, subject, "which commit it has")
    }
    let linked = answer.header("X-Linked-Etag").map(EntityTag.init)
    guard let tag = linked ?? answer.header("ETag").map(EntityTag.init),
      ServerName.isSafe(tag.value)
    else { throw notAHub(answer, subject, "by what name its bytes go (ETag)") }
    return Transfer.Target(
      repository: repository.pinned(to: commit), path: path, blob: tag.value,
      size: try Self.size(answer, subject), check: ContentCheck(tag, isLarge: linked != nil))
  }

  private func notAHub(_ answer: HubAnswer, _ subject: String, _ what: String) -> Trouble {
    Trouble(
      Failure(
        .malformed, subject, "\(answer.origin) does not say \(what)",
        hint: "check that HF_ENDPOINT is the address of a hub, and that no proxy answers for it"))
  }

  /// nil where nobody says: a body without a length, or one whose length is that of its compression.
  private static func size(_ answer: HubAnswer, _ subject: String) throws(Trouble) -> Int? {
    let isRedirect = (300..<400).contains(answer.status)
    let text =
      answer.header("X-Linked-Size")
      ?? (isRedirect || answer.isEncoded ? nil : answer.headers.first(name: "Content-Length"))
    guard let text else { return nil }
    guard let size = ServerSize.of(text) else {
      throw Trouble(
        Failure(
          .malformed, subject, "\(answer.origin) gives a size that no file has",
          hint: "report it to the hub"))
    }
    return size
  }

  /// Puts a file into the cache and shows it in its snapshot.
  ///
  /// - Returns: its place in the snapshot
  func fetch(_ target: Transfer.Target) async throws(Failure) -> URL {
    let repository = target.repository
    let pointer = cache.pointer(target.path, repository, repository.revision)
    if FilePaths.kind(of: pointer) == .file { return pointer }
    if settings.isOffline { throw offline(target.subject, "it") }
    try cache.prepare(for: repository)
    let lock = try await HubLock.take(
      cache.lock(of: target.blob, repository), settings
    ) { onEvent(.waiting(file: target.path)) }
    defer { lock.release() }
    // Another process may have been faster.
    if FilePaths.kind(of: pointer) == .file { return pointer }
    let blob = cache.blob(target.blob, of: repository)
    let isNew = FilePaths.kind(of: blob) != .file
    if isNew { try await Transfer(client: self, target: target).run(into: blob) }
    try cache.show(blob, at: pointer, isNew: isNew)
    onEvent(.finished(file: target.path, at: pointer))
    return pointer
  }
}

/// An ETag header: `"abc"`, or `W/"abc"` for one that promises no more than likeness.
struct EntityTag: Hashable {
  let value: String
  let isStrong: Bool

  init(_ header: String) {
    let text = header.trimmingCharacters(in: .whitespaces)
    isStrong = !text.hasPrefix("W/")
    value = text.drop { $0 == "W" || $0 == "/" }.trimmingCharacters(in: ["\""])
  }

  /// As If-Range wants it.
  var quoted: String { "\"\(value)\"" }
}

extension ContentCheck {
  /// What an ETag of a hub promises: SHA-256 in large-file storage, else the name of git's object.
  init(_ tag: EntityTag, isLarge: Bool) {
    if isLarge, HexDigits.are(tag.value, count: 64) {
      self = .sha256(tag.value)
    } else if HexDigits.are(tag.value, count: 40) {
      self = .gitObject(tag.value)
    } else {
      self = .none
    }
  }
}
