// Rows that are not, or not yet, a result: those of unfinished tasks, and those of quick looks.

package import Core
package import Foundation

extension ResultStore {
  /// The rows of an unfinished task, or of a quick look in a store of such; nil where there are none.
  package func unfinished(of task: String, model: ModelIdentity) -> TaskResult? {
    Self.unfinished(in: partialFile(of: task, model: model), limit: limit)
  }

  /// nil for what is no such file, and for one of another limit.
  fileprivate static func unfinished(in file: URL, limit: Int?) -> TaskResult? {
    guard let json = try? json(file), json["limit"]?.integer == limit, let rows = json["rows"],
      let result = try? TaskResult(json: rows, file: FilePaths.display(file)),
      !result.splits.isEmpty
    else { return nil }
    return result
  }
}

/// All such rows below some folders of results: of unfinished tasks, or of the quick looks with one
/// limit.
package struct UnfinishedScan: Sendable {
  /// By model, revision and task; sorted by path.
  package private(set) var found: [Found] = []

  package struct Found: Sendable {
    package let model: String
    package let revision: String
    package let result: TaskResult

    fileprivate var rows: Int { result.splits.reduce(0) { $0 + $1.rows.count } }
  }

  /// Reads `<model>/<revision>/borda/<Task>.partial.json` or, for a limit,
  /// `<model>/<revision>/borda/limit-N/<Task>.json` below the roots.
  ///
  /// - Parameters:
  ///   - roots: folders of results; those that are not there hold nothing.
  ///   - limit: that of quick looks; nil for unfinished tasks.
  package init(roots: [URL], limit: Int? = nil) {
    for root in roots {
      for model in ResultLayout.folders(in: root) {
        for revision in ResultLayout.folders(in: model) {
          let name =
            ResultLayout.modelName(of: revision)
            ?? ResultLayout.name(ofFolder: model.lastPathComponent)
          let own = revision.appending(path: limit.map { "borda/limit-\($0)" } ?? "borda")
          let ending = limit == nil ? ".partial.json" : ".json"
          for file in ResultLayout.resultFiles(in: own)
          where file.lastPathComponent.hasSuffix(ending) {
            guard let result = ResultStore.unfinished(in: file, limit: limit) else { continue }
            found.append(
              Found(model: name, revision: revision.lastPathComponent, result: result))
          }
        }
      }
    }
  }

  /// The same scores with these rows where a model has no result of the task.
  ///
  /// Of several unfinished ones that with the most rows counts, of these the first revision's.
  ///
  /// - Returns: how many tasks of models were added.
  func add(to scores: inout PoolScores) -> Int {
    var places = Dictionary(
      scores.models.enumerated().map { ($1.model, $0) }, uniquingKeysWith: { first, _ in first })
    var best: [[String]: Found] = [:]
    for one in found {
      let key = [one.model, one.result.taskName]
      let isFinished =
        places[one.model].map { place in
          scores.models[place].tasks.contains { $0.task == one.result.taskName }
        } ?? false
      if isFinished || best[key].map({ $0.rows >= one.rows }) == true { continue }
      best[key] = one
    }
    for (_, one) in best.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let cells = scores.cells(of: one.result)
      let task = TaskScores(
        task: one.result.taskName, mtebVersion: one.result.mtebVersion, date: one.result.date,
        cells: cells)
      let place =
        places[one.model]
        ?? {
          scores.models.append(ModelScores(model: one.model, revisions: [], tasks: []))
          places[one.model] = scores.models.count - 1
          return scores.models.count - 1
        }()
      scores.models[place].tasks.append(task)
      if !scores.models[place].revisions.contains(one.revision) {
        scores.models[place].revisions = (scores.models[place].revisions + [one.revision]).sorted()
      }
    }
    scores.models.sort { $0.model < $1.model }
    return best.count
  }
}

extension PoolScores {
  /// The cells of a result, their names among those of these scores.
  fileprivate mutating func cells(of result: TaskResult) -> [ScoredCell] {
    var cells: [ScoredCell] = []
    for split in result.splits {
      for row in split.rows {
        cells.append(
          ScoredCell(
            split: names.place(of: split.name), subset: names.place(of: row.subset),
            languages: names.place(of: row.languages), score: row.mainScore ?? .nan))
      }
    }
    return cells
  }
}
