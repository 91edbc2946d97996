// What a task is: a named data set with one recipe of evaluation. Read from YAML by Catalogue.

package import struct Foundation.URL

/// The kind of evaluation a task asks for; an open set, its constants stand beside the evaluators.
package struct TaskType: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
  package var description: String { rawValue }
  package static func < (a: TaskType, b: TaskType) -> Bool { a.rawValue < b.rawValue }
}

/// The name of a score, such as `ndcg_at_10`; spelled as mteb spells it.
package struct Metric:
  RawRepresentable, Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral
{
  package let rawValue: String
  package init(rawValue: String) { self.rawValue = rawValue }
  package init(_ name: String) { rawValue = name }
  package init(stringLiteral name: String) { rawValue = name }
  package var description: String { rawValue }
}

/// A named slice of a task, usually a language or a language pair; `default` where there is one.
package struct Subset: Hashable, Sendable {
  package let name: String
  package let languages: [Language]

  package init(name: String, languages: [Language]) {
    self.name = name
    self.languages = languages
  }
}

/// Where a task's data come from.
package enum DataSource: Hashable, Sendable {
  /// A folder or file; `sha256` is checked when declared (`Storage.ContentHash` says of what).
  case path(URL, sha256: String?)
  /// A data set repository on a hub, at a fixed revision.
  case hub(repository: String, revision: String)
}

/// A task: a data set, the type of its evaluation, its subsets and splits.
package struct TaskDefinition: Sendable, Hashable {
  package var name: String
  package var type: TaskType
  package var description: String
  package var subsets: [Subset]
  package var splits: [String]
  package var mainScore: Metric
  /// Lowest and highest gold score (STS).
  package var scoreRange: ClosedRange<Double>?
  /// Bitext: one file with a column per language; a subset `a-b` pairs column a with column b.
  package var isParallel: Bool
  /// Retrieval: a document whose id equals the query's id is removed from its ranking.
  package var ignoresIdenticalIds: Bool
  /// Reranking: queries whose ids agree up to the last `_` are also scored as one.
  package var mergesSubqueries: Bool
  /// Summarization: the mean goes over correlations and their p-values, an old mistake kept.
  package var averagesPValues: Bool
  /// Classification: how many training rows of each label an experiment draws; nil for 8.
  package var samplesPerLabel: Int?
  /// Classification and clustering: how many experiments are averaged; nil for 10.
  package var experiments: Int?
  /// Multilabel classification: rows of a longer evaluated split are left out; nil for 3000 rows.
  package var evaluationCap: EvaluationCap?
  /// Clustering: how documents are drawn and labels read.
  package var clustering: ClusteringSettings
  /// What instruction-tuned models are told of the task; nil for what fits its type.
  package var prompt: TaskPrompt?
  /// Standard column name -> name in the data, where they differ.
  package var columns: [String: String]
  /// What is done to the data before they are what the task means, in this order.
  package var transforms: [Transform]
  /// How many rows or texts there are; only to tell people beforehand.
  package var sizes: [SplitSize]
  package var domains: [String]
  package var licence: String?
  /// A later task that people should use instead.
  package var supersededBy: String?
  /// Why its data cannot be loaded; its results can be ranked all the same.
  package var unsupported: String?
  package var data: DataSource
  /// The YAML file it was read from.
  package var file: URL

  package init(
    name: String, type: TaskType, description: String = "", subsets: [Subset],
    splits: [String], mainScore: Metric, scoreRange: ClosedRange<Double>? = nil,
    isParallel: Bool = false, ignoresIdenticalIds: Bool = false,
    mergesSubqueries: Bool = false, averagesPValues: Bool = false,
    samplesPerLabel: Int? = nil, experiments: Int? = nil, evaluationCap: EvaluationCap? = nil,
    clustering: ClusteringSettings = ClusteringSettings(), prompt: TaskPrompt? = nil,
    columns: [String: String] = [:], transforms: [Transform] = [], sizes: [SplitSize] = [],
    domains: [String] = [], licence: String? = nil, supersededBy: String? = nil,
    unsupported: String? = nil, data: DataSource, file: URL
  ) {
    self.name = name
    self.type = type
    self.description = description
    self.subsets = subsets
    self.splits = splits
    self.mainScore = mainScore
    self.scoreRange = scoreRange
    self.isParallel = isParallel
    self.ignoresIdenticalIds = ignoresIdenticalIds
    self.mergesSubqueries = mergesSubqueries
    self.averagesPValues = averagesPValues
    self.samplesPerLabel = samplesPerLabel
    self.experiments = experiments
    self.evaluationCap = evaluationCap
    self.clustering = clustering
    self.prompt = prompt
    self.columns = columns
    self.transforms = transforms
    self.sizes = sizes
    self.domains = domains
    self.licence = licence
    self.supersededBy = supersededBy
    self.unsupported = unsupported
    self.data = data
    self.file = file
  }

  /// Every language of every subset, each once, in order of first appearance.
  package var languages: [Language] {
    var seen: Set<Language> = []
    return subsets.flatMap(\.languages).filter { seen.insert($0).inserted }
  }

  /// The revision that result files carry: the hub's, or the declared hash of local data.
  package var dataRevision: String {
    switch data {
    case .hub(_, let revision): revision
    case .path(_, let sha256): sha256 ?? "local"
    }
  }
}

/// How large a split is, all subsets together.
package struct SplitSize: Sendable, Hashable {
  package let split: String
  /// Rows; in the retrieval family queries and documents together.
  package let count: Int
  /// How many of them are queries, where that is known.
  package let queries: Int?

  package init(split: String, count: Int, queries: Int? = nil) {
    self.split = split
    self.count = count
    self.queries = queries
  }
}

extension TaskDefinition {
  /// Rows of the evaluated splits; nil where the task file does not say it of all of them.
  package var size: Int? {
    let counts = splits.compactMap { split in sizes.first { $0.split == split }?.count }
    return counts.count == splits.count ? counts.reduce(0, +) : nil
  }
}

/// How many rows of an evaluated split count.
package enum EvaluationCap: Sendable, Hashable, CustomStringConvertible {
  case rows(Int)
  case unlimited

  package var description: String {
    switch self {
    case .rows(let count): "\(count)"
    case .unlimited: "none"
    }
  }
}

/// A benchmark: an ordered list of tasks, some perhaps narrowed to subsets or splits.
package struct Benchmark: Sendable, Hashable {
  package var name: String
  package var description: String
  package var tasks: [TaskDefinition]
  /// Languages the per-language table shows; empty for all.
  package var languageView: [Language]

  package init(
    name: String, description: String = "", tasks: [TaskDefinition], languageView: [Language] = []
  ) {
    self.name = name
    self.description = description
    self.tasks = tasks
    self.languageView = languageView
  }
}
