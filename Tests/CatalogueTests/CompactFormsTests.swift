// The short forms of task and benchmark files: language pairs, lists of languages, transforms,
// narrowed tasks; and how mistakes in them are answered.

import Catalogue
import Core
import Foundation
import TestSupport
import Testing

/// A task file with these lines and all that is required besides.
private func task(_ lines: String, in folder: URL) throws -> TaskDefinition {
  let text = """
    name: Toy
    type: BitextMining
    splits: [test]
    main_score: f1
    data: {path: toy}

    """
  return try TaskFile.read(try folder.write("Toy.yaml", text + lines))
}

@Suite struct `Language pairs` {
  /// A rule and the subsets it spells.
  @Test(arguments: [
    (
      "{codes: [deu_Latn, eng_Latn, fra_Latn], pairs: different}",
      "deu_Latn-eng_Latn deu_Latn-fra_Latn eng_Latn-deu_Latn eng_Latn-fra_Latn "
        + "fra_Latn-deu_Latn fra_Latn-eng_Latn"
    ),
    (
      "{codes: {de: deu-Latn, en: eng-Latn}, pairs: every}", "de-de de-en en-de en-en"
    ),
    (
      "{codes: [deu_Latn, fra_Latn], pivot: eng_Latn, pairs: [eng_Latn-x, x-eng_Latn]}",
      "eng_Latn-deu_Latn deu_Latn-eng_Latn eng_Latn-fra_Latn fra_Latn-eng_Latn"
    ),
    (
      // The pivot among the codes: what is there already is not said again.
      "{codes: {de: deu-Latn, en: eng-Latn}, pairs: [x-x, x-en, en-x], also: [en-en]}",
      "de-de de-en en-de en-en"
    ),
    (
      "{codes: {a: deu-Latn, b: eng-Latn, c: fra-Latn}, pairs: {within: [[c, b], [a, b]]}}",
      "a-b b-a b-c c-b"
    ),
  ])
  func `spell the subsets of many pairs`(_ rule: String, subsets: String) async throws {
    try await withTemporaryFolder { folder in
      let task = try task("language_pairs: \(rule)", in: folder)
      #expect(task.subsets.map(\.name).joined(separator: " ") == subsets)
      #expect(
        task.subsets[0].languages[0].description
          == (subsets.hasPrefix("eng") ? "eng-Latn" : "deu-Latn"))
      #expect(task.subsets.allSatisfy { $0.languages.count == 2 })
    }
  }

  @Test func `a list of languages names a subset for each`() async throws {
    try await withTemporaryFolder { folder in
      let task = try task("languages: [deu_Latn, zho_Hans]", in: folder)
      #expect(task.subsets.map(\.name) == ["deu_Latn", "zho_Hans"])
      #expect(task.languages.map(\.description) == ["deu-Latn", "zho-Hans"])
    }
  }

  @Test(arguments: [
    ("language_pairs: {codes: [de], pairs: every}", "'de' under 'language_pairs' is no language"),
    ("language_pairs: {codes: [deu_Latn], pair: every}", "unknown key 'pair' in"),
    ("language_pairs: {codes: [deu_Latn]}", "codes and pairs"),
    ("language_pairs: {codes: [deu_Latn], pairs: all}", "different, every, a list"),
    ("language_pairs: {codes: [deu_Latn], pairs: [x-eng_Latn]}", "'eng_Latn' is none"),
    ("language_pairs: {codes: [deu_Latn], pairs: [eng_Latn-deu_Latn]}", "where x stands"),
    ("language_pairs: {codes: [deu_Latn], pairs: [x]}", "two codes joined by '-'"),
    ("language_pairs: {codes: [deu_Latn], pairs: {within: [[fra_Latn]]}}", "'fra_Latn' is none"),
    ("language_pairs: {codes: [deu_Latn, deu_Latn], pairs: every}", "different codes"),
    ("languages: [deu_Latn, deu_Latn]", "a list of different languages"),
    ("languages: [deu]", "is no language with script"),
    ("domains: [News]", "the key 'languages' is missing"),
    (
      "languages: [deu_Latn]\nlanguage_pairs: {codes: [deu_Latn], pairs: every}",
      "both 'languages' and 'language_pairs'"
    ),
    ("languages: [deu_Latn]\nsize: {test: many}", "'size' should be"),
    ("languages: [deu_Latn]\nsize: {test: {queries: 3}}", "'size' should be"),
  ])
  func `with a mistake are refused`(_ lines: String, problem: String) async throws {
    try await withTemporaryFolder { folder in
      let failure = #expect(throws: Failure.self) { try task(lines, in: folder) }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
      #expect(failure?.hint != nil)
    }
  }
}

