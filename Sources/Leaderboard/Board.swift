// The board: a pool of models measured on one benchmark, ranked by Borda votes.

package import Core

/// Models ranked on a benchmark, computed from their result files alone.
///
/// Scores are fractions, 0...1 (correlations and p-MRR -1...1); nil means undefined, never 0.
package struct Board: Sendable {
  package let benchmark: String
  package let description: String
  package let pool: Pool
  /// Tasks that some model has a score for, in the order of the benchmark.
  package let tasks: [BoardTask]
  /// Types of these tasks, sorted.
  package let types: [TaskType]
  /// Tasks of the benchmark that nobody has a score for; they count for nothing.
  package let unscoredTasks: [String]
  /// The shown models, by rank, then name.
  package let models: [Standing]
  /// Models of the pool without a single complete task: not shown, yet they take part in ranks.
  package let hiddenModels: [Standing]
  package let languages: LanguageBoard
  /// The languages that tables by language have, in this order; empty for all.
  package let languageView: [Language]
  /// Names of the hidden models, sorted.
  package var hidden: [String] { hiddenModels.map(\.model) }
  /// Every model that holds a place, best first; of equal votes the first by name.
  package var everyone: [Standing] {
    (models + hiddenModels).sorted { (-$0.votes, $0.model) < (-$1.votes, $1.model) }
  }
  /// The ballots behind the votes, hidden models included.
  package let ballots: Ballots
  /// The cells behind everything.
  package let frame: Frame

  package struct BoardTask: Sendable, Equatable {
    package let name: String
    package let type: TaskType
    /// Scored (split, subset) cells that make an entry complete under the rules of the board.
    package let required: Int
  }

  /// What one model has on one task.
  package struct Entry: Sendable, Equatable {
    /// The plain mean over the scored cells, all of them or not: what votes are counted from.
    package let mean: Double?
    /// Distinct (split, subset) cells scored.
    package let cells: Int
    package let required: Int

    package var isMissing: Bool { mean == nil }
    package var isComplete: Bool { mean != nil && cells >= required }
    /// The mean where the entry is complete: what the means of the board are made of.
    package var completeMean: Double? { isComplete ? mean : nil }
  }

  /// Where a model's numbers come from.
  package struct Facts: Sendable, Equatable {
    package internal(set) var tasks = 0
    /// Those of its result files that name a date.
    package internal(set) var datedTasks = 0
    /// First and last date of its result files, seconds since 1970.
    package internal(set) var dates: ClosedRange<Double>?
    /// Versions of mteb whose rules the scores follow, sorted.
    package internal(set) var versions: [String] = []
  }

  /// A model with its place.
  package struct Standing: Sendable, Equatable {
    package let model: String
    package let revisions: [String]
    /// The place by votes, 1 the best; equal votes share the best place, hidden models hold places.
    package let rank: Int
    package let votes: Double
    /// The mean over all tasks; nil unless every task is complete.
    package let meanTask: Double?
    /// The unweighted mean of the type means; nil unless every task is complete.
    package let meanTaskType: Double?
    /// The means `[types]`; nil unless every task of the type is complete.
    package let types: [Double?]
    /// What the model has, `[tasks]`.
    package let entries: [Entry]
    package let facts: Facts

    package var completeTasks: Int { entries.count { $0.isComplete } }
  }

  /// Computes the board of models in any order, one result per (model, task).
  ///
  /// `hash` is a stable content hash in hexadecimal, of which eight digits name the pool.
  package init(
    pool scores: PoolScores, benchmark: Benchmark, rules: Rules = .current,
    hash: (String) -> String
  ) {
    let frame = Frame(pool: scores, benchmark: benchmark)
    self.init(frame: frame, benchmark: benchmark, rules: rules, hash: hash)
  }

  /// Computes the board of a frame of the benchmark.
  package init(
    frame: Frame, benchmark: Benchmark, rules: Rules = .current, hash: (String) -> String
  ) {
    let scored = frame.tasks.indices.filter { frame.seen[$0].required > 0 }
    let tasks = scored.map { place in
      BoardTask(
        name: frame.tasks[place].name, type: frame.tasks[place].type,
        required: rules.required(frame.seen[place]))
    }
    let types = Set(tasks.map(\.type)).sorted()
    let members = types.map { type in tasks.indices.filter { tasks[$0].type == type } }
    let entries = frame.models.map { model in
      zip(scored, tasks).map { place, task in
        Entry(
          mean: model.means[place].value, cells: model.means[place].cells, required: task.required)
      }
    }
    let isShown = entries.map { $0.contains(where: \.isComplete) }
    let ballots = Ballots(
      tasks: tasks, models: frame.models.map(\.name), n: isShown.count { $0 },
      scores: tasks.indices.map { task in entries.map { $0[task].mean } })
    let votes = ballots.votes
    let places = zip(votes, Ranks.minimum(votes))
    let standings = zip(zip(frame.models, entries), places).map { model, place in
      let (model, entries) = model
      let typeMeans = members.map { Self.mean($0.map { entries[$0].completeMean }) }
      return Standing(
        model: model.name, revisions: model.revisions, rank: place.1, votes: place.0,
        meanTask: Self.mean(entries.map(\.completeMean)), meanTaskType: Self.mean(typeMeans),
        types: typeMeans, entries: entries, facts: model.facts)
    }
    self.benchmark = benchmark.name
    description = benchmark.description
    pool = Pool(
      frame: frame, models: ballots.n, benchmark: benchmark.name, rules: rules, hash: hash)
    self.tasks = tasks
    self.types = types
    self.frame = frame
    self.ballots = ballots
    unscoredTasks = frame.tasks.indices.filter { frame.seen[$0].required == 0 }
      .map { frame.tasks[$0].name }
    models = zip(standings, isShown).filter(\.1).map(\.0)
      .sorted { ($0.rank, $0.model) < ($1.rank, $1.model) }
    hiddenModels = zip(standings, isShown).filter { !$0.1 }.map(\.0)
    languageView = benchmark.languageView
    languages = LanguageBoard(frame: frame, order: benchmark.languageView)
  }

  /// The mean when all are there, else nil: a mean that skips gaps is not comparable.
  private static func mean(_ scores: [Double?]) -> Double? {
    let present = scores.compactMap(\.self)
    return present.count == scores.count ? ExactSum.mean(of: present) : nil
  }
}

