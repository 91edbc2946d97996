// Independent experiments of one cell, run side by side, and the scores they have together.

import Core
import Metrics

/// Runs and summarises the experiments of classification tasks.
enum Experiments {
  /// The results of `body` for 0..<count, in order; as many at a time as there are processors.
  ///
  /// A long `body` looks at `Task.isCancelled` and then returns whatever it has: it is not used.
  ///
  /// - Throws: `.interrupted` when the surrounding task is cancelled.
  static func results<Result: Sendable>(
    _ count: Int, of subject: String, _ body: @escaping @Sendable (Int) -> Result
  ) async throws(Failure) -> [Result] {
    let results = await withTaskGroup(of: (Int, Result)?.self) { group in
      for experiment in 0..<count {
        group.addTask {
          if Task.isCancelled { return nil }
          let result = body(experiment)
          return Task.isCancelled ? nil : (experiment, result)
        }
      }
      var results = [Result?](repeating: nil, count: count)
      for await case .some((let experiment, let result)) in group { results[experiment] = result }
      return results.compactMap { $0 }
    }
    guard results.count == count else {
      throw Failure(
        .interrupted, subject, "was interrupted", hint: "run the same command again to go on")
    }
    return results
  }

  /// The mean of every metric, with each experiment's own scores as a detail.
  ///
  /// A metric that an experiment lacks is null in its entry, as in the reference.
  static func summary(_ experiments: [Scores], metrics: [String]) -> Scores {
    var scores = Scores.means(of: experiments)
    scores.details["scores_per_experiment"] = .array(
      experiments.map { experiment in
        .object(metrics.map { ($0, .optional(experiment[Metric($0)]) { .number($0) }) })
      })
    return scores
  }
}
