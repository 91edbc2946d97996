// `borda rank` by language, script, family and resource class, over the results in the repository.

import Core
import Foundation
import TestSupport
import Testing

private let results = Repository.root.appending(path: "Reports/example/results")
  .path(percentEncoded: false)

@Suite struct `Rank by groups of languages` {
  private func rank(_ arguments: [String]) async throws -> Finished {
    try await withTemporaryFolder { folder in
      try await Program.run(
        [
          "rank", "--benchmark", "Starter", "--results", results,
        ] + arguments, in: folder)
    }
  }

  @Test(arguments: [
    (["--by", "language"], "deu-Latn"), (["--by", "script", "--weigh", "task"], "Latn"),
    (["--by", "family"], "Indo-European"), (["--by", "resource"], "5"),
    (["--by", "family", "--languages", "German", "--all"], "Chosen: German, 1 language."),
    (["--by", "language", "--models", "borda/hash-baseline"], "hash-baseline"),
    (["--by", "family", "--pool", results, "--replace"], "Place"),
  ])
  func `shows them in every format`(arguments: [String], words: String) async throws {
    let table = try await rank(arguments)
    #expect(table.status == 0, "\(table.errors)")
    #expect(table.output.contains(words), "\(table.output)")
    for format in ["markdown", "csv", "json", "html"] {
      let other = try await rank(arguments + ["--format", format])
      #expect(other.status == 0, "\(other.errors)")
      #expect(other.output.contains("hash-baseline"))
    }
  }

  @Test(arguments: [
    (["--by", "tongue"], "family"), (["--by", "family", "--weigh", "row"], "cell"),
    (["--weigh", "task"], "says nothing to a table by ranking"),
    (["--by", "task", "--languages", "deu"], "says nothing to a table by task"),
    (["--by", "type", "--all"], "leave --all out"),
    (["--by", "language", "--languages", "xho"], "no score is in such a language"),
    (["--by", "family", "--languages", "Indo-Europaen"], "did you mean Indo-European?"),
  ])
  func `answers mistakes with what there is`(arguments: [String], words: String) async throws {
    let finished = try await rank(arguments)
    #expect(finished.status == 64, "\(finished.errors)")
    #expect(finished.errors.contains(words), "\(finished.errors)")
    #expect(finished.output.isEmpty)
  }
}
