// The reference results beside the repository, read for `ReferenceScoresTests`.

import Core
import Foundation
import TestSupport
import Testing

@testable import Metrics

/// A folder of stored vectors with the scores that mteb computed from them.
struct Reference {
  let task: String
  let vectors: Embeddings
  let texts: [String]
  private let rowOfText: [String: Int]

  init(_ task: String) throws {
    self.task = task
    let folder = Shared.url("golden/precomputed-64/\(task)")
    vectors = try Self.matrix(folder.appending(path: "embeddings.npy"))
    texts = try Self.lines(folder.appending(path: "texts.jsonl")).map { $0["text"]?.string ?? "" }
    rowOfText = Dictionary(texts.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
  }

  func rows(_ texts: [String]) throws -> Embeddings {
    vectors.rows(try texts.map { try #require(rowOfText[$0], "no vector for '\($0)'") })
  }

  /// The unrounded scores of a subset, the main score and descriptions left out.
  func scores(subset: String, folder: String = "precomputed-64") throws -> [(String, Double)] {
    let name = folder == "precomputed-64" ? "\(task)/result.full.json" : "\(task).full.json"
    let result = try JSON(
      parsing: try Data(contentsOf: Shared.url("golden/\(folder)/\(name)")),
      leniency: .nonFinite)
    let rows = (result["scores"]?.members?.entries ?? []).flatMap { $0.value.array ?? [] }
    let row = try #require(rows.first { $0["hf_subset"]?.string == subset })
    return (row.members?.entries ?? []).compactMap { key, value in
      key == "main_score" ? nil : value.double.map { (key, $0) }
    }
  }

  /// What mteb predicted for a subset, as it wrote it.
  func predictions(subset: String, split: String) throws -> JSON {
    let file = Shared.url("golden/precomputed-64/\(task)/predictions.json")
    let all = try JSON(parsing: try Data(contentsOf: file))
    return try #require(all[subset]?[split])
  }

  /// Compares in value, in names and in their order; undefined scores must be absent.
  static func expect(
    _ scores: Scores, equal expected: [(String, Double)], within tolerance: Double = 1e-9,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      scores.entries.map(\.metric.rawValue)
        == expected.filter { $0.1.isFinite }.map(\.0), sourceLocation: sourceLocation)
    for (name, value) in expected where value.isFinite {
      let found = scores[Metric(name)] ?? .infinity
      #expect(
        abs(found - value) <= tolerance, "\(name): \(found) for \(value)",
        sourceLocation: sourceLocation)
    }
  }

  /// Rows of a JSON-lines file, compressed or not.
  static func lines(_ file: URL) throws -> [JSON] {
    let data =
      file.pathExtension == "gz" ? try decompressed(file) : try Data(contentsOf: file)
    return try data.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
  }

  private static func decompressed(_ file: URL) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", file.path(percentEncoded: false)]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return data
  }

  /// A float32 matrix in numpy's format, row-major.
  static func matrix(_ file: URL) throws -> Embeddings {
    let data = try Data(contentsOf: file)
    try #require(data.prefix(6) == Data([0x93] + Array("NUMPY".utf8)) && data[6] == 1)
    let start = 10 + Int(data[8]) + Int(data[9]) << 8
    let header = String(decoding: data[10..<start], as: UTF8.self)
    try #require(header.contains("'<f4'") && header.contains("'fortran_order': False"))
    let shape = try #require(header.firstMatch(of: /\((\d+), (\d+)\)/))
    let dimensions = try #require(Int(shape.2))
    let values = [Float](unsafeUninitializedCapacity: (data.count - start) / 4) { buffer, count in
      count = data.copyBytes(to: buffer, from: start..<data.count) / 4
    }
    return Embeddings(dimensions: dimensions, values: values)
  }
}
