// The client of a hub: who asks, asking again, and the commit and the files behind a revision.
// Fetching files is in HubClient+Fetch, one transfer in Transfer.

import AsyncHTTPClient
package import Core
package import Foundation
import NIOHTTP1
import Network
import Storage

/// Reads repositories of a hub into the shared cache.
///
/// ```
/// try await HubClient.open(try HubSettings()) { hub throws(Failure) in
///   let listing = try await hub.listing(of: try HubRepository(.dataset, "org/name"))
///   return try await hub.fetch(listing.files, of: listing)
/// }
/// ```
package struct HubClient: Sendable {
  package private(set) var settings: HubSettings
  package let cache: HubCache
  let transport: HubTransport
  private(set) var onEvent: @Sendable (HubEvent) -> Void

  /// Runs `body` with a client and closes its connections afterwards.
  ///
  /// - Parameters:
  ///   - settings: the hub, the cache, who asks
  ///   - onEvent: told about transfers, pauses and answers from the cache; called from many tasks
  ///   - body: what to do with the client, which must not outlive it
  /// - Throws: what `body` throws
  /// - Returns: what `body` returns
  package static func open<Result: Sendable>(
    _ settings: HubSettings, onEvent: @escaping @Sendable (HubEvent) -> Void = { _ in },
    _ body: @Sendable (HubClient) async throws(Failure) -> Result
  ) async throws(Failure) -> Result {
    let transport = HubTransport(settings)
    let client = HubClient(
      settings: settings, cache: HubCache(settings), transport: transport, onEvent: onEvent)
    do throws(Failure) {
      let result = try await body(client)
      await transport.connections.shutdown()
      return result
    } catch {
      await transport.connections.shutdown()
      throw error
    }
  }

  /// The same client, telling its events to someone else.
  package func telling(_ onEvent: @escaping @Sendable (HubEvent) -> Void) -> HubClient {
    var client = self
    client.onEvent = onEvent
    return client
  }

  /// The same client, which asks once and no more: for what comes after a hub was found silent.
  package var impatient: HubClient {
    var client = self
    client.settings.patience.retries = 0
    return client
  }

  var scrubber: Scrubber { Scrubber(token: settings.token) }

  // MARK: Asking again

  /// As `Patience.persisting`, telling of every repetition.
  func persisting<Result>(
    on subject: String, retries: Int? = nil, hasProgressed: () -> Bool = { false },
    _ body: () async throws(Trouble) -> Result
  ) async throws(Failure) -> Result {
    try await settings.patience.persisting(
      on: subject, retries: retries, advice: .hub, hasProgressed: hasProgressed,
      onRetry: { onEvent(.retrying(subject: subject, after: $0, reason: $1)) }, body)
  }

  /// The answer as a refusal of the repository or of a file.
  func trouble(
    _ answer: HubAnswer, _ repository: HubRepository, path: String? = nil
  ) -> Trouble {
    Refusal(
      status: answer.status, headers: answer.headers, repository: repository, path: path,
      host: answer.origin.description, isHub: answer.origin == settings.endpoint.origin,
      hasToken: settings.token != nil, scrubber: scrubber
    ).trouble
  }

  // MARK: Revisions and listings

  /// The repository at the commit that its revision means now.
  ///
  /// - Throws: `.missing` for what the hub does not have or show; `.tryAgain` where it cannot be
  ///   reached and the cache does not know either
  package func pinned(_ repository: HubRepository) async throws(Failure) -> HubRepository {
    if repository.isPinned { return repository }
    let known = cache.commit(of: repository).map { repository.pinned(to: $0) }
    if settings.isOffline {
      guard let known else { throw offline(repository.name, "its revision \(repository.revision)") }
      return known
    }
    do throws(Failure) {
      let commit = try await persisting(on: repository.name, retries: known == nil ? nil : 0) {
        () async throws(Trouble) in try await askForCommit(of: repository)
      }
      cache.note(commit, for: repository)
      return repository.pinned(to: commit)
    } catch {
      guard error.code == .tryAgain, let known else { throw error }
      onEvent(.usedCache(subject: repository.name, reason: error.message))
      return known
    }
  }

  private func askForCommit(of repository: HubRepository) async throws(Trouble) -> String {
    let answer = try await transport.send(
      HubRequest(path: repository.factsPath, leavesHub: false, subject: repository.name))
    guard answer.status == 200 else { throw trouble(answer, repository) }
    let bytes = try await transport.collect(
      answer, limit: settings.limits.page, subject: repository.name)
    guard let json = try? JSON(parsing: bytes, leniency: .duplicateKeys),
      let commit = json["sha"]?.string, ServerName.isSafe(commit)
    else {
      throw Trouble(
        Failure(
          .malformed, repository.name, "\(answer.origin) does not say which commit it has",
          hint: "check that HF_ENDPOINT is the address of a hub, and that no proxy answers for it"))
    }
    return commit
  }

  /// All files of a repository, with sizes and, for large ones, SHA-256.
  ///
  /// - Throws: as `pinned`; `.malformed` for a listing that makes no sense or leads out of its folder
  package func listing(of repository: HubRepository) async throws(Failure) -> HubListing {
    let pinned = try await pinned(repository)
    if let known = HubListing(cached: pinned, at: pinned.revision, in: cache) { return known }
    if settings.isOffline { throw offline(repository.name, "the list of its files") }
    var files: [HubFile] = []
    var next: String? = pinned.treePath
    var seen: Set<String> = []
    while let path = next {
      guard seen.insert(path).inserted, seen.count <= settings.limits.pages else {
        throw Failure(
          .malformed, pinned.name, "the hub's list of files has no end",
          hint: "report it to the hub")
      }
      let (page, following) = try await persisting(on: pinned.name) {
        () async throws(Trouble) in try await askForPage(path, of: pinned)
      }
      files += page.files
      guard files.count <= settings.limits.files else {
        throw Failure(
          .unsupported, pinned.name, "has more than \(settings.limits.files) files",
          hint: "fetch the files you need one by one")
      }
      next = following
    }
    let listing = HubListing(repository: pinned, files: try Self.sorted(files, pinned))
    // Only saves a later question.
    try? AtomicFile.write(listing.json.pretty, to: cache.tree(pinned, pinned.revision))
    return listing
  }

  package func files(of repository: HubRepository) async throws(Failure) -> [HubFile] {
    try await listing(of: repository).files
  }

  private func askForPage(
    _ path: String, of repository: HubRepository
  ) async throws(Trouble) -> (TreePage, next: String?) {
    let answer = try await transport.send(
      HubRequest(path: path, leavesHub: false, subject: repository.name))
    guard answer.status == 200 else { throw trouble(answer, repository) }
    let bytes = try await transport.collect(
      answer, limit: settings.limits.page, subject: repository.name)
    do throws(Failure) {
      let page = try TreePage(bytes, of: repository)
      return (page, nextPage(answer.headers))
    } catch {
      throw Trouble(error)
    }
  }

  /// The address after `rel="next"`, below our own endpoint: a mirror passes on the addresses of the
  /// hub behind it, and the token is not for other hosts.
  private func nextPage(_ headers: HTTPHeaders) -> String? {
    for link in headers["Link"].flatMap({ $0.split(separator: ",") }) {
      guard let match = link.firstMatch(of: /<([^>]*)>\s*;.*rel="?next"?/),
        let url = URL(string: String(match.1))
      else { continue }
      let path = url.path(percentEncoded: true)
      guard let start = path.range(of: "/api/") else { continue }
      let query = url.query(percentEncoded: true).map { "?\($0)" } ?? ""
      return String(path[start.lowerBound...]) + query
    }
    return nil
  }

  private static func sorted(
    _ files: [HubFile], _ repository: HubRepository
  ) throws(Failure) -> [HubFile] {
    let sorted = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    for (file, following) in zip(sorted, sorted.dropFirst()) where file.path == following.path {
      throw Failure(
        .malformed, repository.name, "the hub lists '\(file.path)' twice",
        hint: "run the same command again; report it to the hub if it stays so")
    }
    return sorted
  }

  /// Something that only the network could tell.
  func offline(_ subject: String, _ what: String) -> Failure {
    Failure(
      .missing, subject,
      "\(what) is not in the cache, and --offline or HF_HUB_OFFLINE forbids to ask",
      hint: "ask without them, or fetch it on a machine with a network and copy "
        + FilePaths.display(settings.cache))
  }
}

extension Advice {
  /// What a user of a hub can do.
  static let hub = Advice(
    interrupted: "stopped; what was fetched is kept",
    distrust: "check HF_ENDPOINT, this machine's clock, its root certificates, and the proxy",
    broken: "check the network, then run the same command again; it goes on where it stopped")
}
