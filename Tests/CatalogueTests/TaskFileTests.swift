// Task and benchmark files: what is read, and how every mistake is answered.

import Catalogue
import Core
import Foundation
import TestSupport
import Testing

private let valid = """
  name: Toy
  type: STS
  languages:
    deu: [deu-Latn]
    xx: [eng-Latn, fra-Latn]
  splits: [test, validation]
  main_score: cosine_spearman
  score_range: [0, 5]
  columns: {sentence1: text_a}
  domains: [News]
  licence: apache-2.0
  data: {path: data/toy}
  """

@Suite struct `A task file` {
  @Test func `says everything about a task`() async throws {
    try await withTemporaryFolder { folder in
      let task = try TaskFile.read(try folder.write("Toy.yaml", valid))
      #expect(task.name == "Toy")
      #expect(task.type.rawValue == "STS")
      #expect(task.subsets.map(\.name) == ["deu", "xx"])
      #expect(task.languages.map(\.description) == ["deu-Latn", "eng-Latn", "fra-Latn"])
      #expect(task.splits == ["test", "validation"])
      #expect(task.scoreRange == 0...5)
      #expect(task.columns == ["sentence1": "text_a"])
      #expect(task.data == .path(folder.appending(path: "data/toy"), sha256: nil))
    }
  }

  @Test func `may name a hub repository at a revision`() async throws {
    try await withTemporaryFolder { folder in
      let text = valid.replacing("{path: data/toy}", with: "{hub: org/toy, revision: abc123}")
      let task = try TaskFile.read(try folder.write("Toy.yaml", text))
      #expect(task.data == .hub(repository: "org/toy", revision: "abc123"))
      #expect(task.dataRevision == "abc123")
    }
  }

  /// What is replaced, by what, and what the answer must hold.
  @Test(arguments: [
    ("languages:", "langs:", "unknown key 'langs'"),
    ("splits: [test, validation]\n", "", "the key 'splits' is missing"),
    ("splits: [test, validation]", "splits: [test, test]", "'splits'"),
    ("splits: [test, validation]", "splits: test", "'splits'"),
    ("[deu-Latn]", "[de]", "'de' under 'languages' is no language with script"),
    ("[deu-Latn]", "[deu]", "'deu' under 'languages' is no language with script"),
    ("[deu-Latn]", "[]", "'languages'"), ("[0, 5]", "[5, 0]", "'score_range'"),
    ("[0, 5]", "[0, x]", "'score_range'"), ("name: Toy", "name: a/b", "'name'"),
    ("name: Toy", "name: [a]", "'name'"), ("{path: data/toy}", "{url: x}", "'data'"),
    ("{path: data/toy}", "{hub: a/b}", "'data'"),
    ("{path: data/toy}", "{path: a, sha256: zz}", "sha256 of 64 hexadecimal digits"),
    ("name: Toy", "name: Toy\nname: Toy", "is not YAML"),
    ("name: Toy", "name: 'Toy", "is not YAML"),
    ("domains: [News]", "parallel: perhaps", "'parallel'"),
    ("domains: [News]", "samples_per_label: 0", "'samples_per_label'"),
    ("domains: [News]", "evaluation_cap: all", "'evaluation_cap'"),
    ("domains: [News]", "experiments: many", "'experiments'"),
    ("domains: [News]", "merge_subqueries: perhaps", "'merge_subqueries'"),
    ("domains: [News]", "averages_p_values: 1", "'averages_p_values'"),
    ("{sentence1: text_a}", "{sentence1: []}", "'columns'"),
  ])
  func `with a mistake is refused by file and key`(
    old: String, new: String, problem: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let file = try folder.write("Toy.yaml", valid.replacing(old, with: new))
      let failure = #expect(throws: Failure.self) { try TaskFile.read(file) }
      #expect(failure?.subject.hasSuffix("Toy.yaml") == true)
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
      #expect(failure?.hint != nil)
    }
  }

  @Test func `mistyped key is answered with the nearest one`() async throws {
    try await withTemporaryFolder { folder in
      let file = try folder.write("Toy.yaml", valid.replacing("main_score", with: "main-score"))
      let failure = #expect(throws: Failure.self) { try TaskFile.read(file) }
      #expect(failure?.hint == "did you mean main_score?")
    }
  }

  @Test(arguments: ["", "just text", "- a\n- b", "\u{0}\u{1}", "a: &x [*x]"])
  func `that is no mapping is refused`(text: String) async throws {
    try await withTemporaryFolder { folder in
      let file = try folder.write("Toy.yaml", text)
      #expect(throws: Failure.self) { try TaskFile.read(file) }
    }
  }

  @Test func `that is not there is missing, with the nearest name`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("Toy.yaml", valid)
      let failure = #expect(throws: Failure.self) {
        try TaskFile.read(folder.appending(path: "Tuy.yaml"))
      }
      #expect(failure?.code == .missing)
      #expect(failure?.hint?.contains("Toy.yaml") == true)
    }
  }
}

@Suite struct `A catalogue` {
  @Test func `keeps good files when others are broken`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("Toy.yaml", valid)
      try folder.write("Broken.yaml", "name: [")
      try folder.write("Other.yaml", valid)
      try folder.write("deep/Toy.yaml", valid)
      try folder.write("Benchmarks/Small.yaml", "name: Small\ntasks: [Toy, Absent]")
      let catalogue = try Catalogue(root: folder)
      #expect(catalogue.failures.count == 4)
      #expect(throws: Failure.self) { try catalogue.task("Broken") }
      #expect(throws: Failure.self) { try catalogue.benchmark("Small") }
    }
  }

  @Test func `answers an unknown name with the nearest`() throws {
    let catalogue = try Catalogue(root: Repository.tasks)
    let task = #expect(throws: Failure.self) { try catalogue.task("StarterSST") }
    #expect(task?.code == .usage)
    #expect(task?.hint?.contains("StarterSTS") == true)
    let benchmark = #expect(throws: Failure.self) { try catalogue.benchmark("Startr") }
    #expect(benchmark?.hint == "did you mean Starter?")
  }

  @Test func `is found beside an installed program and in the repository of a built one`()
    async throws
  {
    try await withTemporaryFolder { prefix in
      try prefix.write("share/borda/Tasks/Toy.yaml", valid)
      let program = try prefix.write("bin/borda", "")
      #expect(
        try Catalogue.folder(ofExecutable: program).path(percentEncoded: false)
          .hasSuffix("share/borda/Tasks"))
    }
    let built = Repository.root.appending(path: ".build/release/borda")
    #expect(
      try Catalogue.folder(ofExecutable: built).standardizedFileURL.path(percentEncoded: false)
        .hasSuffix("Tasks"))
    #expect(throws: Failure.self) {
      try Catalogue.folder(ofExecutable: URL(filePath: "/usr/bin/true"))
    }
  }
}
