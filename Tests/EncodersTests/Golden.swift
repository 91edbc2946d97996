// The golden files of the reference checkpoints: how they are read and compared with.

import Core
import Foundation
import Tensors
import TestSupport
import Testing

@testable import Encoders

/// The levels that this processor has.
let instructionSets = InstructionSet.allCases.filter(\.isSupported)

/// A `golden.json` and the arrays beside it.
struct Golden {
  let folder: URL
  let json: JSON

  init(_ checkpoint: String) throws {
    folder = Shared.url("models").appending(path: checkpoint)
    json = try JSON(parsing: Array(Data(contentsOf: folder.appending(path: "golden.json"))))
  }

  var texts: [String] { strings(json["texts"]) }
  var labels: [String] { strings(json["labels"]) }
  var tolerance: (maxAbs: Double, minCosine: Double) {
    (json["tolerance"]?["max_abs"]?.double ?? 0, json["tolerance"]?["min_cosine"]?.double ?? 1)
  }

  /// The texts with these labels, in this order.
  func texts(labelled wanted: JSON?) throws -> [String] {
    try strings(wanted).map { texts[try #require(labels.firstIndex(of: $0))] }
  }

  func embeddings(_ name: JSON?) throws -> Embeddings {
    try NumpyFile.embeddings(at: folder.appending(path: try #require(name?.string)))
  }

  func embedder(_ change: (inout LocalEmbedder.Options) -> Void = { _ in }) throws -> LocalEmbedder
  {
    var options = LocalEmbedder.Options()
    options.threads = 2
    change(&options)
    return try LocalEmbedder(
      try Checkpoint(folder: folder), name: "test/golden", revision: "0", options: options)
  }

  private func strings(_ value: JSON?) -> [String] {
    (value?.array ?? []).compactMap(\.string)
  }
}

/// The largest difference of any number, and the smallest cosine of any two rows.
func distance(_ a: Embeddings, _ b: Embeddings) -> (maxAbs: Double, minCosine: Double) {
  guard a.count == b.count, a.dimensions == b.dimensions else { return (.infinity, -1) }
  var maxAbs = 0.0
  var minCosine = 1.0
  for row in 0..<a.count {
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a[row], b[row]) {
      let (x, y) = (Double(x), Double(y))
      maxAbs = max(maxAbs, abs(x - y))
      ab += x * y
      aa += x * x
      bb += y * y
    }
    minCosine = min(minCosine, ab / (aa * bb).squareRoot())
  }
  return (maxAbs, minCosine)
}

/// Expects vectors within the tolerance of a golden file, and says how far they are.
func expectClose(
  _ found: Embeddings, _ wanted: Embeddings, _ golden: Golden, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let (maxAbs, minCosine) = distance(found, wanted)
  let tolerance = golden.tolerance
  #expect(
    maxAbs <= tolerance.maxAbs && minCosine >= tolerance.minCosine,
    "\(what): difference \(maxAbs) of \(tolerance.maxAbs), cosine \(minCosine)",
    sourceLocation: sourceLocation)
  if ProcessInfo.processInfo.environment["SHOW_DISTANCES"] != nil {
    print("distance \(golden.folder.lastPathComponent) \(what): \(maxAbs) \(minCosine)")
  }
}
