// The one line that requests stand in before the model: bounded, fair, and left at any time. What is
// done with it, round by round, is in `EmbeddingRounds`.

import Core
import Synchronization

/// Why a request at the desk got no vectors.
enum DeskTrouble: Error, Equatable {
  /// Too many wait already; ask again after so many seconds.
  case full(seconds: Int)
  /// The client has gone.
  case gone
  /// The embedder failed at texts from this one on.
  case failed(Failure, text: Int)
}

/// What a request at the desk gets.
struct DeskAnswer: Sendable {
  let embeddings: Embeddings
  /// Tokens that went through the model for it; 0 for embedders without tokens.
  let tokens: Int
  /// How many of its texts lost their end.
  let truncated: Int
}

/// Requests of all clients on their way through one embedder, one round at a time, so that its
/// threads always work for one call.
///
/// A round joins the texts of requests in turn, as much as the model does in about
/// `ServingLimits.round`. A large request goes through in several rounds, and a small one that comes
/// meanwhile is in the next.
final class EmbeddingDesk: Sendable {
  /// A request in the line.
  private struct Job {
    let texts: [String]
    let manner: ServedModel.Manner
    let continuation: CheckedContinuation<Result<DeskAnswer, DeskTrouble>, Never>
    /// Texts before this one are done or under way.
    var taken = 0
    /// What the texts from there on cost.
    var rest: Int
    var values: [Float] = []
    var tokens = 0
    var truncated = 0
  }

  /// Consecutive texts of a job, in a round.
  struct Piece {
    let job: Int
    let start: Int
    let texts: [String]
  }

  /// Texts that go to the embedder in one call, all in the same manner.
  struct Round {
    let manner: ServedModel.Manner
    var pieces: [Piece]
    var cost: Int
  }

  private struct State {
    /// All unfinished jobs, by number.
    var jobs: [Int: Job] = [:]
    /// Those with texts that no round has taken, the next first.
    var turn: [Int] = []
    var lastNumber = 0
    /// The worker, while there is nothing to do.
    var sleeper: CheckedContinuation<Void, Never>?
    var isClosed = false
  }

  /// Texts of one job that go into a round before others have their turn.
  private static let share = 32

  private let state = Mutex(State())
  private let waiting: Int
  private let pace = Mutex(Pace())

  init(waiting: Int) { self.waiting = waiting }

  /// How many requests are unfinished.
  var count: Int { state.withLock { $0.jobs.count } }

  // MARK: For clients

