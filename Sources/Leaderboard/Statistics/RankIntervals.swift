// How far votes and ranks can be trusted: which places a model could have had on other tasks.

/// Intervals of votes and ranks over the choice of tasks, and groups that cannot be told apart.
///
/// Tasks are drawn with replacement from the whole list; the pool of models stays as it is.
/// A model's rank lies between 1 + the models significantly above it and the number of all models
/// less those significantly below, after Mogstad, Romano, Shaikh and Wilhelm (2024): one family of
/// comparisons for each model, held to the level together by the largest studentised deviation and
/// Romano and Wolf's step-down (2005). Counting ranks anew in every draw would promise too much
/// where models are close; docs/uncertainty.md has the figures.
package struct RankIntervals: Sendable {
  /// The shown models by votes, the most first, then by name.
  package let models: [String]
  /// Of the votes, `[models]`, within what ballots can give: the interval of the mean of a model's
  /// points (`Bootstrap.mean`) times the number of tasks; all that is possible for one task.
  package let votes: [Interval]
  /// Of the rank, `[models]`, hidden models included; holds the rank that the votes give.
  package let ranks: [ClosedRange<Int>]
  /// Numbers of groups, `[models]`, from 1 down the list: a group is its first model, which leads it,
  /// and those after it down to the first with significantly fewer votes than the leader.
  package let groups: [Int]

  /// Compares the shown models of a pool with all of it.
  ///
  /// No two models are told apart on fewer tasks than a test of signs needs: 2 to the power of
  /// 1 - tasks must not exceed 1 - level (6 tasks at 95 %). Models whose points always differ by the
  /// same, other than 0, are told apart where that chance, times the number of comparisons, does not.
  /// On up to ten tasks, two models told apart must also pass the sign-flip test by themselves.
  ///
  /// - Parameters:
  ///   - ballots: the points of all models.
  ///   - shown: names of models among those of the ballots.
  ///   - resampling: draws, seed and level.
  package init(_ ballots: Ballots, shown: [String], _ resampling: Resampling = .init()) {
    self.init(VoteDraws(ballots, resampling), of: ballots.models, shown: shown)
  }

  /// The same where what a model lacks is unknown; all models are shown.
  init(_ ballots: CompletedBallots, _ resampling: Resampling) {
    self.init(VoteDraws(ballots, resampling), of: ballots.models, shown: ballots.models)
  }

  private init(_ draws: VoteDraws, of all: [String], shown: [String]) {
    let names = Set(shown)
    let places = draws.order.indices.filter { names.contains(all[draws.order[$0]]) }
    precondition(places.count == names.count, "a model that is not on the ballots")
    let standings = draws.standings(of: places)
    models = places.map { all[draws.order[$0]] }
    votes = places.map { draws.interval(of: $0) }
    ranks = standings.map(\.ranks)
    var groups: [Int] = []
    var leader = 0
    for (i, place) in places.enumerated() {
      let isNew = i == 0 || standings[leader].below.contains(place)
      if isNew { leader = i }
      groups.append((groups.last ?? 0) + (isNew ? 1 : 0))
    }
    self.groups = groups
  }
}
