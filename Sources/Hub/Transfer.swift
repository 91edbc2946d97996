// The transfer of one file's bytes: from where an earlier one stopped, over connections that break, to
// a blob that is known to be right.

import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import NIOHTTP1
import Network

/// One blob on its way into the cache; its lock is held.
struct Transfer {
  /// A file at a commit, and what its bytes have to be.
  struct Target: Sendable {
    /// At a commit.
    let repository: HubRepository
    let path: String
    /// The name of the bytes in the cache.
    let blob: String
    /// Bytes; nil where the hub does not say.
    let size: Int?
    let check: ContentCheck

    var subject: String { repository.subject(path) }
  }

  let client: HubClient
  let target: Target

  private var settings: HubSettings { client.settings }

  /// What one file goes through, over all its requests.
  private final class State {
    let partial: PartialFile
    /// The store's own name for the bytes that are there.
    var validator: EntityTag?
    /// The most bytes that were ever there before the last request; less is no progress.
    var best: Int
    /// Whole bodies that were wrong.
    var wrongBodies = 0

    init(_ partial: PartialFile) {
      self.partial = partial
      best = partial.count
    }

    /// Whether the last request brought more than all before it.
    func hasProgressed() -> Bool {
      defer { best = max(best, partial.count) }
      return partial.count > best
    }
  }

  /// Fetches, checks and names the bytes.
  ///
  /// - Throws: `.system` for the disk, `.tryAgain` for the network, `.malformed` for wrong bytes,
  ///   `.missing` for a hub that does not give them
  func run(into blob: URL) async throws(Failure) {
    let file = client.cache.partial(target.blob, of: target.repository)
    // Without a hash nobody could tell whether the rest belongs to what is there.
    let partial = try PartialFile(file, name: target.subject, resumes: target.check != .none)
    let state = State(partial)
    try checkSpace(partial.count)
    client.onEvent(.started(file: target.path, there: partial.count, size: target.size))
    try await client.persisting(on: target.subject, hasProgressed: state.hasProgressed) {
      () async throws(Trouble) in
      if target.size == nil || partial.count != target.size { try await receive(state) }
      try verify(state)
    }
    do throws(Failure) {
      try partial.finish(as: blob)
    } catch {
      // Where locks do nothing another process may have finished first.
      guard FilePaths.kind(of: blob) == .file else { throw error }
    }
  }

  private func checkSpace(_ there: Int) throws(Failure) {
    guard let size = target.size, let free = client.cache.freeSpace(), size - there > free else {
      return
    }
    throw Failure(
      .system, target.subject,
      "needs \(Self.bytes(size - there)), and the disk of the cache has \(Self.bytes(free)) left",
      hint: "free some space, or set HF_HUB_CACHE to a folder on a larger disk")
  }

  private static func bytes(_ count: Int) -> String {
    count < 10_000_000 ? "\(count) bytes" : "\(count / 1_000_000) MB"
  }

  /// One request for what is missing.
  private func receive(_ state: State) async throws(Trouble) {
    let partial = state.partial
    if let size = target.size, partial.count > size { try restart(state) }
    let start = partial.count
    var request = HubRequest(
      path: target.repository.filePath(target.path, at: target.repository.revision),
      subject: target.subject)
    if start > 0 {
      request.headers.append(("Range", "bytes=\(start)-"))
      if let validator = state.validator { request.headers.append(("If-Range", validator.quoted)) }
    }
    let answer = try await client.transport.send(request)
    switch answer.status {
    case 200: try restart(state)
    case 206 where start > 0: try checkRange(answer, state)
    case 416 where start > 0:
      try restart(state)
      throw Trouble(changed("\(answer.origin) does not have the rest of it"), .again)
    default:
      throw client.trouble(answer, target.repository, path: target.path)
    }
    try checkLength(answer, state)
    let tag = answer.headers.first(name: "ETag").map(EntityTag.init)
    state.validator = tag.flatMap { $0.isStrong && !answer.isEncoded ? $0 : nil }
    try await store(answer, state)
  }

