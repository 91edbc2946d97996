// The per-language side of a board: means by language, and votes with languages as the ballots.

import Core

/// Mean scores by language.
///
/// The mean of a (model, language) is over every scored cell of every task that lists the language,
/// incomplete tasks included; a cell that lists it twice counts twice. It weighs cells, not tasks.
package struct LanguageBoard: Sendable, Equatable {
  /// The languages shown, `eng-Latn`, in the order of the benchmark's view, sorted without one.
  package let languages: [String]
  /// Scores behind each language, all models together, `[languages]`.
  package let cells: [Int]
  /// Models with a score for one of these languages, by rank, then name.
  package let models: [Standing]

  package struct Standing: Sendable, Equatable {
    package let model: String
    /// The place by votes, 1 the best; equal votes share the best place.
    package let rank: Int
    /// Borda votes with the languages as ballots, against all models of this table.
    package let votes: Double
    /// Mean scores, `[languages]`.
    package let scores: [Double?]
  }

  init(frame: Frame, view: [Language]) {
    let index = Dictionary(uniqueKeysWithValues: frame.languages.enumerated().map { ($1, $0) })
    let shown =
      view.isEmpty
      ? frame.languages.indices.sorted { frame.languages[$0] < frame.languages[$1] }
      : view.compactMap { index[$0.description] }
    let pool = zip(frame.models, frame.languageMeans()).filter { _, means in
      shown.contains { means[$0].mean != nil }
    }
    let votes = Ranks.votes(
      ballots: shown.map { language in pool.map { $1[language].mean } },
      candidates: pool.count, n: pool.count)
    languages = shown.map { frame.languages[$0] }
    cells = shown.map { language in pool.reduce(0) { $0 + $1.1[language].cells } }
    models = zip(pool, zip(votes, Ranks.minimum(votes)))
      .map { model, place in
        Standing(
          model: model.0.name, rank: place.1, votes: place.0, scores: shown.map { model.1[$0].mean }
        )
      }
      .sorted { ($0.rank, $0.model) < ($1.rank, $1.model) }
  }
}
