// One result file in memory: mteb's schema, read leniently and written exactly.

/// The scores of one model on one task, as a result file holds them.
package struct TaskResult: Sendable, Equatable {
  package var taskName: String
  package var datasetRevision: String
  /// The version of mteb whose scoring rules the numbers follow; nil in files that name none.
  package var mtebVersion: String?
  /// Split name and its rows, in the order of the file.
  package var splits: [Split]
  /// Wall-clock seconds.
  package var evaluationTime: Double?
  /// Seconds since 1970.
  package var date: Double?

  package struct Split: Sendable, Equatable {
    package var name: String
    package var rows: [Row]
    package init(name: String, rows: [Row]) {
      self.name = name
      self.rows = rows
    }
  }

  /// Scores of one subset of one split.
  package struct Row: Sendable, Equatable {
    package var subset: String
    package var languages: [String]
    /// nil where the file says null or NaN, or where it is undefined.
    package var mainScore: Double?
    /// All numeric scores, main score excluded, and the nested lists and objects behind them.
    package var scores: Scores
    /// The nested lists and objects of the row, in the order of the file.
    package var details: JSON.Members { scores.details }

    package init(subset: String, languages: [String], mainScore: Double?, scores: Scores) {
      self.subset = subset
      self.languages = languages
      self.mainScore = mainScore
      self.scores = scores
    }
  }

  package init(
    taskName: String, datasetRevision: String, mtebVersion: String?, splits: [Split],
    evaluationTime: Double?, date: Double?
  ) {
    self.taskName = taskName
    self.datasetRevision = datasetRevision
    self.mtebVersion = mtebVersion
    self.splits = splits
    self.evaluationTime = evaluationTime
    self.date = date
  }

  /// The score of the task: the plain mean of the main scores of all its rows; nil without any.
  package var mainScore: Double? {
    let scores = splits.flatMap(\.rows).compactMap(\.mainScore)
    return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
  }
}

extension TaskResult {
  /// Keys of a row that are not metrics.
  private static let rowFacts: Set<String> = [
    "main_score", "hf_subset", "languages", "mteb_version",
  ]

  /// Reads mteb's current schema.
  ///
  /// - Throws: `.malformed` with `file` as subject when a mandatory key is missing or of another
  ///   kind. Bare `NaN` is read as undefined.
  package init(json: JSON, file: String) throws(Failure) {
    func malformed(_ problem: String) -> Failure {
      Failure(
        .malformed, file, problem,
        hint: "delete the file and evaluate again, or leave its folder out of --results")
    }
    guard let name = json["task_name"]?.string else { throw malformed("no task_name") }
    guard let scores = json["scores"]?.members else { throw malformed("no scores object") }
    var splits: [Split] = []
    for (split, value) in scores.entries {
      guard let list = value.array else { throw malformed("scores of '\(split)' are no list") }
      var rows: [Row] = []
      for entry in list {
        guard let members = entry.members else {
          throw malformed("a row of '\(split)' is no object")
        }
        guard let subset = members["hf_subset"]?.string else {
          throw malformed("a row of '\(split)' has no hf_subset")
        }
        guard let languages = members["languages"]?.array?.compactMap(\.string) else {
          throw malformed("row '\(subset)' of '\(split)' has no languages")
        }
        guard let main = members["main_score"] else {
          throw malformed("row '\(subset)' of '\(split)' has no main_score")
        }
        var metrics = Scores()
        for (key, value) in members.entries where !Self.rowFacts.contains(key) {
          if let number = value.double {
            metrics[Metric(key)] = number
          } else if value.array != nil || value.members != nil {
            metrics.details[key] = value
          }
        }
        let mainScore = main.double.flatMap { $0.isFinite ? $0 : nil }
        rows.append(
          Row(subset: subset, languages: languages, mainScore: mainScore, scores: metrics))
      }
      splits.append(Split(name: split, rows: rows))
    }
    self.init(
      taskName: name, datasetRevision: json["dataset_revision"]?.string ?? "",
      mtebVersion: json["mteb_version"]?.string, splits: splits,
      evaluationTime: json["evaluation_time"]?.double, date: json["date"]?.double)
  }

  /// The file as mteb writes it: floats of the scores rounded to six decimals, keys in its order.
  package var json: JSON { json { $0.rounded(decimals: 6) } }

  /// The same with all digits, for rows that wait for the rest of their task.
  package var exactJSON: JSON { json { $0 } }

  private func json(rounding: (Double) -> Double) -> JSON {
    let version = JSON.optional(mtebVersion) { .string($0) }
    let scores = splits.map { split in
      let rows = split.rows.map { row in
        var members = JSON.Members()
        for entry in row.scores.entries {
          members[entry.metric.rawValue] = .number(rounding(entry.value))
        }
        for (key, value) in row.details.entries { members[key] = value.mapNumbers(rounding) }
        members["main_score"] = .optional(row.mainScore) { .number(rounding($0)) }
        members["hf_subset"] = .string(row.subset)
        members["languages"] = .strings(row.languages)
        if mtebVersion != nil { members["mteb_version"] = version }
        return JSON.object(members)
      }
      return (split.name, JSON.array(rows))
    }
    return .object([
      ("dataset_revision", .string(datasetRevision)),
      ("task_name", .string(taskName)),
      ("mteb_version", version),
      ("scores", .object(scores)),
      ("evaluation_time", .optional(evaluationTime) { .number($0) }),
      ("kg_co2_emissions", .null),
      ("date", .optional(date) { .number($0) }),
      ("evaluation_phases", .null),
    ])
  }
}
