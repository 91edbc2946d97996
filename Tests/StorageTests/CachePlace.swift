// A cache folder of a test's own, and an embedder that counts what it is asked.

import Core
import Foundation
import Synchronization
import TestSupport

@testable import Storage

/// Notes that a cache gave.
final class Notes: Sendable {
  private let all = Mutex<[String]>([])
  var texts: [String] { all.withLock { $0 } }
  func add(_ note: String) { all.withLock { $0.append(note) } }
}

/// Settings for a folder; nothing waits long.
func settings(_ folder: URL, _ notes: Notes, size: Int? = nil) -> EmbeddingCache.Settings {
  var settings = EmbeddingCache.Settings(folder: folder)
  settings.size = size
  settings.reserve = 0
  settings.patience = 0.2
  settings.onNote = { notes.add($0) }
  return settings
}

/// Vectors made from bytes; a text has as many tokens as bytes, nine at most.
///
/// The vector depends on prompt and text as a pooling without the prompt's tokens does: on each by
/// itself.
final class CountingEmbedder: Embedder {
  let model: ModelIdentity
  private let asked = Mutex<[String]>([])
  /// Throws at this text, after all of the request were asked.
  private let failure: (text: String, code: Failure.Code)?

  init(
    name: String = "toy/counting", dimensions: Int = 5,
    failure: (text: String, code: Failure.Code)? = nil
  ) {
    self.failure = failure
    model = ModelIdentity(name: name, revision: "1", dimensions: dimensions, engine: "toy")
  }

  var texts: [String] { asked.withLock { $0 } }

  func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    asked.withLock { $0 += request.texts }
    if let failure, request.texts.contains(failure.text) {
      throw Failure(failure.code, "toy", "asked to fail")
    }
    request.onProgress?(request.texts.count)
    let values = request.texts.flatMap { text in
      let key = EmbeddingCacheIdentity(model, engineVersion: "").keys(
        of: [text], prompt: request.prompt)[0]
      var random = SplitMix(state: key.high ^ key.low)
      return (0..<model.dimensions).map { _ in Float.random(in: -1...1, using: &random) }
    }
    return EmbedOutcome(
      embeddings: Embeddings(dimensions: model.dimensions, values: values),
      costs: request.texts.map {
        TextCost(tokens: min($0.utf8.count, 9), isTruncated: $0.utf8.count > 9)
      })
  }
}

extension EmbedOutcome {
  var bits: [UInt32] { embeddings.values.map(\.bitPattern) }
}

/// Texts that differ by the number at their end.
func manyTexts(_ count: Int, _ word: String = "long text") -> [String] {
  (0..<count).map { "\(word) \($0)" }
}
