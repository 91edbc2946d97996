// Scores of bitext mining: how often a sentence's most similar candidate is its translation.

package import Core

package enum BitextScores {
  /// Scores of the candidates chosen, where candidate i is the translation of sentence i.
  ///
  /// Every candidate is a class with one true member, weighted equally. With c_i the number of
  /// sentences that chose candidate i and the sums over the sentences i that chose rightly:
  ///
  /// - precision = 1/N · Σ 1 / c_i
  /// - recall = accuracy = 1/N · Σ 1
  /// - f1 = 1/N · Σ 2 / (1 + c_i), the harmonic mean of 1 / c_i and 1
  ///
  /// - Parameter chosen: the position of the chosen candidate for every sentence, [count],
  ///   each in `0..<count`
  /// - Returns: precision, recall, f1, accuracy, in [0, 1]; nothing for no sentences.
  package static func scores(chosen: [Int]) -> Scores {
    let timesChosen = Self.timesChosen(chosen)
    var correct = 0
    var precision = 0.0
    var f1 = 0.0
    for (sentence, candidate) in chosen.enumerated() where candidate == sentence {
      correct += 1
      precision += 1 / Double(timesChosen[candidate])
      f1 += 2 / Double(1 + timesChosen[candidate])
    }
    guard !chosen.isEmpty else { return Scores() }
    let count = Double(chosen.count)
    return Scores([
      "precision": precision / count, "recall": Double(correct) / count, "f1": f1 / count,
      "accuracy": Double(correct) / count,
    ])
  }

  /// How many sentences chose each candidate, [count].
  private static func timesChosen(_ chosen: [Int]) -> [Int] {
    var times = [Int](repeating: 0, count: chosen.count)
    for candidate in chosen {
      precondition(
        times.indices.contains(candidate),
        "candidate \(candidate) chosen among \(chosen.count)")
      times[candidate] += 1
    }
    return times
  }

  /// What every sentence adds: the scores are the means of these.
  package static func shares(chosen: [Int]) -> [(precision: Double, f1: Double, accuracy: Double)] {
    let timesChosen = Self.timesChosen(chosen)
    return chosen.enumerated().map { sentence, candidate in
      guard candidate == sentence else { return (0, 0, 0) }
      let times = Double(timesChosen[candidate])
      return (1 / times, 2 / (1 + times), 1)
    }
  }
}
