// Nearest names for mistyped ones; the only place that measures edit distance.

package enum Suggest {
  /// The names nearest to what was typed, best first, at most `limit` of them.
  ///
  /// Near means: equal but for case, containing it, or within a third of its length in edits
  /// (insert, delete, replace, swap of neighbours: the optimal string alignment distance).
  package static func nearest(
    to typed: String, among names: some Sequence<String>, limit: Int = 3
  ) -> [String] {
    let wanted = Array(typed.lowercased())
    guard !wanted.isEmpty else { return [] }
    let most = max(2, wanted.count / 3)
    var scored: [(distance: Int, name: String)] = []
    for name in names {
      let candidate = name.lowercased()
      if wanted.count >= 3, candidate.contains(typed.lowercased()) {
        scored.append((1, name))
        continue
      }
      let distance = editDistance(wanted, Array(candidate), limit: most)
      if distance <= most { scored.append((distance, name)) }
    }
    scored.sort { ($0.distance, $0.name) < ($1.distance, $1.name) }
    return scored.prefix(limit).map(\.name)
  }

  /// A hint for an unknown name: the nearest ones, or where the list is.
  package static func hint(
    for typed: String, among names: some Sequence<String>, otherwise: String
  ) -> String {
    let near = nearest(to: typed, among: names)
    return near.isEmpty ? otherwise : "did you mean \(near.joined(separator: ", "))?"
  }

  static func editDistance(_ a: [Character], _ b: [Character], limit: Int) -> Int {
    if abs(a.count - b.count) > limit { return limit + 1 }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      row.reserveCapacity(b.count + 1)
      for j in 0..<b.count {
        var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, beforeLast[j - 1] + 1)
        }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
