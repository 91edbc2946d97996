// Requests to a hub and to where it sends us: one connection pool, redirects followed by hand so that
// the token goes to the hub's own host and nowhere else.

import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import NIOHTTP1
import Network

/// An answer that has begun.
struct HubAnswer {
  let status: Int
  let headers: HTTPHeaders
  let body: HTTPClientResponse.Body
  /// Who gave it.
  let origin: Origin
  /// Headers of the hub's own redirects on the way, where the last answer lacks them.
  let onTheWay: [HTTPHeaders]

  /// A header of the last answer, or of the last redirect before it that has one.
  func header(_ name: String) -> String? {
    headers.first(name: name) ?? onTheWay.reversed().lazy.compactMap { $0.first(name: name) }.first
  }

  /// Whether the body is compressed against our wish; its length then says nothing.
  var isEncoded: Bool {
    !["identity", ""].contains(headers.first(name: "Content-Encoding")?.lowercased() ?? "")
  }
}

/// A request before it knows where it will end.
struct HubRequest {
  enum Method { case head, get }

  var method = Method.get
  /// Path and query below the endpoint.
  var path: String
  var headers: [(String, String)] = []
  /// Whether redirects to other hosts are followed; without, the redirect itself is the answer.
  var leavesHub = true
  /// What messages call the thing asked for.
  var subject: String
}

struct HubTransport: Sendable {
  let connections: ConnectionSet
  var settings: HubSettings

  init(_ settings: HubSettings) {
    self.settings = settings
    // One more than transfers, which hold theirs for long, so that questions need not wait.
    connections = ConnectionSet(
      settings.patience,
      connectionsPerHost: settings.parallelRepositories * settings.parallelFiles + 1,
      proxies: settings.proxies)
  }

  /// Sends a request and follows its redirects.
  ///
  /// - Returns: the beginning of the answer, whatever its status
  func send(_ request: HubRequest) async throws(Trouble) -> HubAnswer {
    var address = settings.endpoint.address + request.path
    var seen: Set<String> = []
    var onTheWay: [HTTPHeaders] = []
    var lastScheme = settings.endpoint.origin.scheme
    while true {
      guard let url = URL(string: address), let origin = Origin(url),
        !(lastScheme == "https" && origin.scheme == "http")
      else {
        throw Trouble(
          Failure(
            .malformed, request.subject, "the hub leads to an address that is not safe to follow",
            hint: "check HF_ENDPOINT; report it to the hub if that is right"))
      }
      guard seen.insert(address).inserted, seen.count <= settings.limits.redirects + 1 else {
        throw Trouble(
          Failure(
            .malformed, request.subject, "\(origin) redirects without end",
            hint: "check HF_ENDPOINT and the proxy; report it to the hub if they are right"))
      }
      let answer = try await exchange(request, address, origin, onTheWay)
      guard [301, 302, 303, 307, 308].contains(answer.status),
        let location = answer.headers.first(name: "Location"),
        let target = URL(string: location, relativeTo: url)?.absoluteURL
      else { return answer }
      if !request.leavesHub, Origin(target) != settings.endpoint.origin { return answer }
      if origin == settings.endpoint.origin { onTheWay.append(answer.headers) }
      lastScheme = origin.scheme
      address = target.absoluteString
    }
  }

  private func exchange(
    _ request: HubRequest, _ address: String, _ origin: Origin, _ onTheWay: [HTTPHeaders]
  ) async throws(Trouble) -> HubAnswer {
    var message = HTTPClientRequest(url: address)
    message.method = request.method == .head ? .HEAD : .GET
    message.headers.add(name: "User-Agent", value: "borda")
    message.headers.add(name: "Accept-Encoding", value: "identity")
    for (name, value) in request.headers { message.headers.add(name: name, value: value) }
    if let token = settings.token, origin == settings.endpoint.origin {
      message.headers.add(name: "Authorization", value: "Bearer \(token.secret)")
    }
    let patience = settings.patience
    var way = origin.description
    do {
      let wait = Connections.amount(patience.connect + patience.answer)
      let client: HTTPClient
      (client, way) = try connections.way(to: origin)
      let response = try await client.execute(message, timeout: wait)
      return HubAnswer(
        status: Int(response.status.code), headers: response.headers, body: response.body,
        origin: origin, onTheWay: onTheWay)
    } catch {
      throw Trouble(error, request.subject, host: way, patience, .hub)
    }
  }

  /// Reads a whole body that has to fit into memory.
  ///
  /// - Throws: trouble when it is longer than `limit` bytes or breaks off
  func collect(
    _ answer: HubAnswer, limit: Int, subject: String
  ) async throws(Trouble) -> [UInt8] {
    let tooLong = Failure(
      .malformed, subject, "\(answer.origin) sends a list of more than \(limit >> 20) MiB",
      hint: "check that HF_ENDPOINT is the address of a hub")
    return try await AnswerBody(answer.body, answer.headers).bytes(
      limit: limit, tooLong: tooLong,
      from: .init(
        subject: subject, host: answer.origin.description, patience: settings.patience,
        advice: .hub))
  }
}