  /// Waits for the vectors of some texts.
  func embed(
    _ texts: [String], _ manner: ServedModel.Manner
  ) async -> Result<DeskAnswer, DeskTrouble> {
    let number = state.withLock { state in
      state.lastNumber += 1
      return state.lastNumber
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let cost = texts.reduce(0) { $0 + Pace.cost($1) }
        enter(
          number, Job(texts: texts, manner: manner, continuation: continuation, rest: cost))
      }
    } onCancel: {
      finish(number, .failure(.gone))
    }
  }

  private func enter(_ number: Int, _ job: Job) {
    let trouble: DeskTrouble? = state.withLock { state in
      // A client that went before this line is seen here, one that goes after it finds its job.
      if Task.isCancelled || state.isClosed { return .gone }
      if state.jobs.count >= waiting { return .full(seconds: 0) }
      state.jobs[number] = job
      state.turn.append(number)
      state.sleeper?.resume()
      state.sleeper = nil
      return nil
    }
    switch trouble {
    case .none: break
    case .full: job.continuation.resume(returning: .failure(.full(seconds: secondsToWait)))
    case .some(let trouble): job.continuation.resume(returning: .failure(trouble))
    }
  }

  /// How long the line will take, 1 to 60 s.
  private var secondsToWait: Int {
    let cost = state.withLock { state in state.jobs.values.reduce(0) { $0 + $1.rest } }
    return pace.withLock { $0.seconds(for: cost) }
  }

  private func finish(_ number: Int, _ result: Result<DeskAnswer, DeskTrouble>) {
    let job = state.withLock { state in
      state.turn.removeAll { $0 == number }
      return state.jobs.removeValue(forKey: number)
    }
    job?.continuation.resume(returning: result)
  }

  // MARK: For the worker

  /// Waits until somebody has texts; false once the desk is closed and empty.
  func waitForWork() async -> Bool {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let isBusy = state.withLock { state in
        if !state.turn.isEmpty || state.isClosed { return true }
        state.sleeper = continuation
        return false
      }
      if isBusy { continuation.resume() }
    }
    return state.withLock { !$0.turn.isEmpty || !$0.isClosed }
  }

  /// The next texts, of several jobs where `joins`; nil where nobody waits.
  func nextRound(lasting duration: Duration, joins: Bool) -> Round? {
    let budget = pace.withLock { $0.budget(duration) }
    return state.withLock { state in
      guard let first = state.turn.first, let manner = state.jobs[first]?.manner else { return nil }
      let takers =
        joins ? state.turn.filter { state.jobs[$0]?.manner == manner } : [first]
      // However large the first one's texts are, there is room for a text of everyone.
      let part = max(1, budget / takers.count)
      var round = Round(manner: manner, pieces: [], cost: 0)
      var ends: [Int: Range<Int>] = [:]
      var left = takers
      while !left.isEmpty, round.cost < budget {
        left = left.filter { number in
          guard round.cost < budget, var job = state.jobs[number] else { return false }
          let start = job.taken
          let most = min(budget, round.cost + part)
          while job.taken < min(start + Self.share, job.texts.count), round.cost < most {
            let cost = Pace.cost(job.texts[job.taken])
            round.cost += cost
            job.rest -= cost
            job.taken += 1
          }
          ends[number] = (ends[number]?.lowerBound ?? start)..<job.taken
          state.jobs[number] = job
          return job.taken < job.texts.count
        }
      }
      for number in takers {
        guard let range = ends[number], let job = state.jobs[number] else { continue }
        round.pieces.append(
          Piece(job: number, start: range.lowerBound, texts: Array(job.texts[range])))
      }
      let rest = state.turn.filter { ends[$0] == nil }
      let again = takers.filter { number in
        ends[number].map { $0.upperBound < state.jobs[number]?.texts.count ?? 0 } ?? false
      }
      state.turn = rest + again
      return round
    }
  }

  /// Hands a piece its vectors; the last piece of a job ends it.
  func deliver(_ values: ArraySlice<Float>, tokens: Int, truncated: Int, to piece: Piece) {
    let job: Job? = state.withLock { state in
      guard var job = state.jobs.removeValue(forKey: piece.job) else { return nil }
      job.values.append(contentsOf: values)
      job.tokens += tokens
      job.truncated += truncated
      guard piece.start + piece.texts.count == job.texts.count else {
        state.jobs[piece.job] = job
        return nil
      }
      return job
    }
    guard let job else { return }
    job.continuation.resume(
      returning: .success(
        DeskAnswer(
          embeddings: Embeddings(
            dimensions: job.values.count / job.texts.count, values: job.values),
          tokens: job.tokens, truncated: job.truncated)))
  }

  /// Ends a job whose piece could not be embedded.
  func fail(_ piece: Piece, _ failure: Failure) {
    finish(piece.job, .failure(.failed(failure, text: piece.start)))
  }

  /// Tells how long a round of this cost took.
  func note(cost: Int, took duration: Duration) {
    pace.withLock { $0.note(cost: cost, took: duration) }
  }

  /// Lets nobody in any more and ends the worker when all are served.
  func close() {
    let sleeper = state.withLock { state in
      state.isClosed = true
      defer { state.sleeper = nil }
      return state.sleeper
    }
    sleeper?.resume()
  }
}
