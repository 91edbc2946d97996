// The keys of a task file that only clustering reads.

import Catalogue
import Core
import TestSupport
import Testing

private func settings(_ lines: String) async throws -> ClusteringSettings {
  try await withTemporaryFolder { folder in
    let file = try folder.write(
      "Toy.yaml",
      """
      name: Toy
      type: Clustering
      languages: {default: [eng-Latn]}
      splits: [test]
      main_score: v_measure
      data: {path: toy}
      \(lines)
      """)
    return try TaskFile.read(file).clustering
  }
}

@Suite struct `A clustering task file` {
  @Test(arguments: [
    ("", ClusteringSettings()),
    ("document_cap: none", ClusteringSettings(documentCap: .unlimited)),
    ("document_cap: {count: 2048}", ClusteringSettings(documentCap: .count(2048))),
    ("document_cap: {fraction: 0.5}", ClusteringSettings(documentCap: .fraction(0.5))),
    ("document_cap: {fraction: 1}", ClusteringSettings(documentCap: .fraction(1))),
    (
      "documents_per_bootstrap: 1000\nmax_depth: 2",
      ClusteringSettings(documentsPerBootstrap: 1000, maxDepth: 2)
    ),
    ("legacy: true", ClusteringSettings(isLegacy: true)),
  ])
  func `says how documents are drawn`(lines: String, expected: ClusteringSettings) async throws {
    #expect(try await settings(lines) == expected)
  }

  @Test(arguments: [
    "document_cap: 2048", "document_cap: {count: 0}", "document_cap: {fraction: 0}",
    "document_cap: {fraction: 1.5}", "document_cap: {count: 1, fraction: 0.5}",
    "document_cap: {size: 3}", "documents_per_bootstrap: 0", "max_depth: deep", "legacy: 3",
  ])
  func `with a wrong value is refused by the key`(line: String) async throws {
    let key = line.prefix { $0 != ":" }
    let failure = await #expect(throws: Failure.self) { try await settings(line) }
    #expect(failure?.message.contains("'\(key)'") == true, "\(String(describing: failure))")
  }

  @Test func `becomes part of what a result depends on`() {
    let settings = ClusteringSettings(
      documentCap: .fraction(0.5), documentsPerBootstrap: 7, maxDepth: 2, isLegacy: true)
    #expect(
      settings.entries.map { "\($0.key) \($0.value)" } == [
        "document_cap fraction 0.5", "documents_per_bootstrap 7", "max_depth 2", "legacy true",
      ])
    #expect(ClusteringSettings().entries.isEmpty)
  }
}
