// Which configurations and splits a folder has: told from README.md or from names, case by case.

import Core
import Testing

@testable import Datasets

struct DataLayoutTests {
  /// Expected: configuration, then its splits with their patterns.
  typealias Expected = [(String, [(String, [String])])]

  static func check(_ layout: DataLayout, _ expected: Expected) {
    #expect(layout.configurations.map(\.name) == expected.map(\.0))
    for (configuration, wanted) in zip(layout.configurations, expected) {
      #expect(configuration.splits.map(\.name) == wanted.1.map(\.0))
      #expect(configuration.splits.map(\.patterns) == wanted.1.map(\.1))
    }
  }

  struct Named: Sendable, CustomTestStringConvertible {
    let name: String
    let paths: [String]
    let expected: Expected
    var testDescription: String { name }
  }

  static let named = [
    Named(
      name: "a folder a configuration", paths: ["en/test.csv", "de/test.csv", "de/train.csv"],
      expected: [
        ("de", [("test", ["de/test.csv"]), ("train", ["de/train.csv"])]),
        ("en", [("test", ["en/test.csv"])]),
      ]),
    Named(
      name: "shards in order",
      paths: ["en/test-00001-of-00002.parquet", "en/test-00000-of-00002.parquet"],
      expected: [
        ("en", [("test", ["en/test-00000-of-00002.parquet", "en/test-00001-of-00002.parquet"])])
      ]),
    Named(
      name: "shards with a hash", paths: ["data/test-00000-of-00001-0123456789abcdef.parquet"],
      expected: [
        ("default", [("test", ["data/test-00000-of-00001-0123456789abcdef.parquet"])])
      ]),
    Named(
      name: "files at the root", paths: ["README.md", "test.jsonl.gz", "train.JSONL", "notes.txt"],
      expected: [("default", [("test", ["test.jsonl.gz"]), ("train", ["train.JSONL"])])]),
    Named(
      name: "a data folder", paths: ["data/dev.tsv", "data/test.tsv.zst"],
      expected: [("default", [("dev", ["data/dev.tsv"]), ("test", ["data/test.tsv.zst"])])]),
    Named(
      name: "BEIR",
      paths: ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv", "qrels/dev.tsv", "task.json"],
      expected: [
        ("corpus", [("corpus", ["corpus.jsonl"])]),
        (
          "default",
          [("dev", ["qrels/dev.tsv"]), ("test", ["qrels/test.tsv"]), ("task", ["task.json"])]
        ),
        ("queries", [("queries", ["queries.jsonl"])]),
      ]),
    Named(
      name: "BEIR by language",
      paths: [
        "en/corpus.jsonl.gz", "en/queries.jsonl", "en/qrels/test.tsv", "de/corpus.jsonl",
        "de/queries.jsonl", "de/qrels/test.tsv",
      ],
      expected: [
        ("de-corpus", [("corpus", ["de/corpus.jsonl"])]),
        ("de-qrels", [("test", ["de/qrels/test.tsv"])]),
        ("de-queries", [("queries", ["de/queries.jsonl"])]),
        ("en-corpus", [("corpus", ["en/corpus.jsonl.gz"])]),
        ("en-qrels", [("test", ["en/qrels/test.tsv"])]),
        ("en-queries", [("queries", ["en/queries.jsonl"])]),
      ]),
    Named(
      name: "retrieval in Parquet",
      paths: [
        "corpus/test-00000-of-00001.parquet", "queries/test-00000-of-00001.parquet",
        "data/test-00000-of-00001.parquet",
      ],
      expected: [
        ("corpus", [("test", ["corpus/test-00000-of-00001.parquet"])]),
        ("default", [("test", ["data/test-00000-of-00001.parquet"])]),
        ("queries", [("test", ["queries/test-00000-of-00001.parquet"])]),
      ]),
    Named(name: "nothing", paths: ["LICENSE", "a/b/c/test.jsonl"], expected: []),
  ]

  @Test(arguments: named)
  func `without a card the names of the files decide`(_ example: Named) throws {
    for card in [nil, "# A title\n\nNo header.\n", "---\nlicense: mit\n---\n"] {
      Self.check(
        try DataLayout(card: card, paths: example.paths.reversed(), subject: "README.md"),
        example.expected)
    }
  }

