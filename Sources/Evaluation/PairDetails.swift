// What became of every pair: similar texts, paraphrases, translations.

import Core
import Metrics
import Storage
import Tensors

extension STSEvaluator {
  /// Gold score and similarity of every pair, and how far apart they stand in their lists.
  func details(
    of problem: Problem, _ first: Embeddings, _ second: Embeddings, similarity: Similarity
  ) -> CellDetails {
    let main = task.mainScore.rawValue
    let prefix = STSScores.prefixes.last { main.hasPrefix($0) } ?? ""
    let similarities = STSScores.similarities(prefix, first, second, similarity: similarity)
    let values = similarities.map { Double($0) }
    let isDefined = values.allSatisfy(\.isFinite)
    let goldRanks = Correlation.averageRanks(problem.gold)
    let ranks = isDefined ? Correlation.averageRanks(values) : []
    let agreements =
      main.hasSuffix("pearson")
      ? Correlation.agreements(problem.gold, values)
      : isDefined ? Correlation.agreements(goldRanks, ranks) : nil
    let outcomes = problem.gold.indices.map { row in
      Outcome([
        ("row", .integer(row + 1)), ("text1", .excerpt(problem.first[row])),
        ("text2", .excerpt(problem.second[row])), ("gold", .number(problem.gold[row])),
        ("similarity", .float(similarities[row])), ("gold_rank", .number(goldRanks[row])),
        ("similarity_rank", .double(isDefined ? ranks[row] : nil)),
        ("rank_difference", .double(isDefined ? ranks[row] - goldRanks[row] : nil)),
        (main, .double(agreements?[row])),
      ])
    }
    let shape = OutcomeShape(
      item: "pair", name: "row", measures: [.init(main)],
      columns: [
        .init("gold", "Gold"), .init("similarity", "Similarity"),
        .init("rank_difference", "Ranks off"), .init("text1", "Text 1", isText: true),
        .init("text2", "Text 2", isText: true),
      ])
    return CellDetails(shape: shape, outcomes: outcomes)
  }
}

extension PairClassificationEvaluator {
  /// Similarity and label of every pair, and on which side of the best threshold it lies.
  ///
  /// The similarity is the one of the main score; for a maximum, the first that reaches it.
  func details(
    of problem: Problem, _ first: Embeddings, _ second: Embeddings, _ scores: Scores,
    similarity: Similarity
  ) -> CellDetails {
    let main = task.mainScore.rawValue
    let measure = main.split(separator: "_").last.map(String.init) ?? "ap"
    let name =
      PairClassificationScores.similarities.first { name in
        main.hasPrefix("max_")
          ? scores[Metric("\(name)_\(measure)")] == scores[task.mainScore]
          : main == "\(name)_\(measure)"
      } ?? "similarity"
    let values = PairClassificationScores.values(
      of: name, first, second, similarity: similarity)
    let found = Separation(values, labels: problem.labels)
    let threshold = measure == "accuracy" ? found.accuracyThreshold : found.f1Threshold
    let precisions =
      measure == "ap" ? Separation.precisions(values, labels: problem.labels) : []
    let outcomes = values.indices.map { row in
      let isMatch = problem.labels[row]
      let predicted = threshold.map { values[row] >= $0 }
      let margin = threshold.map { (values[row] - $0) * (isMatch ? 1 : -1) }
      var entries: [(String, JSON)] = [
        ("row", .integer(row + 1)), ("text1", .excerpt(problem.first[row])),
        ("text2", .excerpt(problem.second[row])), ("gold", .integer(isMatch ? 1 : 0)),
        ("predicted", .optional(predicted) { .integer($0 ? 1 : 0) }),
        ("by", .string(name)), ("similarity", .float(values[row])),
        ("threshold", .optional(threshold) { .float($0) }),
        ("margin", .optional(margin) { .float($0) }),
      ]
      if measure == "accuracy" {
        entries.append((main, .double(predicted.map { $0 == isMatch ? 1 : 0 } ?? 0)))
      } else if measure == "ap" {
        entries.append((main, .double(precisions[row])))
      }
      return Outcome(entries)
    }
    let isMean = ["ap", "accuracy"].contains(measure)
    let shape = OutcomeShape(
      item: "pair", name: "row",
      measures: [.init("margin", isShare: false)] + (isMean ? [.init(main)] : []),
      columns: [
        .init("gold", "Gold"), .init("predicted", "Predicted"), .init("similarity", "Similarity"),
        .init("text1", "Text 1", isText: true), .init("text2", "Text 2", isText: true),
      ])
    return CellDetails(shape: shape, outcomes: outcomes)
  }
}

extension BitextMiningEvaluator {
  /// What every sentence found and what it should have found; `hits` are its two best candidates.
  func details(
    of problem: Problem, _ hits: [[TopHits.Hit]], _ first: Embeddings,
    _ second: Embeddings, _ similarity: Similarity
  ) async throws(Failure) -> CellDetails {
    let chosen = hits.map { $0.first?.document ?? 0 }
    let shares = BitextScores.shares(chosen: chosen)
    let wanted = try await wantedScores(first, second, similarity)
    let main = task.mainScore.rawValue
    let outcomes = chosen.indices.map { row in
      let found = chosen[row]
      let best = hits[row].first
      // The rival of a right choice is the second best, that of a wrong one the choice.
      let rival = found == row ? hits[row].dropFirst().first : best
      let margin = rival.map { wanted[row] - $0.score }
      return Outcome([
        ("row", .integer(row + 1)), ("text", .excerpt(problem.first[row])),
        ("gold", .excerpt(problem.second[row])), ("found", .integer(found + 1)),
        ("found_text", .excerpt(problem.second[found])),
        ("gold_similarity", .float(wanted[row])),
        ("found_similarity", .optional(best) { .float($0.score) }),
        ("margin", .optional(margin) { .float($0) }), ("f1", .number(shares[row].f1)),
        ("precision", .number(shares[row].precision)),
        ("accuracy", .number(shares[row].accuracy)),
      ])
    }
    // Recall is accuracy under another name.
    let leading = main == "recall" ? "accuracy" : main
    let others = ["f1", "precision", "accuracy"].filter { $0 != leading }
    let shape = OutcomeShape(
      item: "sentence", name: "row",
      measures: [.init(leading), .init("margin", isShare: false)] + others.map { .init($0) },
      columns: [
        .init("margin", "Margin"), .init("found", "Found"), .init("text", "Text", isText: true),
        .init("gold", "Wanted", isText: true), .init("found_text", "Found text", isText: true),
      ])
    return CellDetails(shape: shape, outcomes: outcomes)
  }

  /// The similarity of every sentence and its translation, with the bits that the search gives it.
  private func wantedScores(
    _ first: Embeddings, _ second: Embeddings, _ similarity: Similarity
  ) async throws(Failure) -> [Float] {
    let names = (0..<first.count).map(String.init)
    var search = try CandidateSearch(
      queries: first, candidates: CandidateLists(names.map { [$0] }), similarity: similarity,
      keep: 1)
    await search.add(second, ids: names)
    return search.ranked().map { $0.first?.score ?? .nan }
  }
}
