// What the public leaderboard shows for all-MiniLM-L6-v2 on the data of ../shared/data.

import Core
import Foundation
import TestSupport
import Testing

/// Published main scores by split and subset; the data's README says by which version of mteb.
func publishedScores(of task: String) throws -> [String: Double] {
  let text = try String(
    contentsOf: Shared.url("golden/published_comparison.csv"), encoding: .utf8)
  var scores: [String: Double] = [:]
  for line in text.split(separator: "\n") {
    let fields = line.split(separator: ",")
    if fields[1] == task { scores["\(fields[2])/\(fields[3])"] = Double(fields[5]) }
  }
  return scores
}

/// Holds the main scores of a run to the published ones, subset by subset.
func expectPublished(_ result: TaskResult, within tolerance: Double) throws {
  let published = try publishedScores(of: result.taskName)
  var found: [String: Double] = [:]
  for split in result.splits {
    for row in split.rows { found["\(split.name)/\(row.subset)"] = row.mainScore }
  }
  #expect(!published.isEmpty && Set(published.keys) == Set(found.keys), "\(result.taskName)")
  for (place, score) in published {
    let difference = abs((found[place] ?? .infinity) - score)
    #expect(difference < tolerance, "\(result.taskName) \(place): \(difference)")
  }
}
