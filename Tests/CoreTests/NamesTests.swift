// Languages, suggestions, failures and specs: the words of the command line.

import Core
import Foundation
import TestSupport
import Testing

@Suite struct `Languages` {
  @Test(arguments: [
    ("eng-Latn", "eng-Latn"), ("eng_Latn", "eng-Latn"), ("eng", "eng"), ("zho-Hans", "zho-Hans"),
  ])
  func `are read in every spelling of the field`(text: String, written: String) {
    #expect(Language(text)?.description == written)
  }

  @Test(arguments: ["", "en", "ENG", "eng-latn", "eng-Latin", "eng-", "english", "e1g", "eng-L4tn"])
  func `are refused in any other`(text: String) {
    #expect(Language(text) == nil)
  }

  @Test func `match a filter with or without script`() throws {
    let serbian = try #require(Language("srp-Cyrl"))
    #expect(serbian.matches(try #require(Language("srp"))))
    #expect(serbian.matches(try #require(Language("srp-Cyrl"))))
    #expect(!serbian.matches(try #require(Language("srp-Latn"))))
    #expect(!serbian.matches(try #require(Language("hrv"))))
  }
}

@Suite struct `Suggestions` {
  @Test(arguments: [
    ("StarterST", ["StarterSTS"]), ("startersts", ["StarterSTS"]),
    ("StraterSTS", ["StarterSTS"]), ("Bitext", ["StarterBitext"]), ("zzzzz", []), ("", []),
  ])
  func `are the nearest names`(typed: String, expected: [String]) {
    let names = ["StarterSTS", "StarterBitext", "StarterRetrieval"]
    #expect(Array(Suggest.nearest(to: typed, among: names).prefix(1)) == expected)
  }
}

@Suite struct `Failures` {
  @Test func `print subject, message, cause and remedy`() {
    let failure = Failure(
      .malformed, "Tasks/a.yaml", "unknown key 'langs'", hint: "did you mean languages?",
      cause: "line 3")
    #expect(
      failure.description == """
        Tasks/a.yaml: unknown key 'langs'
          because: line 3
          try: did you mean languages?
        """)
  }

  @Test(arguments: [
    (Failure.Code.usage, 64), (.missing, 3), (.unusable, 3), (.malformed, 1), (.unsupported, 1),
    (.system, 1),
    (.incomplete, 4), (.tryAgain, 75), (.interrupted, 130),
  ])
  func `lead to the exit code of their kind`(code: Failure.Code, status: Int) {
    #expect(Failure(code, "x", "y").exitCode == Int32(status))
  }
}

@Suite struct `Model specs` {
  @Test func `name a folder, stored vectors or the baseline`() async throws {
    try await withTemporaryFolder { folder in
      let path = folder.path(percentEncoded: false)
      #expect(try ModelSpec("baseline:hash") == .hashBaseline)
      guard case .checkpoint = try ModelSpec(path) else { throw Failure(.usage, path, "?") }
      guard case .vectors = try ModelSpec("vectors:\(path)") else {
        throw Failure(.usage, path, "?")
      }
    }
  }

  /// What is written, and the repository and revision that it means.
  @Test(
    arguments: [
      ("org/model", "org/model", nil), ("org/model@main", "org/model", "main"),
      ("Org_1/m-2.5@refs/pr/4", "Org_1/m-2.5", "refs/pr/4"), ("org/model@", "org/model", ""),
    ] as [(String, String, String?)])
  func `name a model of a hub`(spec: String, repository: String, revision: String?) throws {
    #expect(try ModelSpec(spec) == .hub(repository: repository, revision: revision))
  }

  @Test(arguments: ["./org/model", "org/a/model", "model", "~/org/model", "../model", "-a/b"])
  func `name no model of a hub where they are written as a path`(spec: String) {
    let failure = #expect(throws: Failure.self) { try ModelSpec(spec) }
    #expect(failure?.code == .missing)
  }

  @Test(arguments: [
    ("baseline:bm25", Failure.Code.usage), ("openai:http", .usage), ("", .usage),
    ("/no/such/folder", .missing), ("vectors:/no/such/folder", .missing),
  ])
  func `are refused with the right exit code`(spec: String, code: Failure.Code) {
    let failure = #expect(throws: Failure.self) { try ModelSpec(spec) }
    #expect(failure?.code == code)
  }
}