  private func store(_ answer: HubAnswer, _ state: State) async throws(Trouble) {
    let partial = state.partial
    let most = target.size ?? settings.limits.unannouncedFile
    do {
      for try await piece in answer.body {
        guard partial.count + piece.readableBytes <= most else {
          try restart(state)
          throw Trouble(
            changed(
              target.size.map { "\(answer.origin) sends more than the \($0) bytes that it has" }
                ?? "\(answer.origin) sends more than \(Self.bytes(most)) without saying how many"),
            .again)
        }
        try piece.withUnsafeReadableBytes { bytes throws(Failure) in try partial.append(bytes) }
        client.onEvent(.received(file: target.path, bytes: partial.count))
      }
    } catch {
      throw Trouble(
        error, target.subject, host: answer.origin.description, settings.patience, .hub)
    }
    if let size = target.size, partial.count < size {
      throw Trouble(
        changed("\(answer.origin) sent \(partial.count) of \(size) bytes and stopped"), .again)
    }
  }

  /// A part has to be the part that was asked for, of the same bytes as those that are there.
  private func checkRange(_ answer: HubAnswer, _ state: State) throws(Trouble) {
    let text = answer.headers.first(name: "Content-Range") ?? ""
    let match = text.wholeMatch(of: /bytes (\d{1,18})-(\d{1,18})\/(\d{1,18}|\*)/)
    let tag = answer.headers.first(name: "ETag").map(EntityTag.init)
    let isSame = state.validator == nil || tag == nil || tag == state.validator
    guard let match, Int(match.1) == state.partial.count, isSame, !answer.isEncoded else {
      try restart(state)
      throw Trouble(changed("\(answer.origin) sends another part than the one asked for"), .again)
    }
    if let size = target.size, let total = Int(match.3), total != size {
      try restart(state)
      throw wrongSize(answer, total, size)
    }
  }

  /// What a server announces has to be what the hub says of the file.
  private func checkLength(_ answer: HubAnswer, _ state: State) throws(Trouble) {
    guard !answer.isEncoded, let size = target.size,
      let text = answer.headers.first(name: "Content-Length")
    else { return }
    guard let announced = ServerSize.of(text) else {
      throw Trouble(changed("\(answer.origin) announces a length that no file has"), .again)
    }
    let total = announced + state.partial.count
    if total != size { throw wrongSize(answer, total, size) }
  }

  private func wrongSize(_ answer: HubAnswer, _ total: Int, _ size: Int) -> Trouble {
    Trouble(
      Failure(
        .malformed, target.subject,
        "\(answer.origin) offers \(total) bytes, the hub speaks of \(size)",
        hint: "run the same command again later; report it to the hub if it stays so"),
      .again)
  }

  /// The whole file against its hash; once more from the start when it is wrong.
  private func verify(_ state: State) throws(Trouble) {
    let isRight: Bool
    do throws(Failure) {
      isRight = try state.partial.matches(target.check)
    } catch {
      throw Trouble(error)
    }
    if isRight { return }
    let kind = if case .sha256 = target.check { "SHA-256" } else { "hash in git" }
    let failure = Failure(
      .malformed, target.subject, "the bytes that came are not those whose \(kind) the hub gives",
      hint: "run the same command again later; do not trust this source if it stays so")
    try restart(state)
    state.wrongBodies += 1
    throw Trouble(failure, state.wrongBodies < 2 ? .again : .none)
  }

  private func restart(_ state: State) throws(Trouble) {
    do throws(Failure) {
      try state.partial.restart()
    } catch {
      throw Trouble(error)
    }
    state.validator = nil
  }

  private func changed(_ message: String) -> Failure {
    Failure(
      .tryAgain, target.subject, message,
      hint: "run the same command again; it goes on where it stopped")
  }
}

extension Transfer.Target {
  init(_ file: HubFile, of repository: HubRepository) {
    self.init(
      repository: repository, path: file.path, blob: file.blob, size: file.size,
      check: file.check)
  }
}
