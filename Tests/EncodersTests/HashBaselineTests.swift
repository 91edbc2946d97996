// The lexical baseline: its definition worked out by hand, and vectors that must never change.

import Core
import Foundation
import Testing

@testable import Encoders

@Suite struct HashBaselineTests {
  private func embed(_ texts: [String], threads: Int = 2) async throws -> Embeddings {
    try await HashBaseline(threads: threads).embed(EmbedRequest(texts: texts)).embeddings
  }

  @Test func `one letter gives the runs that its marks allow`() {
    // " a " has the runs " a", "a " and " a ", each once: three entries of ± 1/√3, or fewer where
    // two runs meet in one dimension.
    let vector = HashBaseline.vector("A")
    let entries = vector.filter { $0 != 0 }
    #expect(vector.count == 512)
    #expect(entries.count == 3)
    for entry in entries { #expect(abs(abs(entry) - 1 / Float(3).squareRoot()) < 1e-7) }
  }

  @Test func `a hash is FNV-1a as its authors define it`() {
    // 0x85944171f73967e8 is the published value for "foobar".
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "foobar".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    #expect(hash == 0x8594_4171_f739_67e8)
    let vector = HashBaseline.vector("a")
    for run in [" a", "a ", " a "] {
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in run.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      let folded = hash ^ (hash >> 32)
      let value = vector[Int(folded & 511)]
      #expect(value != 0 && (value > 0) == (folded & 512 == 0))
    }
  }

  @Test func `a run that occurs twice counts √2`() {
    // " a " twice: three runs, each twice; dividing by the norm leaves the vector of " a " once.
    #expect(HashBaseline.vector("a a") == HashBaseline.vector("a"))
    #expect(HashBaseline.vector("ab") != HashBaseline.vector("a b"))
  }

  @Test func `case, white space and order of words do not matter`() {
    #expect(HashBaseline.vector("The  CAT\n") == HashBaseline.vector("cat the"))
  }

  @Test(arguments: ["", " \t\n\u{3000}"])
  func `a text without words is the zero vector`(text: String) async throws {
    #expect(try await embed([text]).values == Array(repeating: 0, count: 512))
  }

  @Test(arguments: [
    ("hello world", RecordedVector.hello), ("naïve 日本語 café", RecordedVector.mixed),
  ])
  func `vectors are the same on every platform`(text: String, recorded: [Int: Float]) {
    let vector = HashBaseline.vector(text)
    let entries = Dictionary(
      uniqueKeysWithValues: vector.enumerated().filter { $0.element != 0 }.map { ($0, $1) })
    #expect(entries == recorded)
  }

  @Test func `vectors do not depend on company or threads, and have norm 1`() async throws {
    let texts = (0..<300).map { "text \($0) of \($0 * $0)" }
    let one = try await embed(texts, threads: 1)
    #expect(try await embed(texts, threads: 3) == one)
    #expect(try await embed([texts[77]]) == one.rows([77]))
    for row in 0..<one.count {
      #expect(abs(one[row].reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
    }
  }

  @Test func `related texts are nearer than unrelated ones`() async throws {
    let vectors = try await embed([
      "A man is eating a piece of bread.", "A man eats bread.", "Stock prices fell on Monday.",
    ])
    func product(_ a: Int, _ b: Int) -> Float {
      zip(vectors[a], vectors[b]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(product(0, 1) > product(0, 2) + 0.2)
  }
}
