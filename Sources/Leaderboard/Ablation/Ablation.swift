// Variants of one model side by side: a study of what each choice is worth.

package import Core

/// Rows of votes and means with what each differs from a baseline, as papers print ablations.
///
/// Made from values, so that rows may come from one board, from models inserted into a pool one at a
/// time, or from a printed table. Scores are fractions; nil means undefined.
package struct Ablation: Sendable, Equatable {
  package let title: String
  /// The types that a row's means are of, in the order of the columns.
  package let types: [TaskType]
  /// In the order asked for.
  package let rows: [Row]
  package let columns: [Column]
  /// A sentence on whom the votes were counted against.
  package let footing: Footing
  /// The label of the row that the others are held against.
  package let baseline: String?
  /// The label of the row whose gain over the others is told, such as a merge of them.
  package let gaining: String?

  /// One variant.
  package struct Row: Sendable, Equatable {
    package let label: String
    package let votes: Double?
    package let meanTask: Double?
    package let meanTaskType: Double?
    /// Means `[types]`.
    package let types: [Double?]

    package init(
      label: String, votes: Double?, meanTask: Double?, meanTaskType: Double?, types: [Double?]
    ) {
      self.label = label
      self.votes = votes
      self.meanTask = meanTask
      self.meanTaskType = meanTaskType
      self.types = types
    }

    /// A place on a board whose types are `own`, in a study of `types`.
    package init(
      label: String, _ standing: Board.Standing, types own: [TaskType], in types: [TaskType]
    ) {
      self.init(
        label: label, votes: standing.votes, meanTask: standing.meanTask,
        meanTaskType: standing.meanTaskType,
        types: types.map { type in own.firstIndex(of: type).flatMap { standing.types[$0] } })
    }
  }

  /// What the votes of the rows were counted against.
  package enum Footing: Sendable, Equatable {
    /// One pool that all rows belong to.
    case pool(Pool)
    /// A pool beside which each row was put alone, so that no row changes another's votes; rows that
    /// are models of the pool count in it as it is.
    case alone(beside: Pool)
    /// Somebody else's count, as its source says.
    case printed(String)
  }

  package enum Column: Sendable, Hashable {
    case votes, meanTask, meanTaskType
    case type(TaskType)
  }

  /// Puts rows side by side; `baseline` and `gaining` are labels of rows, no columns stand for all.
  ///
  /// Throws `.usage` for a label that no row has or that two rows have.
  package init(
    title: String, types: [TaskType], rows: [Row], columns: [Column] = [], footing: Footing,
    baseline: String? = nil, gaining: String? = nil
  ) throws(Failure) {
    self.title = title
    self.types = types
    self.rows = rows
    self.columns = columns.isEmpty ? Column.all(types) : columns
    self.footing = footing
    self.baseline = baseline
    self.gaining = gaining
    let labels = rows.map(\.label)
    for (place, label) in labels.enumerated() where labels[..<place].contains(label) {
      throw Failure(.usage, label, "two rows have this name", hint: "name each model once")
    }
    for label in [baseline, gaining].compactMap(\.self) where !labels.contains(label) {
      throw Failure(
        .usage, label, "is none of the rows",
        hint: Suggest.hint(
          for: label, among: labels, otherwise: "the rows are \(labels.joined(separator: ", "))"))
    }
  }

  /// The value of a row in a column.
  package func value(_ column: Column, of row: Row) -> Double? {
    switch column {
    case .votes: row.votes
    case .meanTask: row.meanTask
    case .meanTaskType: row.meanTaskType
    case .type(let type): types.firstIndex(of: type).flatMap { row.types[$0] }
    }
  }

  /// What another row has more than the baseline, `[columns]`; nil where either lacks a value.
  package func change(of row: Row) -> [Double?] {
    guard let base = rows.first(where: { $0.label == baseline }) else { return [] }
    return columns.map { column in
      guard let own = value(column, of: row), let from = value(column, of: base) else {
        return nil
      }
      return own - from
    }
  }

  /// What one row has more than the best and than the average of the others, `[columns]` each.
  ///
  /// The best is that of each column by itself. Nil where any of the rows lacks a value.
  package var gains: (overBest: [Double?], overAverage: [Double?])? {
    guard let row = rows.first(where: { $0.label == gaining }), rows.count > 1 else { return nil }
    let pairs = columns.map { column -> (best: Double?, average: Double?) in
      let others = rows.filter { $0 != row }.compactMap { value(column, of: $0) }
      guard let own = value(column, of: row), others.count == rows.count - 1,
        let best = others.max(), let average = ExactSum.mean(of: others)
      else { return (nil, nil) }
      return (own - best, own - average)
    }
    return (pairs.map(\.best), pairs.map(\.average))
  }
}

extension Ablation.Column {
  package static func all(_ types: [TaskType]) -> [Self] {
    [.votes, .meanTask, .meanTaskType] + types.map { .type($0) }
  }

  /// Columns by the names that a user gives: `votes`, `mean`, `mean-type`, `types` for all types, or
  /// a type.
  ///
  /// - Throws: `.usage`, with the nearest names.
  package static func named(_ names: [String], types: [TaskType]) throws(Failure) -> [Self] {
    var columns: [Self] = []
    for name in names {
      let found: [Self]
      switch name.lowercased() {
      case "votes": found = [.votes]
      case "mean": found = [.meanTask]
      case "mean-type": found = [.meanTaskType]
      case "types": found = types.map { .type($0) }
      default: found = [try named(name, types: types)]
      }
      columns += found.filter { !columns.contains($0) }
    }
    return columns
  }

  private static func named(_ name: String, types: [TaskType]) throws(Failure) -> Self {
    let wanted = name.lowercased()
    if let type = types.first(where: { $0.rawValue.lowercased() == wanted }) { return .type(type) }
    let known = ["votes", "mean", "mean-type", "types"] + types.map(\.rawValue)
    throw Failure(
      .usage, name, "no such column",
      hint: Suggest.hint(
        for: name, among: known, otherwise: "use \(known.joined(separator: ", "))"))
  }

  /// The name in data files.
  var key: String {
    switch self {
    case .votes: "votes"
    case .meanTask: "mean_task"
    case .meanTaskType: "mean_task_type"
    case .type(let type): type.rawValue
    }
  }

  /// The name people read; types as papers shorten them.
  var title: String {
    switch self {
    case .votes: "Votes"
    case .meanTask: "Mean (Task)"
    case .meanTaskType: "Mean (TaskType)"
    case .type(let type): Self.shortNames[type.rawValue] ?? type.rawValue
    }
  }

  private static let shortNames = [
    "BitextMining": "Bitext", "Classification": "Class.", "Clustering": "Clust.",
    "InstructionReranking": "Instr. Rerank.", "MultilabelClassification": "Multi-label",
    "PairClassification": "Pair Class.", "Reranking": "Rerank.",
  ]
}
