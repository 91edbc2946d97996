// The per-language side of a board: means by groups of languages, and votes with them as ballots.

package import Core

/// Mean scores by language, or by script, family or resource class.
///
/// The mean of a (model, group) is recomputed from the cells of the group, incomplete tasks included:
/// those that list one of its languages, so that a pair counts for both. By single languages and
/// weighed by cell, a cell that lists a language twice counts twice; else it counts once.
package struct LanguageBoard: Sendable, Equatable {
  package let grouping: LanguageGrouping
  package let weight: LanguageWeight
  /// What the choice of languages was, as it was asked for; empty for all.
  package let chosen: [String]
  /// The groups shown: languages in the order of the benchmark's view, else all, sorted.
  package let groups: [Group]
  /// Models with a score for one of these groups, by rank, then name.
  package let models: [Standing]

  package struct Group: Sendable, Equatable {
    /// `eng-Latn`, `Latn`, `Indo-European`, `5`; `unknown` for what has no such fact.
    package let key: String
    /// The English name of a language or script, where it is known.
    package let name: String?
    /// Languages with their scripts.
    package let languages: Int
    /// What there is in results of all models together.
    package let all: Coverage

    /// As people read it, `deu-Latn German`.
    package var title: String { name.map { "\(key) \($0)" } ?? key }
  }

  /// How much lies behind a mean.
  package struct Coverage: Sendable, Equatable {
    package let tasks: Int
    /// Scored (task, split, subset).
    package let cells: Int
  }

  package struct Standing: Sendable, Equatable {
    package let model: String
    /// The place by votes, 1 the best; equal votes share the best place.
    package let rank: Int
    /// Borda votes with the groups as ballots, against all models of this table.
    package let votes: Double
    /// Mean scores, `[groups]`.
    package let scores: [Double?]
    /// What the model has, `[groups]`.
    package let coverage: [Coverage]
  }

  /// Keys of the groups.
  package var languages: [String] { groups.map(\.key) }
  /// Cells behind each group, `[groups]`.
  package var cells: [Int] { groups.map(\.all.cells) }

  /// Whether a model has all there is of a group.
  func isComplete(_ model: Standing, _ group: Int) -> Bool {
    model.coverage[group] == groups[group].all
  }

  /// Groups that a model has all of.
  func completeGroups(_ model: Standing) -> Int {
    groups.indices.count { isComplete(model, $0) }
  }

  /// The board of a frame; `order` as a benchmark's view of languages has it.
  init(
    frame: Frame, by grouping: LanguageGrouping = .language, view: LanguageView = LanguageView(),
    order: [Language]
  ) {
    let sorted = LanguageGroups(
      languages: frame.languages, by: grouping, view: view, order: order)
    let tally = LanguageTally(
      frame: frame, groups: sorted, weight: view.weight, countsRepeats: grouping == .language)
    let pool = frame.models.map { (model: $0, means: tally.means(of: $0)) }
      .filter { $0.means.contains { $0 != nil } }
    let votes = Ranks.votes(
      ballots: sorted.keys.indices.map { group in pool.map { $0.means[group] } },
      candidates: pool.count, n: pool.count)
    self.grouping = grouping
    weight = view.weight
    chosen = view.chosen
    let all = tally.all
    groups = sorted.keys.indices.map { group in
      Group(
        key: sorted.keys[group], name: sorted.names[group], languages: sorted.languages[group],
        all: all[group])
    }
    models = zip(pool, zip(votes, Ranks.minimum(votes)))
      .map { one, place in
        Standing(
          model: one.model.name, rank: place.1, votes: place.0, scores: one.means,
          coverage: tally.coverage(of: one.model))
      }
      .sorted { ($0.rank, $0.model) < ($1.rank, $1.model) }
  }
}

extension Board {
  /// Means and votes by groups of languages.
  package func languageBoard(
    by grouping: LanguageGrouping, _ view: LanguageView = LanguageView()
  ) -> LanguageBoard {
    LanguageBoard(frame: frame, by: grouping, view: view, order: languageView)
  }

  /// Makes sure that every word of a choice of languages selects one that has a score.
  ///
  /// - Throws: `.usage` with the nearest codes and names.
  package func check(_ view: LanguageView) throws(Failure) {
    for word in view.chosen where !frame.languages.contains(where: { view.selects(word, $0) }) {
      var names = Set(frame.languages)
      for language in frame.languages.compactMap({ Language($0) }) {
        let entry = view.facts[language]
        let script = language.script.flatMap { view.facts.scripts[$0] }
        names.formUnion([entry?.name, entry?.family, script].compactMap(\.self))
      }
      throw Failure(
        .usage, word, "no score is in such a language, script or family",
        hint: Suggest.hint(
          for: word, among: names,
          otherwise: "write codes such as deu, deu-Latn or Latn, or names such as Uralic"))
    }
  }
}
