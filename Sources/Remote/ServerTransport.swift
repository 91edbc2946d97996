// Requests to one embedding server: one pool of connections, no redirects, bodies of bounded size, and
// the key to the server's own address only.

import AsyncHTTPClient
import Core
import Foundation
import NIOCore
import NIOHTTP1
import Network

/// A whole answer, whatever its status.
struct ServerAnswer: Sendable {
  let status: Int
  let headers: HTTPHeaders
  let body: [UInt8]

  /// The body, or what is wrong with it.
  func json() throws(BadAnswer) -> JSON {
    do throws(JSON.SyntaxError) {
      return try JSON(parsing: body, leniency: [.nonFinite, .duplicateKeys])
    } catch {
      let start = String(decoding: body.prefix(200), as: UTF8.self).lowercased()
      throw BadAnswer(
        start.contains("<html") || start.contains("<!doctype")
          ? "sends a web page instead of JSON" : "sends what is not JSON (\(error))")
    }
  }
}

/// What is wrong with an answer of status 200; the words go on after the server's name.
struct BadAnswer: Error {
  let message: String
  /// Position of the text in the request; nil where it is about the whole answer.
  let text: Int?

  init(_ message: String, text: Int? = nil) {
    self.message = message
    self.text = text
  }
}

/// Closes its connections when the last reference goes.
final class ServerTransport: Sendable {
  let spec: ServerSpec
  let origin: Origin
  let settings: ServerSettings
  private let client: HTTPClient

  /// - Throws: `.usage` where a key would go over the network in the open, or for a proxy that is none
  init(_ spec: ServerSpec, _ settings: ServerSettings) throws(Failure) {
    guard let url = URL(string: spec.address), let origin = Origin(url) else {
      throw Failure(
        .usage, spec.description, "is not the address of a server", hint: "use http or https")
    }
    if settings.key != nil, origin.scheme == "http", !Self.isThisMachine(origin.host) {
      throw Failure(
        .usage, spec.description,
        "the key would go to \(origin) unencrypted, for everyone on the way to read",
        hint: "use https, or a tunnel to localhost; without a key, unset"
          + " \(ServerSettings.keyVariable)")
    }
    self.spec = spec
    self.origin = origin
    self.settings = settings
    let proxy = Self.isThisMachine(origin.host) ? nil : try settings.proxies.server(for: origin)
    client = Connections.client(
      settings.patience, connectionsPerHost: settings.connections, proxy: proxy)
  }

  deinit { client.shutdown { _ in } }

  var subject: String { spec.description }
  var scrubber: Scrubber { Scrubber(token: settings.key) }

  static func isThisMachine(_ host: String) -> Bool {
    if ["localhost", "::1", "[::1]"].contains(host) { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }

  /// Sends one request and reads the whole answer.
  ///
  /// - Parameters:
  ///   - path: begins with a slash, or is empty; below the address
  ///   - body: JSON to post; nil for a GET
  ///   - limit: bytes of a good answer; others may be as long as `ServerLimits.facts`
  /// - Returns: the answer, whatever its status
  /// - Throws: trouble of the network, a body that is too long or incomplete
  func exchange(
    _ path: String, posting body: JSON? = nil, limit: Int
  ) async throws(Trouble) -> ServerAnswer {
    var message = HTTPClientRequest(url: spec.address + path)
    message.headers.add(name: "User-Agent", value: "borda")
    message.headers.add(name: "Accept", value: "application/json")
    if let key = settings.key {
      message.headers.add(name: "Authorization", value: "Bearer \(key.secret)")
    }
    if let body {
      message.method = .POST
      message.headers.add(name: "Content-Type", value: "application/json")
      message.body = .bytes(ByteBuffer(string: body.line))
    }
    let patience = settings.patience
    let response: HTTPClientResponse
    do {
      let wait = Connections.amount(patience.connect + patience.answer)
      response = try await client.execute(message, timeout: wait)
    } catch {
      throw Trouble(error, subject, host: origin.description, patience, .server)
    }
    let isGood = response.status == .ok
    let allowed = isGood ? limit : settings.limits.facts
    let tooLong = Failure(
      .malformed, subject,
      "\(origin) sends more than \(allowed) bytes, which no right answer needs",
      hint: "check that the address is that of an embedding server")
    let bytes = try await AnswerBody(response.body, response.headers).bytes(
      limit: allowed, tooLong: tooLong,
      from: .init(
        subject: subject, host: origin.description, patience: patience, advice: .server))
    return ServerAnswer(
      status: Int(response.status.code), headers: response.headers, body: bytes)
  }

  /// An answer that makes no sense, as a failure.
  func failure(_ bad: BadAnswer, text: String? = nil) -> Failure {
    let place = text.map { " for the text \(ShownText.of($0))" } ?? ""
    return Failure(
      .malformed, subject, "\(origin) \(bad.message)\(place)",
      hint: "check that the address and the protocol are those of the server"
        + " (\(ServerSpec.forms)), and its log")
  }
}
