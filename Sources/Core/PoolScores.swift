// What rankings need of result files, and nothing else: the main score of every cell, with names as
// numbers. A snapshot of hundreds of models has millions of cells.

/// Scores of many models, with the names that their cells refer to.
package struct PoolScores: Sendable {
  package var names = ScoreNames()
  /// Any order; one entry per model.
  package var models: [ModelScores] = []

  package init() {}
}

/// All results of one model, whatever folders they came from.
package struct ModelScores: Sendable {
  /// `org/name`.
  package var model: String
  /// Revisions met, in order; usually one.
  package var revisions: [String]
  /// One per task, by name.
  package var tasks: [TaskScores]

  package init(model: String, revisions: [String], tasks: [TaskScores]) {
    self.model = model
    self.revisions = revisions
    self.tasks = tasks
  }
}

/// The scores of one model on one task.
package struct TaskScores: Sendable {
  package var task: String
  /// The version of mteb whose scoring rules the numbers follow; nil in files that name none.
  package var mtebVersion: String?
  /// Seconds since 1970.
  package var date: Double?
  package var cells: [ScoredCell]
  /// Rows of the schema before mteb 1.11, few of which say which of their numbers is the main score.
  package var oldRows: [OldRow]

  package init(
    task: String, mtebVersion: String? = nil, date: Double? = nil, cells: [ScoredCell] = [],
    oldRows: [OldRow] = []
  ) {
    self.task = task
    self.mtebVersion = mtebVersion
    self.date = date
    self.cells = cells
    self.oldRows = oldRows
  }
}

/// One (split, subset); names are places in a `ScoreNames`.
package struct ScoredCell: Sendable, Equatable {
  package var split: Int32
  package var subset: Int32
  /// A list of languages, in the order of the file.
  package var languages: Int32
  /// NaN where the file says null or NaN.
  package var score: Double

  package init(split: Int32, subset: Int32, languages: Int32, score: Double) {
    self.split = split
    self.subset = subset
    self.languages = languages
    self.score = score
  }
}

/// A row of the old schema: metrics by their present names, the task's definition decides.
package struct OldRow: Sendable, Equatable {
  package var split: String
  /// nil where the file does not divide the split into subsets.
  package var subset: String?
  package var metrics: [String: Double]

  package init(split: String, subset: String?, metrics: [String: Double]) {
    self.split = split
    self.subset = subset
    self.metrics = metrics
  }
}

/// Splits, subsets and lists of languages, each once.
package struct ScoreNames: Sendable, Equatable {
  package private(set) var texts: [String] = []
  package private(set) var lists: [[String]] = []
  private var placeOfText: [String: Int32] = [:]
  private var placeOfList: [[String]: Int32] = [:]

  package init() {}

  /// The place of a name, which is added where it is new.
  package mutating func place(of text: String) -> Int32 {
    if let place = placeOfText[text] { return place }
    let place = Int32(texts.count)
    texts.append(text)
    placeOfText[text] = place
    return place
  }

  /// The place of a list, which is added where it is new.
  package mutating func place(of list: [String]) -> Int32 {
    if let place = placeOfList[list] { return place }
    let place = Int32(lists.count)
    lists.append(list)
    placeOfList[list] = place
    return place
  }

  package static func == (a: ScoreNames, b: ScoreNames) -> Bool {
    a.texts == b.texts && a.lists == b.lists
  }
}

extension TaskScores {
  /// The same cells with the places that their names have elsewhere.
  ///
  /// `texts` and `lists` hold, for every place so far, the place there.
  package mutating func renumber(texts: [Int32], lists: [Int32]) {
    for i in cells.indices {
      cells[i].split = texts[Int(cells[i].split)]
      cells[i].subset = texts[Int(cells[i].subset)]
      cells[i].languages = lists[Int(cells[i].languages)]
    }
  }
}
