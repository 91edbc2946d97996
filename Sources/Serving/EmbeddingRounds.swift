// The worker behind the desk: takes round after round to the embedder and hands out the vectors.

import Core

/// Serves a desk with an embedder until the desk is closed and empty.
struct EmbeddingRounds: Sendable {
  let model: ServedModel
  let desk: EmbeddingDesk
  let limits: ServingLimits
  /// Told of failures of the embedder, without any text.
  let onFailure: @Sendable (Failure) -> Void

  func run() async {
    // Requests are joined once the embedder has shown that it can tell what each text has cost.
    var joins = false
    var company = 0
    while await desk.waitForWork() {
      if joins { await wait(for: company) }
      guard let round = desk.nextRound(lasting: limits.round, joins: joins) else { continue }
      company = round.pieces.count
      let start = ContinuousClock.now
      switch await embed(round.pieces, round.manner) {
      case .success(let outcome):
        desk.note(cost: round.cost, took: ContinuousClock.now - start)
        joins = outcome.tellsEachText
        deliver(outcome, to: round.pieces)
      case .failure(let failure) where round.pieces.count == 1:
        fail(round.pieces[0], failure)
      case .failure: await embedApart(round)
      }
    }
  }

  /// Gives clients that were answered a moment ago time to ask for more; one alone never waits.
  private func wait(for company: Int) async {
    guard company > 1 else { return }
    for _ in 0..<4 where desk.count < company {
      try? await Task.sleep(for: limits.company / 4)
    }
  }

  /// Repeats a round that failed, request by request: one client's text is no other's trouble.
  private func embedApart(_ round: EmbeddingDesk.Round) async {
    for piece in round.pieces {
      switch await embed([piece], round.manner) {
      case .success(let outcome): deliver(outcome, to: [piece])
      case .failure(let failure): fail(piece, failure)
      }
    }
  }

  private func fail(_ piece: EmbeddingDesk.Piece, _ failure: Failure) {
    onFailure(failure)
    desk.fail(piece, failure)
  }

  private func embed(
    _ pieces: [EmbeddingDesk.Piece], _ manner: ServedModel.Manner
  ) async -> Result<EmbedOutcome, Failure> {
    let texts = pieces.flatMap(\.texts)
    do throws(Failure) {
      let outcome = try await model.embedder.embed(manner.request(texts))
      guard outcome.embeddings.count == texts.count else {
        throw Failure(
          .unusable, model.identity.name,
          "gave \(outcome.embeddings.count) vectors for \(texts.count) texts")
      }
      return .success(outcome)
    } catch {
      return .failure(error)
    }
  }

  private func deliver(_ outcome: EmbedOutcome, to pieces: [EmbeddingDesk.Piece]) {
    let width = outcome.embeddings.dimensions
    var start = 0
    for piece in pieces {
      let texts = start..<start + piece.texts.count
      let costs = outcome.costs[texts]
      desk.deliver(
        outcome.embeddings.values[texts.lowerBound * width..<texts.upperBound * width],
        tokens: costs.reduce(0) { $0 + $1.tokens }, truncated: costs.count(where: \.isTruncated),
        to: piece)
      start = texts.upperBound
    }
  }
}
