// A model behind a server as an embedder: texts go out in batches, several at a time, vectors come back
// into the order of the texts, and the model is looked at again before they are handed on.

package import Core
import Foundation
import Network
import Synchronization

/// Asks a server for vectors.
///
/// ```
/// let spec = try ServerSpec("tei:http://localhost:8080")
/// let embedder = try await ServerEmbedder.open(spec, ServerSettings())
/// ```
///
/// Its connections close when the last copy goes.
package struct ServerEmbedder: Embedder {
  package let model: ModelIdentity
  /// What a user should know of this server.
  package let notes: [String]
  let client: ServerClient
  let probe: ServerProbe
  private let facts: ServerFacts
  private let remarks = Remarks()

  /// Requests between two looks at the model within one call.
  private static let requestsBetweenLooks = 64

  /// Asks a server who it is and for the vectors of a few texts of our own.
  ///
  /// - Parameters:
  ///   - spec: protocol, address and model
  ///   - settings: key, width, patience
  /// - Returns: the embedder
  /// - Throws: `.usage` for a key that is missing, wrong or would travel unencrypted; `.missing` for
  ///   a model that is not there; `.unusable` for vectors that cannot be right; `.tryAgain` for a
  ///   server that does not answer
  package static func open(
    _ spec: ServerSpec, _ settings: ServerSettings
  ) async throws(Failure) -> ServerEmbedder {
    let transport = try ServerTransport(spec, settings)
    // A server that is not there at all is not waited for long.
    let retries = min(3, settings.patience.retries)
    let path =
      switch spec.kind {
      case .openAI: OpenAIPaths.vectors(below: spec.address)[0]
      case .tei: "/embed"
      case .ollama: "/api/embed"
      }
    var client = ServerClient(
      transport: transport, load: ServerLoad(.standard(spec.kind), mostRequests: 1),
      dialect: Dialect(spec.kind, path: path, dimensions: settings.dimensions))
    let facts = try await client.facts(retries: retries)
    if spec.kind != .tei { client.dialect.model = facts.model }
    if facts.isVLLM { client.dialect.extras = [("truncate_prompt_tokens", .integer(-1))] }
    var limits = BatchLimits.standard(spec.kind)
    if let most = facts.maxItems { limits.items = min(most, 256) }
    client = ServerClient(
      transport: transport,
      load: ServerLoad(
        limits, mostRequests: min(settings.connections, facts.maxRequests ?? .max)),
      dialect: client.dialect)
    let probe = try await ServerProbe(&client, retries: retries)
    return ServerEmbedder(client, facts, probe)
  }

  private init(_ client: ServerClient, _ facts: ServerFacts, _ probe: ServerProbe) {
    self.client = client
    self.facts = facts
    self.probe = probe
    let kind = client.dialect.kind
    let stated = facts.revision.flatMap { text in
      let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
      return isPlain && text.count >= 7 ? String(text.prefix(40)) : nil
    }
    var settings = facts.settings.mapValues { ServerFacts.shown($0) }
    settings["server"] = kind.rawValue
    settings["outer_blanks"] = probe.seesOuterBlanks ? "seen" : "ignored"
    settings["empty_text"] = probe.embedsEmpty ? "embedded" : "zeros"
    if let width = client.dialect.dimensions { settings["dimensions_asked"] = String(width) }
    model = ModelIdentity(
      name: client.settings.name ?? facts.resultName,
      revision: stated ?? probe.revision(facts, kind), dimensions: probe.vector.count,
      maxTokens: facts.maxTokens, parameters: facts.parameters,
      dtype: facts.dtype.map { ServerFacts.shown($0) } ?? "unknown",
      engine: ServerFacts.shown(facts.engine), settings: settings)
    notes = probe.notes + Self.notes(on: facts, kind)
  }

  /// What is not known of texts that are too long.
  private static func notes(on facts: ServerFacts, _ kind: ServerKind) -> [String] {
    let limit = facts.maxTokens.map { " (\($0) tokens)" } ?? ""
    switch kind {
    case .openAI where !facts.isVLLM:
      return [
        "whether it cuts or refuses texts beyond its limit\(limit) is its own affair; texts that it cuts"
          + " are not counted"
      ]
    default: return ["it cuts texts beyond its limit\(limit), and does not tell how many"]
    }
  }

  // MARK: Embedding

  package func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    let texts =
      request.prompt.isEmpty ? request.texts : request.texts.map { request.prompt + $0 }
    let width = model.dimensions
    var values = [Float](repeating: 0, count: texts.count * width)
    let asked = texts.indices.filter { probe.embedsEmpty || !texts[$0].isEmpty }
    if asked.count < texts.count { request.onProgress?(texts.count - asked.count) }
    var tokens = 0
    try await forEachBatch(of: texts, asked) { positions, table in
      for (row, position) in positions.enumerated() {
        values.replaceSubrange(position * width..<(position + 1) * width, with: table[row])
      }
      remark(on: table, positions, texts)
      tokens += min(max(table.tokens ?? 0, 0), 1 << 40)
      request.onProgress?(positions.count)
    }
    return EmbedOutcome(
      embeddings: Embeddings(dimensions: width, values: values), tokens: tokens, truncated: 0)
  }

  /// What became of one batch.
  private enum Step: Sendable {
    case done([Int], VectorTable)
    case tooMuch([Int])
    case failed(Failure)
  }

  /// Sends texts in batches, as many at a time as the server takes well, and looks at the model now and
  /// then and at the end.
  private func forEachBatch(
    of texts: [String], _ positions: [Int], take: ([Int], VectorTable) -> Void
  ) async throws(Failure) {
    guard !positions.isEmpty else { return }
    var queue = BatchQueue(texts, positions: positions)
    var failure: Failure?
    var sinceLook = 0
    await withTaskGroup(of: Step.self) { group in
      var underWay = 0
      while true {
        while failure == nil, underWay < client.load.requests,
          let batch = queue.next(client.load.limits)
        {
          let (bytes, tokens) = (queue.bytes(batch), queue.tokens(batch))
          group.addTask { await step(batch, texts, bytes: bytes, tokens: tokens) }
          underWay += 1
        }
        guard let step = await group.next() else { return }
        underWay -= 1
        switch step {
        case .done(let positions, let table):
          take(positions, table)
          sinceLook += 1
          if sinceLook >= Self.requestsBetweenLooks, failure == nil {
            sinceLook = 0
            failure = await changed()
            if failure != nil { group.cancelAll() }
          }
        case .tooMuch(let batch): queue.takeBack(batch)
        case .failed(let first):
          // Those that are stopped for it have nothing to add.
          if failure == nil { failure = first }
          group.cancelAll()
        }
      }
    }
    if failure == nil, Task.isCancelled {
      failure = Failure(.interrupted, client.subject, Advice.server.interrupted)
    }
    if failure == nil { failure = await changed() }
    if let failure { throw failure }
  }

  private func step(
    _ batch: [Int], _ texts: [String], bytes: Int, tokens: Int
  ) async -> Step {
    do throws(Failure) {
      switch try await client.vectors(of: batch.map { texts[$0] }) {
      case .answer(let table):
        if let name = table.model, let first = probe.name, name != first {
          return .failed(
            replaced("its answers name '\(ServerFacts.shown(name))' instead of '\(first)'"))
        }
        return .done(batch, table)
      case .refused(let refusal):
        guard [.tooLarge, .invalid].contains(refusal.kind) else {
          return .failed(refusal.trouble.failure)
        }
        guard batch.count > 1 else {
          return .failed(refusal.failure(about: texts[batch[0]]))
        }
        if refusal.kind == .tooLarge {
          client.load.shrink(
            below: batch.count, bytes: bytes, tokens: tokens, status: refusal.status)
        }
        return .tooMuch(batch)
      }
    } catch {
      return .failed(error)
    }
  }

  // MARK: The same model as before

  /// What shows that there is another model behind the server than when it was opened; nil for nothing.
  private func changed() async -> Failure? {
    do throws(Failure) {
      if client.dialect.kind == .tei {
        let now = try await client.facts()
        guard now == facts else {
          return replaced(
            "it says now that it has \(ServerFacts.shown(now.model))"
              + (now.revision.map { " at \(ServerFacts.shown($0))" } ?? ""))
        }
      }
      switch try await client.vectors(of: [ServerProbe.short]) {
      case .refused(let refusal): return refusal.trouble.failure
      case .answer(let table):
        let cosine = Vectors.cosine(table[0], probe.vector[...])
        guard cosine >= probe.leastCosine else {
          return replaced(
            "the vector of the same text has the cosine \(cosine.rounded(decimals: 4)) with that of"
              + " the beginning")
        }
        return nil
      }
    } catch {
      return error
    }
  }

  private func replaced(_ reason: String) -> Failure {
    Failure(
      .unusable, client.subject,
      "the model behind the server has changed during the run: \(reason)",
      hint: "start again when it stays the same; results that were finished before are kept")
  }

  // MARK: Suspicious vectors

  /// Says once what is odd about vectors that are still possible.
  private func remark(on table: VectorTable, _ positions: [Int], _ texts: [String]) {
    for (row, position) in positions.enumerated() {
      let norm = Vectors.norm(table[row])
      let odd: Remarks.Kind
      if norm == 0 {
        odd = .zeros
      } else if probe.isNormalized, abs(norm - 1) > 0.01 {
        odd = .norm
      } else {
        continue
      }
      guard remarks.isNew(odd) else { continue }
      let text = ShownText.of(texts[position])
      client.settings.onNote(
        odd == .zeros
          ? "\(client.subject): sends a vector of zeros for the text \(text); others are not reported"
          : "\(client.subject): sends a vector of norm \(norm.rounded(decimals: 4)) for the text"
            + " \(text), where others have 1; others are not reported")
    }
  }
}

/// What has been said once.
private final class Remarks: Sendable {
  enum Kind { case zeros, norm }
  private let said = Mutex<Set<Kind>>([])

  func isNew(_ kind: Kind) -> Bool { said.withLock { $0.insert(kind).inserted } }
}
