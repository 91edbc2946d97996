// What every test of servers needs: a server, settings whose pauses are noted instead of slept, and
// notes of what a user would be told.

import Core
import FaultyServer
import Foundation
import Network
import Synchronization
import TestSupport
import Testing

@testable import Remote

/// What the user was told, and how long the client would have slept.
final class Notes: Sendable {
  private let state = Mutex((said: [String](), pauses: [Duration]()))

  var said: [String] { state.withLock { $0.said } }
  var pauses: [Duration] { state.withLock { $0.pauses } }
  func take(_ note: String) { state.withLock { $0.said.append(note) } }
  func take(_ pause: Duration) { state.withLock { $0.pauses.append(pause) } }
}

struct Bench: Sendable {
  let server: FaultyServer
  let notes = Notes()
  var settings = ServerSettings()

  init(_ server: FaultyServer) {
    self.server = server
    settings.patience.sleep = { [notes] pause in
      notes.take(pause)
      try await Task.sleep(for: .milliseconds(1))
    }
    settings.onNote = { [notes] in notes.take($0) }
  }

  func open(_ kind: ServerKind, model: String? = nil) async throws(Failure) -> ServerEmbedder {
    let spec = try ServerSpec(
      "\(kind.rawValue):\(server.address)" + (model.map { "#\($0)" } ?? ""))
    guard let spec else { throw Failure(.usage, kind.rawValue, "is no protocol") }
    return try await ServerEmbedder.open(spec, settings)
  }

  /// What opening fails with.
  func refusal(_ kind: ServerKind, model: String? = nil) async -> Failure? {
    do throws(Failure) {
      _ = try await open(kind, model: model)
      return nil
    } catch {
      return error
    }
  }
}

/// A server, and what is needed to talk to it.
func withBench(_ body: @Sendable (Bench) async throws -> Void) async throws {
  try await FaultyServer.run { server in try await body(Bench(server)) }
}

/// Texts of many lengths; `text 7` is the shortest with a 7.
func texts(_ count: Int) -> [String] {
  (0..<count).map { "text \($0)" + String(repeating: " and more", count: $0 * 7 % 11) }
}

/// The right vectors, one after the other.
func rightVectors(_ texts: [String], dimensions: Int = 8) -> Embeddings {
  Embeddings(
    dimensions: dimensions,
    values: texts.flatMap { FaultyServer.vector(of: $0, dimensions: dimensions) })
}
