// The picture of the ranking: a dot for each model's two means on one scale.

/// A horizontal dot plot, a row per model that has both means.
struct DotChart: Sendable {
  let caption: String
  /// In the order of the ranking; scores are fractions.
  let rows: [(name: String, task: Double, type: Double)]
  /// Ends and step of the axis, in points (fractions times 100).
  let axis: (low: Double, high: Double, step: Double)

  /// nil without a model that has means.
  init?(_ board: Board, limit: Int) {
    let names = board.names
    rows = board.models.prefix(limit).compactMap { model in
      guard let task = model.meanTask, let type = model.meanTaskType else { return nil }
      return (names[model.model] ?? model.model, task, type)
    }
    guard !rows.isEmpty else { return nil }
    caption = "Mean (Task) and Mean (TaskType) by model"
    axis = Self.axis(over: rows.flatMap { [$0.task * 100, $0.type * 100] })
  }

  /// At most seven round ticks whose ends enclose the values.
  static func axis(over values: [Double]) -> (low: Double, high: Double, step: Double) {
    let (least, most) = (values.min() ?? 0, values.max() ?? 100)
    var fit = (low: -100.0, high: 100.0, step: 50.0)
    for step in [1.0, 2, 5, 10, 20, 50].reversed() {
      let low = (least / step).rounded(.down) * step
      let high = max(low + step, (most / step).rounded(.up) * step)
      guard (high - low) / step <= 6 else { break }
      fit = (low, high, step)
    }
    return fit
  }

  /// Where a score stands, in percent of the axis.
  private func place(_ points: Double) -> String {
    NumberText.fixed((points - axis.low) / (axis.high - axis.low) * 100)
  }

  /// What the chart template asks for.
  var values: [String: Any] {
    let ticks = stride(from: axis.low, through: axis.high, by: axis.step).map { points in
      ["x": place(points), "label": String(Int(points))]
    }
    return [
      "caption": caption, "ticks": ticks,
      "rows": rows.map { row in
        [
          "name": row.name, "task": place(row.task * 100), "type": place(row.type * 100),
          "taskText": NumberText.score(row.task), "typeText": NumberText.score(row.type),
        ]
      },
    ]
  }
}
