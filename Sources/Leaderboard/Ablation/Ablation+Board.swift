// Ablations of models of a board, or of models that were each inserted into a pool alone.

package import Core

extension Ablation {
  /// Models that were each put beside a pool alone.
  package struct Inserted: Sendable {
    /// The pool before anything was inserted.
    package let pool: Board
    /// Where each model came, with the types that its means are of.
    package let places: [String: (standing: Board.Standing, types: [TaskType])]

    package init(
      pool: Board, places: [String: (standing: Board.Standing, types: [TaskType])]
    ) {
      self.pool = pool
      self.places = places
    }
  }

  /// Puts models of a board side by side, in the order of their names.
  ///
  /// `labels` stand for the models one by one, or else their names without the organisation.
  /// `baseline` and `gaining` are names of models, put first where they are not among them.
  /// `columns` are as `Column.named` reads them. Votes are those on the board, or of the pools that
  /// the models were `inserted` into. Throws `.usage` for unknown models, labels that are too few or
  /// too many, and unknown columns.
  package init(
    _ board: Board, models names: [String], labels: [String] = [], columns: [String] = [],
    baseline: String? = nil, gaining: String? = nil, inserted: Inserted? = nil
  ) throws(Failure) {
    guard labels.isEmpty || labels.count == names.count else {
      throw Failure(
        .usage, "--labels",
        "\(NumberText.count(labels.count, "label")) for \(NumberText.count(names.count, "model"))",
        hint: "name every model once, in the order of the models")
    }
    var first: [String] = []
    for name in [baseline, gaining].compactMap(\.self) where !(names + first).contains(name) {
      first.append(name)
    }
    let models = first + names
    _ = try board.places(of: models)
    let short = board.names
    let shown =
      first.map { short[$0] ?? $0 } + (labels.isEmpty ? names.map { short[$0] ?? $0 } : labels)
    let rows = zip(models, shown).compactMap { model, label -> Row? in
      if let place = inserted?.places[model] {
        return Row(label: label, place.standing, types: place.types, in: board.types)
      }
      let home = inserted?.pool ?? board
      return home.models.first { $0.model == model }.map {
        Row(label: label, $0, types: home.types, in: board.types)
      }
    }
    let labelOf = Dictionary(zip(models, shown), uniquingKeysWith: { first, _ in first })
    try self.init(
      title: "\(board.benchmark): \(NumberText.count(rows.count, "model")) side by side",
      types: board.types, rows: rows, columns: try Column.named(columns, types: board.types),
      footing: inserted.map { .alone(beside: $0.pool.pool) } ?? .pool(board.pool),
      baseline: baseline.flatMap { labelOf[$0] }, gaining: gaining.flatMap { labelOf[$0] })
  }
}

extension Placement {
  /// The own models as rows of an ablation; nil unless each was inserted alone.
  package var alone: Ablation.Inserted? {
    guard insertion == .oneAtATime else { return nil }
    return Ablation.Inserted(
      pool: board,
      places: Dictionary(
        uniqueKeysWithValues: placed.map { ($0.standing.model, ($0.standing, $0.types)) }))
  }
}
