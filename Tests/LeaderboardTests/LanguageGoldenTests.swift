// Means by task and by script of thirty real models, against a second computation.

import Core
import Testing

@testable import Leaderboard

/// Numbers by pandas 3, November 2026: cells of `golden-30.cells.parquet` with the languages that the
/// files of `results-30` list for them, each language or script once per cell, grouped by model,
/// group and, by task, task.
@Suite(.enabled(if: Golden.isThere, "needs ../shared/leaderboard and tar"))
struct LanguageGoldenTests {
  private static let instruct = "intfloat/multilingual-e5-large-instruct"
  private static let nemotron = "nvidia/llama-embed-nemotron-8b"
  private static let mini = "sentence-transformers/all-MiniLM-L6-v2"

  private static let scores: [(String, LanguageGrouping, LanguageWeight, String, Double)] = [
    (instruct, .language, .task, "eng-Latn", 0.6569398138111026),
    (instruct, .language, .task, "dan-Latn", 0.675080546604128),
    (instruct, .language, .task, "acm-Arab", 0.7311496009572559),
    (nemotron, .language, .task, "eng-Latn", 0.7207184688824305),
    (nemotron, .language, .task, "arz-Arab", 0.7957748888888889),
    (mini, .language, .task, "eng-Latn", 0.4629406334605353),
    (mini, .language, .task, "acm-Arab", 0.02259596036735722),
    (instruct, .script, .cell, "Latn", 0.6089702732949903),
    (instruct, .script, .cell, "Deva", 0.8513256916124687),
    (nemotron, .script, .cell, "Latn", 0.6069087487889273),
    (mini, .script, .cell, "Deva", 0.035663516650952645),
    (instruct, .script, .task, "Latn", 0.6161568375381107),
    (nemotron, .script, .task, "Deva", 0.826805895567519),
    (mini, .script, .task, "Latn", 0.4257669723237379),
  ]

  @Test func `means by task and by script, votes and coverage are those of pandas`() throws {
    let board = try Golden("golden-30").board(allLanguages: true)
    for weight in LanguageWeight.allCases {
      for grouping in [LanguageGrouping.language, .script] {
        let languages = board.languageBoard(by: grouping, LanguageView(weight: weight))
        for (model, by, weighed, key, wanted) in Self.scores
        where by == grouping && weighed == weight {
          let place = try #require(languages.languages.firstIndex(of: key))
          let score = languages.models.first { $0.model == model }?.scores[place]
          #expect(abs((score ?? -1) - wanted) < 1e-12, "\(model) \(key) by \(weight)")
        }
      }
    }
    let byTask = board.languageBoard(by: .language, LanguageView(weight: .task))
    #expect(byTask.models.prefix(3).map(\.votes) == [29437.5, 28177, 27354])
    let scripts = board.languageBoard(by: .script)
    #expect(scripts.models.prefix(3).map(\.votes) == [1036, 991, 980])
    #expect(scripts.models.first?.model == "google/gemini-embedding-001")
    let behind = Dictionary(
      uniqueKeysWithValues: (byTask.groups + scripts.groups).map { ($0.key, $0.all) })
    #expect(behind["eng-Latn"] == .init(tasks: 66, cells: 2556))
    #expect(behind["acm-Arab"] == .init(tasks: 2, cells: 4))
    #expect(behind["Arab"] == .init(tasks: 21, cells: 481))
    #expect(scripts.groups.count == 37)
  }
}
