// The cut of multilabel splits: rows are dealt to two sides so that pairs of labels keep shares.

/// Iterative stratification over labels and pairs of labels.
///
/// Sechidis, Tsoumakas, Vlahavas 2011, with the second-order combinations of Szymański,
/// Kajdanowicz 2017, as the reference does it: its choice of the next combination departs from
/// the papers (see `nextCombination`), and the cut has about, not exactly, the rows asked for.
package enum IterativeStratification {
  /// The rows that stay when a multilabel split is cut.
  ///
  /// - Parameters:
  ///   - labels: per row the places of its labels in the sorted list of all labels of the split;
  ///     repeated places count once, a row may have none
  ///   - size: rows to keep
  ///   - seed: what starts the stream
  /// - Returns: about `size` row numbers, rising; all rows when there are not more.
  package static func cut(_ labels: [[Int]], to size: Int, seed: UInt32 = 42) -> [Int] {
    guard labels.count > size else { return Array(labels.indices) }
    let kept = Double(size) / Double(labels.count)
    var dealer = Dealer(labels, shares: [kept, 1 - kept], seed: seed)
    while let combination = dealer.nextCombination() { dealer.deal(combination) }
    dealer.dealUnlabelled()
    return labels.indices.filter { dealer.sides[$0] == 0 }
  }
}

/// Deals rows to sides, the rows of one combination of labels after the other.
private struct Dealer {
  /// A label (taken as a pair with itself) or a pair of labels.
  struct Combination {
    let isPair: Bool
    /// Its rows, rising; rows at the end that have been dealt are dropped when it is their turn.
    var rows: [Int] = []
    /// Rows not dealt yet.
    var waiting = 0
    /// How many of its rows each side should still get; may fall below 0.
    var wanted: [Double] = []
  }

  /// In the order in which the rows bring them up.
  var combinations: [Combination] = []
  /// Per row the places of its combinations.
  var combinationsOf: [[Int]] = []
  /// How many rows each side should still get.
  var wanted: [Double]
  /// Per row the side it was dealt to.
  var sides: [Int?]
  var random: NumPyLegacyRandom

  init(_ labels: [[Int]], shares: [Double], seed: UInt32) {
    wanted = shares.map { $0 * Double(labels.count) }
    sides = Array(repeating: nil, count: labels.count)
    random = NumPyLegacyRandom(seed: seed)
    var places: [Pair: Int] = [:]
    for (row, labels) in labels.enumerated() {
      let labels = Set(labels).sorted()
      var own: [Int] = []
      for (i, first) in labels.enumerated() {
        for second in labels[i...] {
          let pair = Pair(first: first, second: second)
          let place = places[pair] ?? combinations.count
          if place == combinations.count {
            places[pair] = place
            combinations.append(Combination(isPair: first != second))
          }
          combinations[place].rows.append(row)
          own.append(place)
        }
      }
      combinationsOf.append(own)
    }
    for place in combinations.indices {
      let count = combinations[place].rows.count
      combinations[place].waiting = count
      combinations[place].wanted = shares.map { Double(count) * $0 }
    }
  }

  private struct Pair: Hashable {
    let first: Int
    let second: Int
  }

  /// The combination to deal next, nil when no labelled row is left.
  ///
  /// The papers take the rarest. The reference keeps the first combination with rows left, unless
  /// that is a single label and a pair after it has fewer rows left than it: then the first such
  /// pair.
  func nextCombination() -> Int? {
    guard let first = combinations.firstIndex(where: { $0.waiting > 0 }) else { return nil }
    guard !combinations[first].isPair else { return first }
    let most = combinations[first].waiting
    let rarer = combinations[first...].firstIndex {
      $0.isPair && $0.waiting > 0 && $0.waiting < most
    }
    return rarer ?? first
  }

  /// Deals all rows of a combination, the last first, each to the side that wants it most.
  mutating func deal(_ combination: Int) {
    while let row = combinations[combination].rows.popLast() {
      guard sides[row] == nil else { continue }
      let wishes = combinations[combination].wanted
      let most = wishes.max()
      let side = drawOne(of: wishes.indices.filter { wishes[$0] == most })
      sides[row] = side
      wanted[side] -= 1
      for place in combinationsOf[row] {
        combinations[place].waiting -= 1
        combinations[place].wanted[side] -= 1
      }
    }
  }

  /// Deals the rows without labels, the last first, at random to the sides that want rows.
  mutating func dealUnlabelled() {
    for row in sides.indices.reversed() where sides[row] == nil {
      let side = drawOne(of: wanted.indices.filter { wanted[$0] > 0 })
      sides[row] = side
      wanted[side] -= 1
    }
  }

  /// One of several sides; a single one draws nothing.
  private mutating func drawOne(of choices: [Int]) -> Int {
    choices.count == 1 ? choices[0] : choices[random.below(choices.count)]
  }
}
