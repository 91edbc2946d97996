// How sure the ranks of a board are: votes and ranks with intervals, and groups of models that
// cannot be told apart.

import Core

extension Board {
  /// The ranking with the intervals of votes and ranks, computed for the shown models.
  package func intervalReport(_ intervals: RankIntervals, level: Double) -> Report {
    Report(
      tables: [intervalTable(intervals, level: level)], records: intervalRecords(intervals),
      json: intervalJSON(intervals, level: level))
  }

  /// A row per model: rank, votes, their intervals, the group.
  package func intervalTable(_ intervals: RankIntervals, level: Double) -> TableView {
    let percent = NumberText.percent(level)
    return TableView(
      title: "\(benchmark): \(NumberText.count(models.count, "model")), "
        + "\(NumberText.count(tasks.count, "task")), ranks with intervals",
      columns: [
        .init("rank", "Rank", .rank), .init("model", "Model", .text),
        .init("votes", "Votes", .votes), .init("votes_interval", "\(percent) interval", .count),
        .init("ranks", "Ranks", .count), .init("group", "Group", .rank),
      ],
      rows: standings(of: intervals).map { model, votes, ranks, group in
        [
          .integer(model.rank), .text(model.model), .votes(model.votes, mark: model.mark),
          .text(
            "\(NumberText.votes(votes.low.rounded())) to \(NumberText.votes(votes.high.rounded()))"),
          .text(RankIntervals.text(ranks)),
          .integer(group),
        ]
      },
      footnotes: [
        "Intervals are over the choice of tasks. Ranks: those that models beyond noise above and "
          + "below leave, all comparisons of a model together. Group: a model and the next ones, as "
          + "far as none is beyond noise below it; docs/uncertainty.md.",
        votesNote,
      ] + [partialRankNote].compactMap(\.self))
  }

  private func standings(
    of intervals: RankIntervals
  ) -> [(model: Standing, votes: Interval, ranks: ClosedRange<Int>, group: Int)] {
    let places = Dictionary(
      intervals.models.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    return models.compactMap { model in
      places[model.model].map {
        (model, intervals.votes[$0], intervals.ranks[$0], intervals.groups[$0])
      }
    }
  }

  private func intervalRecords(_ intervals: RankIntervals) -> TableView {
    let keys = ["votes", "votes_low", "votes_high"]
    let counts = ["rank_low", "rank_high", "group", "pool_models"]
    return TableView(
      title: "",
      columns: [.init("rank", "", .rank), .init("model", "", .text)]
        + keys.map { .init($0, "", .votes) } + counts.map { .init($0, "", .count) }
        + [.init("pool", "", .text), .init("partial", "", .text)],
      rows: standings(of: intervals).map { model, votes, ranks, group in
        [
          .integer(model.rank), .text(model.model), .votes(model.votes), .votes(votes.low),
          .votes(votes.high), .integer(ranks.lowerBound), .integer(ranks.upperBound),
          .integer(group), .integer(pool.models), .text(pool.hash),
          .flag(model.isPartial),
        ]
      })
  }

  private func intervalJSON(_ intervals: RankIntervals, level: Double) -> JSON {
    .object([
      ("schema", .integer(Self.schema)), ("benchmark", .string(benchmark)),
      ("partial", .bool(isPartial)), ("pool", pool.json),
      ("level", .number(level)),
      (
        "models",
        .array(
          standings(of: intervals).map { model, votes, ranks, group in
            .object([
              ("model", .string(model.model)), ("rank", .integer(model.rank)),
              ("votes", .number(model.votes)),
              ("votes_interval", .numbers([votes.low, votes.high])),
              (
                "rank_interval",
                .array([.integer(ranks.lowerBound), .integer(ranks.upperBound)])
              ),
              ("group", .integer(group)), ("partial", .bool(model.isPartial)),
            ])
          })
      ),
    ])
  }
}
