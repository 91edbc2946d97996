// `borda tasks` and `borda benchmarks` with the catalogue that ships, and what it means for
// evaluating.

import Core
import Foundation
import TestSupport
import Testing

@Suite struct `The list of tasks` {
  /// Options, and tasks that are there or not.
  @Test(arguments: [
    (["--languages", "dan"], ["BornholmBitextMining", "StarterSTS"], [true, false]),
    (
      ["--languages", "eng-Latn", "--types", "sts"], ["STS17", "StarterSTS", "ATEC"],
      [true, true, false]
    ),
    (["--languages", "eng_Latn", "--types", "STS"], ["STS17", "ATEC"], [true, false]),
    (["--scripts", "Deva"], ["SanskritShlokasClassification", "ATEC"], [true, false]),
    (
      ["--domains", "legal", "--licences", "cc-by-4.0"], ["AILAStatutes", "STS17"], [true, false]
    ),
    (["--benchmark", "MTEB(eng)"], ["STS22.v2", "STS22", "ATEC"], [true, false, false]),
    (["--max-rows", "200"], ["BIOSSES", "STS17"], [true, false]),
  ])
  func `has the tasks that pass the filters`(
    _ options: [String], names: [String], isThere: [Bool]
  ) async throws {
    try await withTemporaryFolder { folder in
      let list = try await Program.run(["tasks", "list", "--format", "csv"] + options, in: folder)
      #expect(list.status == 0 && list.errors.isEmpty)
      let tasks = Set(list.output.split(separator: "\n").map { $0.prefix { $0 != "," } })
      for (name, isThere) in zip(names, isThere) {
        #expect(tasks.contains(Substring(name)) == isThere, "\(name)")
      }
    }
  }

  @Test(arguments: [
    (["--languages", "dann"], "is no language code"), (["--languages", "qqq"], "no task has this"),
    (["--scripts", "Devaa"], "did you mean Deva"), (["--domains", "Newss"], "did you mean News"),
    (["--licences", "mitt"], "did you mean mit"), (["--types", "Retrival"], "mean Retrieval"),
    (["--benchmark", "MTEB(eng, v1)"], "MTEB(eng, v2)"),
    (["--types", "STS", "--max-rows", "1"], "no task passes all of these filters"),
  ])
  func `answers what no task has with the nearest`(
    _ options: [String], answer: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let list = try await Program.run(["tasks", "list"] + options, in: folder)
      #expect(list.status == 64 && list.output.isEmpty)
      #expect(list.errors.contains(answer), "\(list.errors)")
    }
  }

  @Test func `fits a hundred columns, as the sheet of a task with 41,412 subsets does`()
    async throws
  {
    try await withTemporaryFolder { folder in
      for command in [
        ["tasks", "list"], ["tasks", "show", "FloresBitextMining"], ["benchmarks", "list"],
        ["benchmarks", "show", "MTEB(Multilingual, v2)"], ["tasks", "show", "XNLI"],
      ] {
        let answer = try await Program.run(command, in: folder)
        #expect(answer.status == 0)
        for line in answer.output.split(separator: "\n") {
          #expect(line.count <= 100, "\(command): \(line)")
        }
      }
      let sheet = try await Program.run(["tasks", "show", "FloresBitextMining"], in: folder)
      #expect(sheet.output.contains("41,412: ace_Arab-bam_Latn"))
      let json = try await Program.run(
        ["tasks", "show", "STS17", "--format", "json"], in: folder)
      let facts = try JSON(parsing: Data(json.output.utf8))
      #expect(facts["subset_count"]?.integer == 11)
      #expect(facts["subsets"]?["en-ar"] == .strings(["eng-Latn", "ara-Arab"]))
    }
  }

  @Test func `and the benchmarks are well-formed`() async throws {
    try await withTemporaryFolder { folder in
      let check = try await Program.run(["tasks", "check"], in: folder)
      #expect(check.status == 0)
      #expect(check.output.hasPrefix("247 tasks and 9 benchmarks are well-formed\n6 of the tasks"))
    }
  }
}

@Suite struct `Evaluating tasks of the catalogue` {
  @Test(arguments: [
    (["SNLRetrieval"], Int32(64), "SNLRetrieval: cannot be evaluated yet: its corpus"),
    (["STS17"], 3, "are not in the cache, and --offline or HF_HUB_OFFLINE forbids"),
  ])
  func `is refused by name where the data cannot be had`(
    _ tasks: [String], status: Int32, answer: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Program.run(
        ["evaluate", "--model", "baseline:hash", "--tasks"] + tasks, in: folder)
      #expect(run.status == status)
      #expect(run.errors.contains(answer), "\(run.errors)")
    }
  }

  /// Every subset of these tasks is there, or those in the language named.
  @Test(
    .enabled(if: Shared.isPresent, Shared.reason),
    arguments: [
      ("Banking77Classification", "eng"), ("indonli", "ind"), ("SIB200ClusteringS2S", "quy"),
      ("Tatoeba", "amh"), ("XQuADRetrieval", "zho"), ("NusaX-senti", "ace"),
    ])
  func `works with a folder of data sets as repositories have them`(
    _ task: String, language: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let run = try await Program.run(
        [
          "evaluate", "--model", "baseline:hash", "--tasks", task, "--languages", language,
          "--data", Shared.url("data").path(percentEncoded: false), "--dry-run",
        ], in: folder)
      #expect(run.status == 0)
      #expect(run.output.contains(task))
      #expect(!run.output.contains("failed") && run.errors.isEmpty, "\(run.output)\(run.errors)")
    }
  }
}
