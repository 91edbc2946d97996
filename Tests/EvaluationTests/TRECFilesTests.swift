// The format of trec_eval: ids that would break it, scores that must stay apart.

import Core
import Metrics
import TestSupport
import Testing

@testable import Evaluation

@Suite struct `TREC files` {
  @Test(arguments: [
    ("d1", "d1"), ("NINDS_0000155_Sec3", "NINDS_0000155_Sec3"),
    ("http://x.y/z?a=1&b=%20", "http://x.y/z?a=1&b=%20"),
    ("a b", "a!20b"), ("a\tb\n", "a!09b!0A"), ("!", "!21"), ("", "!"), ("é", "é"),
    ("a\u{A0}b", "a!C2!A0b"), ("\u{3000}", "!E3!80!80"), ("\u{0}", "!00"),
  ])
  func `hold ids without white space`(id: String, written: String) {
    #expect(TRECFiles.escaped(id) == written)
  }

  @Test func `keep the order of ids, by which ties are broken`() {
    let ids = ["", "\u{1}", " ", " a", "!", "!!", "!a", "\"", "a", "a ", "a !", "a!", "a\"", "b"]
    let written = ids.map(TRECFiles.escaped)
    for (a, b) in zip(written, written.dropFirst()) {
      #expect(a.utf8.lexicographicallyPrecedes(b.utf8), "\(a) and \(b)")
    }
  }

  @Test func `hold scores that differ in the last bit as different numbers`() throws {
    let score: Float = 0.6159749
    let run = TRECFiles.run([
      RankedQuery(
        queryID: "q 1", hits: [(id: "a", score: score.nextUp), (id: "b", score: score)])
    ])
    let words = run.piece(0).split(separator: "\n").map { $0.split(separator: " ") }
    #expect(words.map { $0[0] } == ["q!201", "q!201"])
    #expect(words.compactMap { Float($0[4]) } == [score.nextUp, score])
    #expect(words.map { $0[3] } == ["1", "2"])
  }

  @Test func `hold the judgements of the queries that were scored`() {
    let judgements = Judgements(["q": ["b": 0, "a": 2, "c": -1], "other": ["a": 1]])
    #expect(TRECFiles.qrels(judgements, queries: ["q"]).piece(0) == "q 0 a 2\nq 0 b 0\nq 0 c -1\n")
  }
}
