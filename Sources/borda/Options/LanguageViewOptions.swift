// How tables by language, script, family and resource class are made.

import ArgumentParser
import Catalogue
import Core
import Foundation
import Leaderboard

struct LanguageViewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "By language, script, family or resource: what counts alike in a mean, cell or task "
        + "(default: cell).",
      valueName: "what"))
  var weigh: LanguageWeight?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "By language, script, family or resource: only these, as codes (deu, deu-Latn, Latn) or names "
        + "(German, Uralic, Cyrillic).",
      valueName: "names"))
  var languages: [String] = []

  @Flag(
    name: .customLong("all"),
    help: ArgumentHelp(
      "By language, script, family or resource: show every row and model in tables; csv and json "
        + "always have all."))
  var showsAll = false

  /// Refuses these options where a view is not about languages.
  func check(_ view: BoardView) throws(Failure) {
    guard view.grouping == nil else { return }
    let used = [
      (weigh != nil, "--weigh"), (!languages.isEmpty, "--languages"), (showsAll, "--all"),
    ]
    guard let option = used.first(where: \.0)?.1 else { return }
    let views = LanguageGrouping.allCases.map(\.rawValue).joined(separator: ", ")
    throw Failure(
      .usage, option, "says nothing to a table by \(view.rawValue)",
      hint: "add --by with one of \(views), or leave \(option) out")
  }

  /// What was asked for, with the facts of languages.
  ///
  /// - Throws: `.usage` for a language that no score is in; what is wrong with the facts.
  func view(
    of board: Board, by view: BoardView, _ catalogue: CatalogueOptions
  ) throws(Failure) -> LanguageView {
    guard view.grouping != nil else { return LanguageView() }
    let facts = try catalogue.languageFacts()
    guard facts != nil || view == .language || view == .script else {
      throw Failure(
        .missing, "languages.tsv", "no catalogue says what is known of languages",
        hint: "copy Tasks/languages.tsv and Tasks/scripts.tsv of borda to the catalogue")
    }
    let languages = LanguageView(
      facts: facts ?? LanguageFacts(), weight: weigh ?? .cell,
      chosen: self.languages.flatMap(Self.names), showsAll: showsAll)
    try board.check(languages)
    return languages
  }

  /// Commas separate; names keep their blanks, as in `"Nuclear Trans New Guinea"`.
  private static func names(_ value: String) -> [String] {
    value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }
}

extension LanguageWeight: ExpressibleByArgument {}

extension CatalogueOptions {
  /// The facts of languages of the catalogue or, where it has none, of the one that came with borda;
  /// nil where neither has any.
  func languageFacts() throws(Failure) -> LanguageFacts? {
    if let facts = try Catalogue.languageFacts(below: try root()) { return facts }
    guard let own = try? Catalogue.folder(ofExecutable: Self.program) else { return nil }
    return try Catalogue.languageFacts(below: own)
  }
}
