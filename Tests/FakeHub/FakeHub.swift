// A hub on a port of this machine for tests: speaks the protocol as far as a reader of repositories
// needs it, notes every request, and lets a test spoil any reply.

import Foundation
package import LoopbackServer
import Synchronization

package typealias FakeRequest = LoopbackServer.FakeRequest
package typealias FakeReply = LoopbackServer.FakeReply

package final class FakeHub: Sendable {
  private struct State {
    var repositories: [String: FakeRepository] = [:]
    var requests: [FakeRequest] = []
    var change: @Sendable (FakeRequest, inout FakeReply) -> Void = { _, _ in }
    var port = 0
    var store: String?
    var pageSize = 1000
    var beforeCut: @Sendable (Int) async -> Void = { _ in }
  }

  private let state = Mutex(State())

  /// Tokens that hidden and gated repositories open to.
  package static let token = "hf_secretOfTheTests"

  private init() {}

  /// Runs a hub for as long as the body takes.
  package static func run<Result: Sendable>(
    _ body: @Sendable (FakeHub) async throws -> Result
  ) async throws -> Result {
    let hub = FakeHub()
    return try await Loopback.run(
      "fake hub", respond: { hub.reply(to: $0) },
      beforeCut: { reply, count in
        let start = reply.headers["Content-Range"]?.split { !$0.isNumber }.first.flatMap { Int($0) }
        let wait = hub.state.withLock { $0.beforeCut }
        if count > 0 { await wait((start ?? 0) + count) }
      }
    ) { port in
      hub.state.withLock { $0.port = port }
      return try await body(hub)
    }
  }

  package var port: Int { state.withLock { $0.port } }
  /// `http://127.0.0.1:<port>`.
  package var address: String { "http://127.0.0.1:\(port)" }
  /// Everything that was asked, in order.
  package var requests: [FakeRequest] { state.withLock { $0.requests } }

  /// Adds or replaces a repository, such as `datasets/org/name` or `models/name`.
  package func add(_ name: String, _ repository: FakeRepository) {
    state.withLock { $0.repositories[name] = repository }
  }

  /// Lets large files be fetched from another host.
  package func keepLargeFiles(at address: String) { state.withLock { $0.store = address } }

  package func setPageSize(_ size: Int) { state.withLock { $0.pageSize = size } }

  /// Spoils replies from now on.
  package func change(_ change: @escaping @Sendable (FakeRequest, inout FakeReply) -> Void) {
    state.withLock { $0.change = change }
  }

  /// Waits before a connection is cut, until the client has so many bytes of the file: what is still on
  /// its way when a connection ends is lost or not, as chance has it.
  package func beforeCut(_ wait: @escaping @Sendable (_ bytes: Int) async -> Void) {
    state.withLock { $0.beforeCut = wait }
  }

  // MARK: Answering

  private func reply(to asked: FakeRequest) -> FakeReply {
    let change = state.withLock { state in
      state.requests.append(asked)
      return state.change
    }
    var reply = answer(asked)
    change(asked, &reply)
    return reply
  }

  /// The right reply.
  private func answer(_ request: FakeRequest) -> FakeReply {
    let halves = request.path.split(separator: "?", maxSplits: 1)
    let parts = (halves.first ?? "").split(separator: "/").map {
      String($0).removingPercentEncoding ?? ""
    }
    let query = halves.count > 1 ? String(halves[1]) : ""
    if parts.first == "api" { return api(Array(parts.dropFirst()), query, request) }
    if parts.first == "store", let hash = parts.last { return stored(hash, request) }
    guard let place = parts.firstIndex(of: "resolve"), parts.count > place + 2 else {
      return FakeReply(404)
    }
    let isDataset = parts[0] == "datasets"
    let name = parts[(isDataset ? 1 : 0)..<place].joined(separator: "/")
    return file(
      parts[(place + 2)...].joined(separator: "/"), at: parts[place + 1],
      of: "\(isDataset ? "datasets" : "models")/\(name)", request)
  }

  private func open(_ name: String, _ request: FakeRequest) -> (FakeRepository?, FakeReply) {
    let repository = state.withLock { $0.repositories[name] }
    let isKnown = request.headers["authorization"] == "Bearer \(Self.token)"
    let refused = FakeReply(
      401, ["X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"])
    guard let repository else { return (nil, refused) }
    switch repository.access {
    case .hidden where !isKnown: return (nil, refused)
    case .gated where !isKnown:
      return (
        nil,
        FakeReply(403, ["X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted."])
      )
    default: return (repository, refused)
    }
  }

  private func file(
    _ path: String, at revision: String, of name: String, _ request: FakeRequest
  ) -> FakeReply {
    let (repository, refused) = open(name, request)
    guard let repository else { return refused }
    guard let commit = repository.commit(revision) else {
      return FakeReply(404, ["X-Error-Code": "RevisionNotFound"])
    }
    guard let file = repository.commits[commit]?[path] else {
      return FakeReply(404, ["X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit])
    }
    if file.isLarge {
      let store = state.withLock { $0.store } ?? address
      return FakeReply(
        302,
        [
          "Location": "\(store)/store/\(file.sha256)?Signature=secretSignature",
          "X-Repo-Commit": commit, "X-Linked-Etag": "\"\(file.sha256)\"",
          "X-Linked-Size": "\(file.bytes.count)", "ETag": "\"pointer\"",
        ], Array("Found".utf8))
    }
    var reply = part(of: file.bytes, etag: file.gitObject, request)
    reply.headers["X-Repo-Commit"] = commit
    return reply
  }

  private func stored(_ hash: String, _ request: FakeRequest) -> FakeReply {
    let files = state.withLock { state in
      state.repositories.values.flatMap { $0.commits.values.flatMap(\.values) }
    }
    guard let file = files.first(where: { $0.isLarge && $0.sha256 == hash }) else {
      return FakeReply(403)
    }
    return part(of: file.bytes, etag: "store-\(hash.prefix(8))", request)
  }

  /// The whole or, where a range is asked for, the rest.
  private func part(of bytes: [UInt8], etag: String, _ request: FakeRequest) -> FakeReply {
    let headers = ["ETag": "\"\(etag)\"", "Accept-Ranges": "bytes"]
    guard let range = request.headers["range"], range.hasPrefix("bytes="), range.hasSuffix("-"),
      let start = Int(range.dropFirst(6).dropLast()),
      request.headers["if-range"].map({ $0 == "\"\(etag)\"" }) ?? true
    else { return FakeReply(200, headers, bytes) }
    guard start < bytes.count else {
      return FakeReply(416, ["Content-Range": "bytes */\(bytes.count)"])
    }
    var reply = FakeReply(206, headers, Array(bytes[start...]))
    reply.headers["Content-Range"] = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
    return reply
  }

  private func api(_ parts: [String], _ query: String, _ request: FakeRequest) -> FakeReply {
    let place = parts.firstIndex { $0 == "revision" || $0 == "tree" } ?? parts.count
    let name = parts[..<place].joined(separator: "/")
    let (repository, refused) = open(name, request)
    guard let repository else { return refused }
    let revision = parts.count > place + 1 ? parts[place + 1] : "main"
    guard let commit = repository.commit(revision), let files = repository.commits[commit] else {
      return FakeReply(404, ["X-Error-Code": "RevisionNotFound"])
    }
    if parts.count == place || parts[place] == "revision" {
      let id = parts[1..<place].joined(separator: "/")
      return json(["id": id, "sha": commit, "private": false, "gated": false, "siblings": []])
    }
    let sorted = files.sorted { $0.key < $1.key }
    let start =
      query.split(separator: "&").first { $0.hasPrefix("cursor=") }
      .flatMap { Int($0.dropFirst(7)) } ?? 0
    let size = state.withLock { $0.pageSize }
    let page = sorted.dropFirst(start).prefix(size).map { path, file -> [String: Any] in
      var entry: [String: Any] = [
        "type": "file", "path": path, "size": file.bytes.count, "oid": file.gitObject,
      ]
      if file.isLarge {
        entry["lfs"] = ["oid": file.sha256, "size": file.bytes.count, "pointerSize": 130]
      }
      return entry
    }
    var reply = json(page)
    if start + size < sorted.count {
      let next =
        "\(address)/api/\(parts.joined(separator: "/"))?recursive=true&cursor=\(start + size)"
      reply.headers["Link"] = "<\(next)>; rel=\"next\""
    }
    return reply
  }

  private func json(_ value: Any) -> FakeReply {
    let data = (try? JSONSerialization.data(withJSONObject: value)) ?? Data()
    return FakeReply(200, ["Content-Type": "application/json"], Array(data))
  }
}
