// Registries against folders: what is written is registered, what is registered is written.

import Catalogue
import Encoders
import Evaluation
import Foundation
import Leaderboard
import TestSupport
import Testing

private func names(in folder: String, endingWith ending: String) throws -> [String] {
  let files = try FileManager.default.contentsOfDirectory(
    atPath: Repository.root.appending(path: "Sources/\(folder)").path(percentEncoded: false))
  return files.filter { $0.hasSuffix("\(ending).swift") && $0 != "\(ending).swift" }
    .map { String($0.dropLast(".swift".count)) }.sorted()
}

@Suite struct `Where continuous integration runs` {
  @Test func `nothing that tests need is absent`() {
    guard ProcessInfo.processInfo.environment["BORDA_REQUIRE_SHARED"] != nil else { return }
    #expect(Shared.isPresent, Shared.reason)
    #expect(MiniLM.isPresent, MiniLM.reason)
    #expect(SmolLM2.isPresent, SmolLM2.reason)
    #expect(exists(Repository.root.appending(path: ".demo/bin/duckdb")))
    #expect(Browser.isPresent, Browser.reason)
  }
}

@Suite struct `Registries` {
  @Test func `every evaluator file is registered`() throws {
    let registered = Evaluators.all.map(\.name).sorted()
    #expect(try names(in: "Evaluation", endingWith: "Evaluator") == registered)
  }

  @Test func `every report format file is registered`() throws {
    let registered = ReportFormats.all.map { String(describing: $0) }.sorted()
    #expect(try names(in: "Leaderboard/Formats", endingWith: "Format") == registered)
  }

  @Test func `task types and report formats have names of their own`() {
    #expect(Set(Evaluators.types).count == Evaluators.all.count)
    #expect(Set(ReportFormats.names).count == ReportFormats.all.count)
  }

  @Test func `the catalogue that ships is well-formed and every task has an evaluator`() throws {
    let catalogue = try Catalogue(root: Repository.tasks)
    #expect(catalogue.failures == [])
    for task in catalogue.tasks { _ = try Evaluators.evaluator(for: task) }
    #expect(catalogue.benchmarkNames.count == 9 && catalogue.taskNames.count == 247)
    #expect(catalogue.benchmarkNames.contains("Starter"))
  }

  @Test func `the starter tasks cover at least ten languages of several scripts each`() throws {
    let tasks = try Catalogue(root: Repository.tasks).benchmark("Starter").tasks
    let broad = ["StarterSTS", "StarterBitext", "StarterRetrieval"]
    #expect(Set(tasks.map(\.name)).isSuperset(of: broad))
    for task in tasks {
      let isBroad = broad.contains(task.name)
      #expect(task.languages.count >= (isBroad ? 10 : 3), "\(task.name)")
      #expect(
        Set(task.languages.compactMap(\.script)).count >= (isBroad ? 5 : 2), "\(task.name)")
    }
  }
}
