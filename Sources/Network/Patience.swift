// How long to wait for a server and how often to ask again.

package import Core

/// How long to wait for a server and how often to ask again.
package struct Patience: Sendable {
  /// Until there is a connection.
  package var connect = Duration.seconds(10)
  /// Until an answer begins.
  package var answer = Duration.seconds(10)
  /// Until the next bytes of a body come.
  package var stall = Duration.seconds(10)
  /// Requests that are repeated after this many failures in a row without any progress, then not.
  package var retries = 5
  /// Before the first repetition; doubles from one to the next.
  package var firstPause = Duration.seconds(1)
  package var longestPause = Duration.seconds(30)
  /// A server that asks for a longer pause than this is not waited for.
  package var longestRequestedPause = Duration.seconds(300)
  /// Waits; tests replace it to see how long it would have been.
  package var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

  package init() {}

  /// How long to wait before a repetition.
  ///
  /// Exponential, with jitter so that many clients do not come back at the same moment.
  ///
  /// - Parameters:
  ///   - failures: failures in a row so far, from 1
  ///   - jitter: 0 to 1; the pause is half of its full length at 0
  /// - Returns: the pause, at most `longestPause`
  package func pause(after failures: Int, jitter: Double = .random(in: 0...1)) -> Duration {
    let doubled = firstPause * (1 << min(failures - 1, 20))
    return min(doubled, longestPause) * (0.5 + 0.5 * jitter)
  }
}

extension Patience {
  /// Does something until it works, its trouble is final, or patience ends.
  ///
  /// - Parameters:
  ///   - subject: what a failure names
  ///   - retries: after how many failures in a row to give up; nil for `self.retries`
  ///   - advice: what to tell a user who stops it
  ///   - hasProgressed: asked after a failure; true makes it the first of a new row
  ///   - onRetry: told the pause and the reason before each repetition
  ///   - body: one attempt
  /// - Throws: the last attempt's failure
  /// - Returns: what the first attempt that worked returned
  package func persisting<Result>(
    on subject: String, retries: Int? = nil, advice: Advice, hasProgressed: () -> Bool = { false },
    onRetry: (_ pause: Duration, _ reason: String) -> Void,
    _ body: () async throws(Trouble) -> Result
  ) async throws(Failure) -> Result {
    var failures = 0
    var attempts = 0
    while true {
      attempts += 1
      do throws(Trouble) {
        return try await body()
      } catch {
        if hasProgressed() { failures = 0 }
        failures += 1
        // The second limit is against a server that lets every request gain one byte.
        guard failures <= retries ?? self.retries, attempts < 1000 else { throw error.failure }
        let pause: Duration
        switch error.remedy {
        case .none: throw error.failure
        case .again: pause = self.pause(after: failures)
        case .after(let requested):
          guard requested <= longestRequestedPause else {
            var failure = error.failure
            failure.message += ", and asks to be left alone for \(requested.components.seconds) s"
            throw failure
          }
          pause = requested
        }
        onRetry(pause, error.failure.message)
        do {
          try await sleep(pause)
        } catch {
          throw Failure(.interrupted, subject, advice.interrupted)
        }
      }
    }
  }
}
