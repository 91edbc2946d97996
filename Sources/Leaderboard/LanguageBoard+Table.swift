// The language table: languages by models, the longer list going down, shaded by score.

extension Board {
  /// Languages by models, at most `limit` languages (those with the most scored cells) and
  /// `modelLimit` models (those ranked first).
  package func languageTable(limit: Int? = nil, modelLimit: Int? = nil) -> TableView {
    let shown = languages.mostScored(limit)
    let models = Array(languages.models.prefix(modelLimit ?? languages.models.count))
    let scale = languages.scale(limit: limit, modelLimit: modelLimit)
    var table =
      shown.count >= models.count
      ? languagesDown(shown, models, scale) : modelsDown(shown, models, scale)
    table.title = "\(benchmark), scores by language"
    if shown.count < languages.languages.count {
      table.footnotes.append(
        "The \(shown.count) of \(NumberText.count(languages.languages.count, "language")) "
          + "with the most scored cells; ranks and votes count all of them.")
    }
    if models.count < languages.models.count {
      table.footnotes.append("The first \(models.count) of \(languages.models.count) models.")
    }
    table.footnotes += [Self.languageNote, languageVotesNote]
    return table
  }

  private func languagesDown(
    _ shown: [Int], _ models: [LanguageBoard.Standing], _ scale: ShadeScale
  ) -> TableView {
    let names = names
    let standing = TableView.Group(rows: [
      [.text("Rank")] + models.map { .integer($0.rank) },
      [.text("Votes")] + models.map { .votes($0.votes) },
    ])
    let scores = TableView.Group(
      rows: shown.map { place in
        [.text(languages.languages[place])] + models.map { scale.cell($0.scores[place]) }
      })
    return TableView(
      title: "",
      columns: [.init("language", "Language", .text)]
        + models.map { .init($0.model, names[$0.model] ?? $0.model, .score) },
      groups: [standing, scores])
  }

  private func modelsDown(
    _ shown: [Int], _ models: [LanguageBoard.Standing], _ scale: ShadeScale
  ) -> TableView {
    let names = names
    let rows: [[TableView.Cell]] = models.map { model in
      [.integer(model.rank), .text(names[model.model] ?? model.model), .votes(model.votes)]
        + shown.map { scale.cell(model.scores[$0]) }
    }
    return TableView(
      title: "",
      columns: [
        .init("rank", "Rank", .rank), .init("model", "Model", .text),
        .init("votes", "Votes", .votes),
      ] + shown.map { .init(languages.languages[$0], languages.languages[$0], .score) },
      rows: rows)
  }
}

extension LanguageBoard {
  /// Places of the languages to show, in their order: all, or those with the most cells.
  func mostScored(_ limit: Int?) -> [Int] {
    guard let limit, languages.count > limit else { return Array(languages.indices) }
    let ranked = languages.indices.sorted { (-cells[$0], $0) < (-cells[$1], $1) }
    return ranked.prefix(limit).sorted()
  }
}

extension LanguageBoard {
  /// The colour scale of the table with these limits.
  func scale(limit: Int?, modelLimit: Int?) -> ShadeScale {
    let shown = mostScored(limit)
    return ShadeScale(
      models.prefix(modelLimit ?? models.count).flatMap { model in shown.map { model.scores[$0] } })
  }
}

/// Ten steps of colour, each holding a tenth of the scores shown: languages differ by tens of points
/// and good models by one, so that steps of equal width would leave most of a table in one colour.
struct ShadeScale {
  static let steps = 10
  private let sorted: [Double]

  init(_ scores: [Double?]) { sorted = scores.compactMap(\.self).sorted() }

  var lowest: Double { sorted.first ?? 0 }
  var highest: Double { sorted.last ?? 0 }
  /// The score in the middle: half of the others are not above it.
  var middle: Double { sorted.isEmpty ? 0 : sorted[sorted.count / 2] }

  func cell(_ score: Double?) -> TableView.Cell {
    var cell = TableView.Cell.score(score)
    cell.shade = score.map(step)
    return cell
  }

  /// 0...9 by the share of scores that are lower; equal scores have equal steps.
  func step(_ score: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < score { low = middle + 1 } else { high = middle }
    }
    return sorted.isEmpty ? 0 : min(Self.steps - 1, low * Self.steps / sorted.count)
  }
}
