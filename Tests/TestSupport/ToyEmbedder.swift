// An embedder without weights, for tests of everything above the seam.

package import Core
import Synchronization

/// Looks vectors up in a table; texts without one get a vector made from their bytes.
///
/// Counts what it is asked, so that a test can say what was embedded and what was not.
package final class ToyEmbedder: Embedder {
  package let model: ModelIdentity
  private let table: [String: [Float]]
  private let asked = Mutex<[EmbedRequest]>([])
  private let failsAt: String?

  /// A toy whose `embed` throws at the text `failsAt`.
  package init(
    _ table: [String: [Float]] = [:], dimensions: Int = 2, similarity: Similarity = .cosine,
    name: String = "toy/model", failsAt: String? = nil
  ) {
    self.table = table
    self.failsAt = failsAt
    model = ModelIdentity(
      name: name, revision: "1", dimensions: dimensions, similarity: similarity, engine: "toy")
  }

  package var requests: [EmbedRequest] { asked.withLock { $0 } }
  package var textCount: Int { requests.reduce(0) { $0 + $1.texts.count } }

  package func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    asked.withLock { $0.append(request) }
    var values: [Float] = []
    for text in request.texts {
      if text == failsAt { throw Failure(.malformed, "toy", "asked to fail at '\(text)'") }
      values += table[text] ?? vector(of: request.prompt + text)
    }
    request.onProgress?(request.texts.count)
    return EmbedOutcome(
      embeddings: Embeddings(dimensions: model.dimensions, values: values), tokens: 0,
      truncated: 0)
  }

  private func vector(of text: String) -> [Float] {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return (0..<model.dimensions).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(state >> 40) / Float(1 << 24) - 0.5
    }
  }
}
