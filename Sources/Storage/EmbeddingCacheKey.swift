// What a cached vector is found by: the model that made it, the prompt and the text.

package import Core
import Crypto
import Foundation

/// Everything about a model that can change a vector, as one hash.
package struct EmbeddingCacheIdentity: Sendable, Hashable {
  /// Raised whenever keys or entries mean something else than before.
  private static let version = 1

  /// The facts as a line of JSON, by key.
  package let facts: String
  /// SHA-256 of the facts, in hexadecimal.
  package let fingerprint: String

  /// Name and revision count only where there is no hash of the weights: files copied elsewhere, or
  /// named otherwise, are the same model.
  ///
  /// - Parameters:
  ///   - model: what results record of it.
  ///   - engineVersion: changes whenever the engine's vectors do though all recorded facts stay.
  package init(_ model: ModelIdentity, engineVersion: String) {
    var entries: [(String, JSON)] = [
      ("version", .integer(Self.version)), ("dimensions", .integer(model.dimensions)),
      ("max_tokens", .optional(model.maxTokens) { .integer($0) }), ("dtype", .string(model.dtype)),
      ("engine", .string(model.engine)), ("engine_version", .string(engineVersion)),
    ]
    if model.settings["weights_sha256"] == nil {
      entries += [("name", .string(model.name)), ("revision", .string(model.revision))]
    }
    let settings = model.settings.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    entries.append(("settings", .object(settings.map { ($0.key, .string($0.value)) })))
    facts = JSON.object(entries).line
    fingerprint = ContentHash.of(facts)
  }

  /// The keys of texts behind a prompt, in their order.
  package func keys(of texts: [String], prompt: String) -> [EmbeddingCacheKey] {
    // The length tells where a prompt ends: with pooling that leaves the prompt out, "a" before "bc"
    // is not "ab" before "c".
    var start = SHA256()
    start.update(data: Data(fingerprint.utf8))
    withUnsafeBytes(of: UInt64(prompt.utf8.count).littleEndian) { start.update(bufferPointer: $0) }
    start.update(data: Data(prompt.utf8))
    return texts.map { text in
      var hash = start
      var text = text
      text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
      return hash.finalize().withUnsafeBytes { digest in
        EmbeddingCacheKey(
          high: digest.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
          low: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      }
    }
  }
}

/// The first 128 bits of the SHA-256 of model, prompt and text.
///
/// Among a billion texts the chance that any two share a key is about 10⁻²¹.
package struct EmbeddingCacheKey: Sendable, Hashable {
  let high: UInt64
  let low: UInt64

  /// The 16 bytes in the order of the digest.
  var data: Data {
    withUnsafeBytes(of: high) { Data($0) } + withUnsafeBytes(of: low) { Data($0) }
  }

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// nil for anything but 16 bytes.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count == 16 else { return nil }
    high = bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
    low = bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
  }
}
