// What became of every document that was clustered: whether it came to lie among its own.

import Core
import Metrics
import Storage

extension ClusteringDraws.Level {
  /// For each member the class that most documents of its cluster have, nil for one that was not
  /// drawn; of equally frequent classes the first.
  ///
  /// `bootstrap` are places in `members`, `clusters` their clusters.
  func majorities(of bootstrap: [Int], _ clusters: [Int]) -> [Int?] {
    let width = (clusters.max() ?? 0) + 1
    var counts = [Int](repeating: 0, count: width * classCount)
    for (member, cluster) in zip(bootstrap, clusters) {
      counts[cluster * classCount + classes[member]] += 1
    }
    let majorities = (0..<width).map { cluster in
      let row = counts[cluster * classCount..<(cluster + 1) * classCount]
      return row.indices.reduce(row.startIndex) { row[$1] > row[$0] ? $1 : $0 } - row.startIndex
    }
    var found = [Int?](repeating: nil, count: members.count)
    for (member, cluster) in zip(bootstrap, clusters) { found[member] = majorities[cluster] }
    return found
  }
}

extension ClusteringDraws {
  /// The outcome of every embedded document, in the order of the file.
  ///
  /// `majorities` are those of every bootstrap, level by level.
  func details(of documents: ClusteringDocuments, _ majorities: [[Int?]]) -> CellDetails {
    var found = rows.map { _ in [LevelOutcome]() }
    var rest = majorities[...]
    for level in levels {
      let own = Array(rest.prefix(level.bootstraps.count))
      rest = rest.dropFirst(own.count)
      for (place, row) in level.members.enumerated() {
        found[row].append(
          LevelOutcome(level, class: level.classes[place], found: own.compactMap { $0[place] }))
      }
    }
    let outcomes = rows.indices.sorted { rows[$0] < rows[$1] }.map { place in
      let levels = found[place]
      let shares = levels.compactMap(\.share)
      return Outcome([
        ("row", .integer(rows[place] + 1)), ("text", .excerpt(documents.texts[rows[place]])),
        ("gold", .array(levels.map(\.label))), ("found", .array(levels.map(\.usual))),
        ("drawn", .integers(levels.map(\.drawn))), ("right", .integers(levels.map(\.right))),
        (
          "own_majority",
          shares.isEmpty ? .null : .number(shares.reduce(0, +) / Double(shares.count))
        ),
      ])
    }
    let shape = OutcomeShape(
      item: "document", name: "row", measures: [.init("own_majority")],
      columns: [
        .init("gold", "Gold"), .init("found", "Mostly among"), .init("text", "Text", isText: true),
      ])
    return CellDetails(shape: shape, outcomes: outcomes)
  }

  /// One document at one level, over all experiments.
  private struct LevelOutcome {
    let label: JSON
    /// The label that prevailed most often around it.
    let usual: JSON
    /// Experiments in which it was drawn.
    let drawn: Int
    /// Those in which its own label prevailed.
    let right: Int

    init(_ level: Level, class own: Int, found: [Int]) {
      label = level.labels[own].json
      drawn = found.count
      right = found.count { $0 == own }
      let counts = found.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      // Of equally frequent ones its own, then the first.
      let usual = counts.max { a, b in
        (a.value, a.key == own ? 1 : 0, -a.key) < (b.value, b.key == own ? 1 : 0, -b.key)
      }
      self.usual = .optional(usual) { level.labels[$0.key].json }
    }

    var share: Double? { drawn == 0 ? nil : Double(right) / Double(drawn) }
  }
}

extension SeparateClusterings {
  /// The V-measure of every problem; their mean is the score.
  func details(_ measures: [Double]) -> CellDetails {
    let outcomes = problems.indices.map { row in
      Outcome([
        ("row", .integer(row + 1)), ("text", .excerpt(problems[row].texts.first ?? "")),
        ("texts", .integer(problems[row].texts.count)),
        ("labels", .integer(problems[row].classCount)), ("v_measure", .number(measures[row])),
      ])
    }
    let shape = OutcomeShape(
      item: "problem", name: "row", measures: [.init("v_measure")],
      columns: [
        .init("texts", "Texts"), .init("labels", "Labels"),
        .init("text", "First text", isText: true),
      ])
    return CellDetails(shape: shape, outcomes: outcomes)
  }
}
