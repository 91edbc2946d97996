// The sentences below the tables of a comparison: verdicts, what stars say, which tasks count.

import Core

extension Comparison {
  static let languageNote =
    "Of every task, the mean over its cells in the language; tasks count alike, which is not so in "
    + "the language table of borda rank."

  var overallNotes: [String] {
    let rules = board.pool.rules == .current ? "" : " by the rules \(board.pool.rules.rawValue)"
    let last =
      "Diff.: the first model minus the other, in points. W–T–L: tasks won, tied, lost; for "
      + "Mean (TaskType), types. Votes count all tasks\(rules), in a pool of \(board.pool.label)."
    let families = [taskMeans, typeMeans, votes]
    return verdictNotes + [last]
      + sharedNotes(Array(pairs.indices), of: families.flatMap(\.self), families: families)
  }

  /// Most pairs whose verdicts are spelled out.
  private static let spelledOut = 10

  /// A sentence for each pair, or how many are which.
  private var verdictNotes: [String] {
    if pairs.count <= Self.spelledOut {
      return pairs.indices.flatMap { [sentence($0)] + itemNotes($0) }
    }
    let verdicts = taskMeans.map { verdict(on: $0) }
    let decided = verdicts.count(where: \.isDecided)
    guard !pairing.isAllPairs else {
      return [
        "Of \(pairs.count) pairs, \(decided) can be told apart by Mean (Task), "
          + "\(pairs.count - decided) cannot."
      ]
    }
    let ahead = verdicts.count { $0 == .ahead }
    return [
      "By Mean (Task), \(name(pairs[0].first)) is ahead of \(ahead) of \(pairs.count) models, behind "
        + "\(decided - ahead), and cannot be told apart from \(pairs.count - decided)."
    ]
  }

  func itemNotes(_ pair: Int) -> [String] {
    let found = beyondNoise(pair)
    guard found.tasks > 0 else { return [] }
    let tasks = NumberText.count(found.tasks, "task")
    return [
      "Of \(tasks) with details of both, \(found.won) won and \(found.lost) lost beyond the noise of "
        + "their items."
    ]
  }

  /// What there is of details, and what of them cannot be used.
  func detailNotes(_ place: Int) -> [String] {
    let found = evidence[place]
    var notes: [String] = []
    if found.tasks.isEmpty, found.refused.isEmpty {
      notes.append(
        "A task's own noise needs the details of both models: evaluate with --details.")
    }
    let have = found.withDetails
    if have.first != have.other || found.tasks.count + found.refused.count < have.first {
      let pair = pairs[place]
      notes.append(
        "Tasks with details: \(have.first) of \(name(pair.first)), \(have.other) of "
          + "\(name(pair.other)).")
    }
    let list = found.refused.map { "\($0.task) (\($0.reason))" }
    if !list.isEmpty { notes.append("Details not used: \(NameList.text(list, most: 6)).") }
    return notes
  }

  /// What the stars of some rows say, which tasks count, which pairs are missing.
  ///
  /// A family is a list of rows whose p-values are corrected together, perhaps over several tables.
  func sharedNotes(
    _ places: [Int], of rows: [Row], families: [[Row]]
  ) -> [String] {
    var notes = testNotes(of: rows, families: families)
    if let note = leftOutNote(places) { notes.append(note) }
    if !pairing.apart.isEmpty, places.count == pairs.count {
      let list = pairing.apart.prefix(4).map { "\(name($0.first)) and \(name($0.other))" }
      let more = pairing.apart.count > 4 ? "; and \(pairing.apart.count - 4) more" : ""
      notes.append(
        "Not compared, having no complete task in common: \(list.joined(separator: "; "))\(more).")
    }
    return notes + [board.unscoredNote].compactMap(\.self)
  }

  /// How many tasks do not count, for they are not complete for both.
  private func leftOutNote(_ places: [Int]) -> String? {
    var seen: Set<String> = []
    let lacking = places.flatMap { [pairs[$0].first, pairs[$0].other] }
      .compactMap { model in pairing.lack(of: model).map { "\(name(model)) (\($0))" } }
      .filter { seen.insert($0).inserted }
    guard !lacking.isEmpty else { return nil }
    return "Differences of scores count only tasks that both have complete. Not all of "
      + "\(NumberText.count(board.tasks.count, "task")) there: "
      + NameList.text(lacking, most: 6) + "."
  }

  private func testNotes(of rows: [Row], families: [[Row]]) -> [String] {
    guard rows.contains(where: { $0.estimate.pValue != nil }) else { return [] }
    let tested = families.map { $0.count { $0.estimate.pValue != nil } }.max() ?? 0
    let isAnyDecided = rows.contains { verdict(on: $0).isDecided }
    let limit = threshold.rounded(decimals: 6).description
    guard tested > 1 else {
      return isAnyDecided ? ["* Beyond noise: p is at most \(limit)."] : []
    }
    let count = NumberText.count(tested, families.count > 1 ? "pair" : "row")
    let draws = DifferenceEstimate.testing(rows: tested, resampling).draws
    let words =
      isAnyDecided
      ? "* Beyond noise: Holm p, corrected for \(count), is at most \(limit)."
      : "Holm p is corrected for \(count); none here is at most \(limit)."
    guard Double(tested) / Double(draws + 1) > threshold else {
      return [words + " Intervals hold for one row alone."]
    }
    return [
      words,
      "So many cannot be told apart with \(NumberText.grouped(draws)) draws: compare fewer.",
    ]
  }
}