extension Board.Facts {
  mutating func add(_ result: TaskScores) {
    tasks += 1
    if let date = result.date, date.isFinite {
      datedTasks += 1
      dates = min(dates?.lowerBound ?? date, date)...max(dates?.upperBound ?? date, date)
    }
    if let version = result.mtebVersion, !versions.contains(version) {
      versions.append(version)
      versions.sort(by: Self.isEarlier)
    }
  }

  /// The first and last date and all versions of several models.
  static func union(_ facts: some Sequence<Self>) -> Self {
    facts.reduce(into: Self()) { all, one in
      all.tasks += one.tasks
      all.datedTasks += one.datedTasks
      if let dates = one.dates {
        all.dates =
          min(
            all.dates?.lowerBound ?? dates.lowerBound, dates.lowerBound)...max(
            all.dates?.upperBound ?? dates.upperBound, dates.upperBound)
      }
      for version in one.versions where !all.versions.contains(version) {
        all.versions.append(version)
      }
      all.versions.sort(by: isEarlier)
    }
  }

  /// `1.9.0` before `1.12.0`: number by number, then as text.
  private static func isEarlier(_ a: String, _ b: String) -> Bool {
    let (left, right) = (numbers(a), numbers(b))
    return left == right ? a < b : left.lexicographicallyPrecedes(right)
  }

  private static func numbers(_ version: String) -> [Int] {
    version.split { !$0.isASCII || !$0.isNumber }.map { Int($0) ?? .max }
  }
}