@Suite struct `Transforms` {
  @Test func `are read with all their parameters`() async throws {
    try await withTemporaryFolder { folder in
      let lines = """
        languages: [deu_Latn]
        transforms:
          - split: {name: train, from: [train_2021]}
          - subset: {column: lang}
          - configuration: {name: large}
          - code_columns: {pivot: eng}
          - passages: {query: question, passage: text, link: url}
          - take: {rows: 256}
          - keep: {column: label, values: [0, "1", true, yes please]}
          - map: {column: label, values: {0: 1, 2: two}}
          - join: {columns: [title, text], with: " ", into: text}
          - separate: {column: labels, at: ".", levels: 2}
          - flatten: {columns: [sentences, labels]}
          - chunk: {columns: [title, domain], count: 10}
          - drop_single: {column: labels}
          - cut: {rows: 2048, splits: [test]}
          - divide: {split: test, train: 10, test: 20, by: kind}
        """
      // A transform's description is the line of the file it came from.
      let written = lines.split(separator: "\n").compactMap { line -> String? in
        line.hasPrefix("  - ") ? String(line.dropFirst(4)) : nil
      }
      var read = try task(lines, in: folder).transforms.map(\.description)
      read[6] = read[6].replacing("\"yes please\"", with: "yes please")
      read[7] = read[7].replacing("\"two\"", with: "two")
      #expect(read == written)
    }
  }

  @Test(arguments: [
    ("[{cutt: {rows: 1}}]", "there is no transform 'cutt'", "did you mean cut?"),
    ("[{cut: {row: 1}}]", "'cut' has no parameter 'row'", "did you mean rows?"),
    ("[{cut: {rows: 1}}]", "'cut' lacks its parameter 'splits'", "Tasks/README.md"),
    ("[{cut: {rows: 0, splits: [test]}}]", "'rows' of the transform 'cut'", "example"),
    ("[{cut: {rows: 1, splits: test}}]", "a list of different names", "example"),
    ("[{keep: {column: a, values: []}}]", "'values' of the transform 'keep'", "example"),
    ("[{map: {column: a, values: [1]}}]", "a mapping {old: new}", "example"),
    ("[{cut: 3}]", "'cut' lacks its parameter 'rows'", "Tasks/README.md"),
    ("{cut: {rows: 1}}", "'transforms' should be a list", "example"),
    ("[cut]", "a list of {name: {parameter: value}}", "example"),
  ])
  func `with a mistake are refused, with the nearest name`(
    _ list: String, problem: String, hint: String
  ) async throws {
    try await withTemporaryFolder { folder in
      let failure = #expect(throws: Failure.self) {
        try task("languages: [deu_Latn]\ntransforms: \(list)", in: folder)
      }
      #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
      #expect(failure?.hint?.contains(hint) == true, "\(String(describing: failure))")
    }
  }
}

@Suite struct `A benchmark that narrows its tasks` {
  /// Toy has the subsets de-de, de-en, en-de, en-en and the split test.
  private func benchmark(_ narrowed: String) async throws -> Benchmark {
    try await withTemporaryFolder { folder in
      _ = try task(
        "language_pairs: {codes: {de: deu-Latn, en: eng-Latn}, pairs: every}\nsize: {test: 8}",
        in: folder)
      try folder.write(
        "Benchmarks/Small.yaml",
        "name: Small\naliases: [Tiny]\ntasks: [Toy]\nnarrowed: \(narrowed)")
      return try Catalogue(root: folder).benchmark("Small")
    }
  }

  @Test(arguments: [
    ("[{languages: [eng-Latn]}]", "en-en"),
    ("[{tasks: [Toy], languages: [eng-Latn, deu-Latn]}]", "de-de de-en en-de en-en"),
    ("[{tasks: [Toy], subsets: [en-de, de-en]}]", "de-en en-de"),
    ("[{tasks: [Toy], splits: [test]}]", "de-de de-en en-de en-en"),
    ("[{languages: [eng-Latn]}, {tasks: [Toy], splits: [test]}]", "en-en"),
  ])
  func `has what is left of them`(_ narrowed: String, subsets: String) async throws {
    let task = try await benchmark(narrowed).tasks[0]
    #expect(task.subsets.map(\.name).joined(separator: " ") == subsets)
    // The size is known of the whole task only.
    #expect(task.size == (task.subsets.count == 4 ? 8 : nil))
  }

  @Test(arguments: [
    ("[{tasks: [Toi], splits: [test]}]", "names 'Toi', no task of the benchmark"),
    ("[{tasks: [Toy], subsets: [en-fr]}]", "Toy has no subset 'en-fr'"),
    ("[{tasks: [Toy], splits: [tset]}]", "Toy has no split 'tset'"),
    ("[{languages: [fra-Latn]}]", "leaves no subset of Toy"),
    ("[{subsets: [en-en]}]", "'narrowed' should be"), ("[{tasks: [Toy]}]", "'narrowed' should be"),
    ("[{tasks: [Toy], subset: [en-en]}]", "'narrowed' should be"), ("3", "'narrowed' should be"),
  ])
  func `with a mistake is refused`(_ narrowed: String, problem: String) async throws {
    let failure = await #expect(throws: Failure.self) { try await benchmark(narrowed) }
    #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
  }
}
