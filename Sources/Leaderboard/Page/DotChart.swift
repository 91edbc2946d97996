// The picture of the means: a dot for each model's two means on one scale.

/// A horizontal dot plot, a row per model that has both means.
struct DotChart: Sendable {
  /// In the order of the ranking; scores are fractions.
  let rows: [(model: String, name: String, task: Double, type: Double)]
  let axis: Axis

  /// nil without a model that has means.
  init?(_ board: Board, limit: Int) {
    let names = board.names
    rows = board.models.prefix(limit).compactMap { model in
      guard let task = model.meanTask, let type = model.meanTaskType else { return nil }
      return (model.model, names[model.model] ?? model.model, task, type)
    }
    guard !rows.isEmpty else { return nil }
    axis = Axis(over: rows.flatMap { [$0.task * 100, $0.type * 100] })
  }

  /// Where a score stands, in percent of the axis.
  private func place(_ points: Double) -> String { NumberText.fixed(axis.share(points) * 100) }

  func html(_ links: PageLinks) -> HTML {
    let labels = axis.ticks.map { points in
      "<text x=\"\(place(points))%\" y=\"12\">\(Int(points))</text>" as HTML
    }.joined()
    let lines = axis.ticks.map { points in
      let x = place(points)
      return "<line class=\"tick\" x1=\"\(x)%\" x2=\"\(x)%\" y1=\"0\" y2=\"22\"/>" as HTML
    }.joined()
    let rows = rows.map { row in
      let (task, type) = (place(row.task * 100), place(row.type * 100))
      return """
        <tr><th scope="row">\(PageLinks.anchor(links.model(row.model), "\(row.name)"))</th>\
        <td><svg height="22" aria-hidden="true">\(lines)\
        <line class="span" x1="\(type)%" x2="\(task)%" y1="11" y2="11"/>\
        <circle class="type" cx="\(type)%" cy="11" r="4"/>\
        <circle class="task" cx="\(task)%" cy="11" r="5"/></svg></td>\
        <td class="n">\(NumberText.score(row.task))</td>\
        <td class="n">\(NumberText.score(row.type))</td></tr>

        """ as HTML
    }.joined()
    return """
      <table class="chart">
      <caption>Mean (Task) and Mean (TaskType) by model</caption>
      <thead><tr><th scope="col">Model</th>\
      <th scope="col"><svg height="16" aria-hidden="true">\(labels)</svg></th>\
      <th scope="col" class="n">\(Self.dot("task", radius: 5)) Task</th>\
      <th scope="col" class="n">\(Self.dot("type", radius: 4)) Type</th></tr></thead>
      <tbody>
      \(rows)</tbody>
      </table>

      """
  }

  private static func dot(_ kind: String, radius: Int) -> HTML {
    """
    <svg width="11" height="11" aria-hidden="true">\
    <circle class="\(kind)" cx="5.5" cy="5.5" r="\(radius)"/></svg>
    """
  }
}