  struct Declared: Sendable, CustomTestStringConvertible {
    let name: String
    let configs: String
    var paths: [String] = []
    let expected: Expected
    var testDescription: String { name }
  }

  static let declared = [
    Declared(
      name: "splits with one path or several",
      configs: """
        - config_name: no
          data_files:
          - split: test
            path: no/test.jsonl
          - split: train
            path: [no/a.jsonl, "no/b-*.jsonl"]
        - config_name: en
          default: true
          data_files:
          - {split: test, path: en/test.jsonl}
        """,
      expected: [
        ("no", [("test", ["no/test.jsonl"]), ("train", ["no/a.jsonl", "no/b-*.jsonl"])]),
        ("en", [("test", ["en/test.jsonl"])]),
      ]),
    Declared(
      name: "a mapping of splits",
      configs: "- data_files: {test: a.csv, dev: [b.csv, c.csv]}",
      expected: [("default", [("test", ["a.csv"]), ("dev", ["b.csv", "c.csv"])])]),
    Declared(
      name: "files without splits",
      configs: "- {config_name: x, data_files: 'x/*'}",
      paths: ["x/train.csv", "x/test.csv", "x/readme.txt", "y/test.csv"],
      expected: [("x", [("test", ["x/test.csv"]), ("train", ["x/train.csv"])])]),
    Declared(
      name: "a folder",
      configs: "- {config_name: x, data_dir: some/x}",
      paths: ["some/x/test.csv", "some/x/deep/test.csv", "test.csv"],
      expected: [("x", [("test", ["some/x/test.csv"])])]),
  ]

  @Test(arguments: declared)
  func `with a card its configs decide`(_ example: Declared) throws {
    for end in ["\n", "\r\n"] {
      let card = "---\nlicense: mit\nconfigs:\n\(example.configs)\n---\n# Title\n"
      let layout = try DataLayout(
        card: card.replacing("\n", with: end), paths: example.paths, subject: "README.md")
      Self.check(layout, example.expected)
    }
  }

  @Test(arguments: [
    ("- config_name: a\n  data_files: a.csv\n- config_name: a\n  data_files: b.csv", "'a'"),
    ("- config_name: a", "neither data_files nor data_dir"),
    ("- config_name: a\n  data_files:\n  - split: test", "lack a split or a path"),
    (
      "- config_name: a\n  data_files:\n  - {split: test, path: x}\n  - {split: test, path: y}",
      "'test'"
    ),
    ("- just text", "not a mapping"),
    ("- [", "not YAML"),
  ])
  func `a card that makes no sense is refused`(_ configs: String, _ words: String) throws {
    let failure = try #require(
      #expect(throws: Failure.self) {
        _ = try DataLayout(
          card: "---\nconfigs:\n\(configs)\n---\n", paths: [], subject: "data/README.md")
      })
    #expect(failure.code == .malformed && failure.subject == "data/README.md")
    #expect(failure.message.contains(words), "\(failure)")
  }

  @Test(arguments: [
    ("test.csv", "test.csv", true), ("./data/*.csv", "data/a.csv", true),
    ("data/*", "data/a/b.csv", false), ("data/**", "data/a/b.csv", true),
    ("**/*.csv", "b.csv", true), ("**/*.csv", "a/b/c.csv", true), ("*.csv", "a/b.csv", false),
    ("data/test-*-of-*.parquet", "data/test-00000-of-00001.parquet", true),
    ("t?st.csv", "test.csv", true), ("t?st.csv", "tst.csv", false),
    ("[a-c]x[!0-9].csv", "bxy.csv", true), ("[a-c]x[!0-9].csv", "bx7.csv", false),
    ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxa", false), ("", "", true), ("a", "", false),
    ("a*", "a", true), ("a[", "a[", true),
  ])
  func `patterns match whole paths`(_ pattern: String, _ path: String, _ matches: Bool) {
    #expect(GlobPattern(pattern).matches(path) == matches)
  }
}
