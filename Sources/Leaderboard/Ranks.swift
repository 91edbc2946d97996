// Ranks and Borda votes: who is before whom, and what a place is worth.

package enum Ranks {
  /// The rank of each value, best (largest) first and counted from 1; equal values share the mean
  /// of their places, absent ones have none.
  package static func average(_ values: [Double?]) -> [Double?] {
    let order = values.indices
      .compactMap { i in values[i].map { (index: i, value: $0) } }
      .sorted { ($1.value, $0.index) < ($0.value, $1.index) }
    var ranks = [Double?](repeating: nil, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, order[end].value == order[start].value { end += 1 }
      // Places start+1 ... end, whose mean is (start + 1 + end) / 2.
      let mean = Double(start + 1 + end) / 2
      for place in start..<end { ranks[order[place].index] = mean }
      start = end
    }
    return ranks
  }

  /// One more than the number of strictly larger values: equal values share the best place and the
  /// places after them are skipped.
  package static func minimum(_ values: [Double]) -> [Int] {
    let descending = values.sorted(by: >)
    var best: [Double: Int] = [:]
    for (place, value) in descending.enumerated() where best[value] == nil {
      best[value] = place + 1
    }
    return values.map { best[$0] ?? values.count }
  }

  /// What each candidate earns on one ballot: `n` less its average rank, 0 without a score.
  ///
  /// Negative when candidates beyond `n` push a rank past it.
  package static func points(_ ballot: [Double?], n: Int) -> [Double] {
    average(ballot).map { rank in rank.map { Double(n) - $0 } ?? 0 }
  }

  /// Borda votes of each candidate: the sum over ballots of what it earns there, in halves.
  ///
  /// Ballots are scores `[ballots][candidates]`.
  package static func votes(ballots: [[Double?]], candidates: Int, n: Int) -> [Double] {
    var votes = [Double](repeating: 0, count: candidates)
    for ballot in ballots {
      precondition(ballot.count == candidates, "\(ballot.count) scores, \(candidates) candidates")
      for (i, points) in points(ballot, n: n).enumerated() { votes[i] += points }
    }
    return votes
  }
}
