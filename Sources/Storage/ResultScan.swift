// Reading folders of results: every model, every revision, every task, nothing skipped silently.

package import Core
package import Foundation

/// What was found in one or more folders of results.
package struct ResultScan: Sendable {
  /// One entry per model, sorted by name; revisions united, one result per task.
  package private(set) var scores = PoolScores()
  package private(set) var counts = Counts()
  /// Files that are no results, with the reason.
  package private(set) var refused: [Failure] = []
  /// Results that count for nothing, as the model has a better one of the task.
  package private(set) var superseded: [Superseded] = []

  /// One of two results for the same model and task.
  package struct Superseded: Sendable, Equatable {
    package let model: String
    package let task: String
    /// The files, as a person would type them.
    package let dropped: String
    package let kept: String
    /// Whether the two have the same scores, so that it does not matter which one counts.
    package let isEqual: Bool
  }

  /// How many files there were, of what kind.
  package struct Counts: Sendable, Equatable {
    package var files = 0
    /// Those whose scores came from the index, because they had not changed.
    package var indexed = 0
    /// Those in the schema before mteb 1.11.
    package var old = 0
    /// Results of a task that the model has a better one of, in another revision or folder.
    package var superseded = 0
    /// Those of them that have other scores than the better one.
    package var conflicting = 0
    package var refused = 0
    /// Unfinished tasks, or quick looks, that count among the scores.
    package var unfinished = 0
  }

  /// Reads every `<model>/<revision>/<Task>.json` below the roots.
  ///
  /// Where a model has a task more than once, one result wins, whatever folder it lies in: one that
  /// names its version of mteb before one that names none, a real revision before `external` and
  /// `no_revision_available`, then the highest version, the newest date, the last revision's name.
  ///
  /// - Parameters:
  ///   - roots: folders of results.
  ///   - indexFolder: where indexes of large folders are kept and looked for; nil for none.
  ///   - threads: how many files are read at once.
  /// - Throws: `.missing` when a root is not there. Bad files are listed in `refused` instead.
  package init(
    roots: [URL], indexFolder: URL? = nil,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount
  ) throws(Failure) {
    var found: [String: [String: Candidate]] = [:]
    for root in roots {
      guard FilePaths.kind(of: root) == .folder else {
        throw Failure(
          .missing, FilePaths.display(root), "there is no such results folder",
          hint: "run borda evaluate first, or name the folder with --results")
      }
      add(ResultFolder(root, indexFolder: indexFolder, threads: threads), to: &found)
    }
    for (name, tasks) in found.sorted(by: { $0.key < $1.key }) {
      let sorted = tasks.sorted { $0.key < $1.key }.map(\.value)
      scores.models.append(
        ModelScores(
          model: name, revisions: Set(sorted.map(\.revision)).sorted(),
          tasks: sorted.map(\.scores)))
    }
    counts.refused = refused.count
  }

  /// A scan of unfinished tasks or quick looks alone.
  package init(unfinished: UnfinishedScan) { add(unfinished) }

  /// Adds the rows of unfinished tasks where the model has no result of the task.
  package mutating func add(_ unfinished: UnfinishedScan) {
    counts.unfinished += unfinished.add(to: &scores)
  }

  /// How many files were read, and what became of them.
  package var summary: String {
    let parts = [
      counts.indexed > 0 ? "\(counts.indexed) of them unchanged and taken from the index" : nil,
      counts.old > 0 ? "\(counts.old) in the old schema" : nil,
      counts.superseded > 0
        ? "\(counts.superseded) superseded by a better result of the same model and task "
          + "(\(counts.conflicting) with other scores)" : nil,
      counts.unfinished > 0 ? "\(counts.unfinished) unfinished tasks beside them" : nil,
      "\(counts.refused) refused",
    ].compactMap(\.self)
    return "read \(counts.files) result files of \(scores.models.count) models: "
      + parts.joined(separator: ", ")
  }

  private mutating func add(
    _ folder: ResultFolder, to found: inout [String: [String: Candidate]]
  ) {
    let texts = folder.names.texts.map { scores.names.place(of: $0) }
    let lists = folder.names.lists.map { scores.names.place(of: $0) }
    let isFirst =
      texts.elementsEqual(0..<Int32(texts.count)) && lists.elementsEqual(0..<Int32(lists.count))
    counts.files += folder.files.count
    counts.indexed += folder.indexed
    for file in folder.files {
      switch file.content {
      case .refused(let problem):
        refused.append(
          Failure(
            .malformed, FilePaths.display(folder.root.appending(path: file.path)), problem,
            hint: "delete the file and evaluate again, or leave its folder out of --results"))
      case .scores(var scores):
        if !isFirst { scores.renumber(texts: texts, lists: lists) }
        if !scores.oldRows.isEmpty { counts.old += 1 }
        let new = Candidate(
          scores: scores, revision: file.revision, root: folder.root, path: file.path)
        if let old = found[file.model]?[scores.task] {
          let isBetter = new.isBetter(than: old)
          supersede(isBetter ? old : new, by: isBetter ? new : old, model: file.model)
          if !isBetter { continue }
        }
        found[file.model, default: [:]][scores.task] = new
      }
    }
  }

  private mutating func supersede(_ dropped: Candidate, by kept: Candidate, model: String) {
    let isEqual = dropped.hasScores(of: kept)
    counts.superseded += 1
    if !isEqual { counts.conflicting += 1 }
    superseded.append(
      Superseded(
        model: model, task: kept.scores.task, dropped: dropped.place, kept: kept.place,
        isEqual: isEqual))
  }

  /// A result that may be the one for its model and task.
  private struct Candidate {
    let scores: TaskScores
    let revision: String
    let root: URL
    let path: String

    var place: String { FilePaths.display(root.appending(path: path)) }

    /// Whether every cell of one has its like in the other, in any order.
    func hasScores(of other: Self) -> Bool {
      guard scores.oldRows == other.scores.oldRows else { return false }
      func key(_ cell: ScoredCell) -> [UInt64] {
        [UInt64(cell.split), UInt64(cell.subset), cell.score.bitPattern]
      }
      let (mine, others) = (scores.cells.map(key), other.scores.cells.map(key))
      return mine.count == others.count && Set(mine) == Set(others)
    }

    func isBetter(than other: Candidate) -> Bool {
      let (mine, others) = (rank, other.rank)
      if mine.isVersioned != others.isVersioned { return mine.isVersioned }
      if mine.isReal != others.isReal { return mine.isReal }
      if mine.version != others.version {
        return others.version.lexicographicallyPrecedes(mine.version)
      }
      return (mine.date, revision) > (others.date, other.revision)
    }

    private var rank: (isVersioned: Bool, isReal: Bool, version: [Int], date: Double) {
      // Of a range `2.7.22-2.18.7` the first version counts.
      let first = scores.mtebVersion?.split(separator: "-").first ?? ""
      let numbers = first.split(separator: ".").compactMap { Int($0) }
      let isReal = !["external", "no_revision_available"].contains(revision)
      return (!numbers.isEmpty, isReal, numbers, scores.date ?? 0)
    }
  }
}
