// From the details of evaluations to differences of items: what a comparison says of single tasks.

import Core
import Foundation
import Leaderboard
import Storage

/// Reads the details of compared models and pairs their items, one task in memory at a time.
struct ItemReader {
  private let pairing: Pairing
  /// Folders of results, by model.
  private let folders: [String: [URL]]
  /// Tasks with details, by model.
  private let tasks: [String: Set<String>]

  /// Finds out which tasks of the compared models have details below some folders of results.
  init(_ pairing: Pairing, below roots: [URL]) throws(Failure) {
    let names = Set(pairing.models.map(\.model))
    self.pairing = pairing
    folders = try DetailSource.folders(below: roots).filter { names.contains($0.key) }
    tasks = folders.mapValues { revisions in
      Set(revisions.flatMap { DetailStore(besideResultsIn: $0).tasks })
    }
  }

  /// What is known of the items of each pair, `[pairs]`; details that cannot be used are refused
  /// with a reason.
  var evidence: [ItemEvidence] {
    var evidence = pairing.pairs.map { _ in ItemEvidence() }
    for (place, task) in pairing.board.tasks.enumerated() {
      let wanted = pairing.pairs.indices.filter { pairing.pairs[$0].tasks.contains(place) }
      let cells = pairing.board.cells(ofTask: task.name).map(DetailCell.init)
      var read: [String: Result<ItemValues, Failure>] = [:]
      for pair in wanted {
        let models = [pairing.pairs[pair].first.model, pairing.pairs[pair].other.model]
        let have = models.map { tasks[$0]?.contains(task.name) == true }
        if have[0] { evidence[pair].withDetails.first += 1 }
        if have[1] { evidence[pair].withDetails.other += 1 }
        guard have[0], have[1] else { continue }
        for model in models where read[model] == nil {
          read[model] = values(of: task.name, for: model, in: cells)
        }
        do {
          guard let first = try read[models[0]]?.get(), let other = try read[models[1]]?.get()
          else { continue }
          evidence[pair].tasks.append(try first.differences(from: other, in: cells))
        } catch {
          evidence[pair].refused.append(.init(task: task.name, reason: error.message))
        }
      }
    }
    return evidence
  }

  private func values(
    of task: String, for model: String, in cells: [DetailCell]
  ) -> Result<ItemValues, Failure> {
    Result { () throws(Failure) in
      try ItemValues(DetailSource(of: task, for: model, in: folders[model] ?? []), in: cells)
    }
  }
}

/// The main score's parts of one model on one task, item by item.
private struct ItemValues {
  let source: DetailSource
  /// Items in the order of the data; nil where an item takes no part in the score.
  let cells: [DetailCell: [(name: String, value: Double?)]]

  /// - Throws: `.unsupported` where the main score is no mean over items, `.incomplete` where a cell
  ///   has no details; what is wrong with a file.
  init(_ source: DetailSource, in wanted: [DetailCell]) throws(Failure) {
    let (task, measure) = (source.index.task, source.index.mainScore)
    guard source.index.shape.measures.contains(where: { $0.key == measure }) else {
      throw Failure(.unsupported, task, "its score is no mean over items")
    }
    var cells: [DetailCell: [(name: String, value: Double?)]] = [:]
    for cell in wanted {
      guard source.cells.contains(cell) else {
        throw Failure(.incomplete, task, "no details of \(cell.subset) by \(source.model)")
      }
      cells[cell] = try source.store.outcomes(of: task, cell).map {
        ($0.name(source), $0.value(at: measure)?.double)
      }
    }
    self.source = source
    self.cells = cells
  }

  /// The differences from another model's values, matched by the items' names.
  ///
  /// - Throws: `.incomplete` where an item has a value of only one of the two, `.usage` where the two
  ///   belong to different data or measures.
  func differences(
    from other: Self, in wanted: [DetailCell]
  ) throws(Failure) -> ItemDifferences {
    let task = source.index.task
    try source.requireComparable(other.source, by: source.index.mainScore)
    var cells: [ItemDifferences.Cell] = []
    for cell in wanted {
      let (mine, theirs) = (self.cells[cell] ?? [], other.cells[cell] ?? [])
      let values = Dictionary(theirs.map { ($0.name, $0.value) }) { first, _ in first }
      let unmatched = mine.count { values[$0.name] == nil } + abs(mine.count - theirs.count)
      guard unmatched == 0, values.count == theirs.count else {
        throw Failure(.incomplete, task, "the two have details of different items")
      }
      let pairs = mine.map { ($0.value, values[$0.name].flatMap(\.self)) }
      let oneSided = pairs.count { ($0 == nil) != ($1 == nil) }
      guard oneSided == 0 else {
        throw Failure(.incomplete, task, "\(oneSided) items have a value of one model only")
      }
      let both = pairs.compactMap { mine, theirs in mine.flatMap { a in theirs.map { (a, $0) } } }
      guard !both.isEmpty else {
        throw Failure(.incomplete, task, "no item of \(cell.subset) has a value")
      }
      cells.append(
        ItemDifferences.Cell(
          split: cell.split, subset: cell.subset, first: both.map(\.0), other: both.map(\.1)))
    }
    return ItemDifferences(task: task, item: source.index.shape.item, cells: cells)
  }
}
