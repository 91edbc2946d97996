// The lexical floor: character n-grams hashed into a fixed number of dimensions. Nothing learned,
// nothing to download; a real model must beat it.

package import Core
import Foundation
import Synchronization

/// Embeds a text by which runs of 2, 3 and 4 characters its words have.
///
/// The definition, which `version` stands for:
/// 1. Lower-case the text (Unicode, no locale) and cut it into words at white space.
/// 2. Put a space before and after each word and take every run of 2, 3 and 4 Unicode scalars.
/// 3. Hash each run's UTF-8 bytes with FNV-1a, 64 bits, and fold: h xor (h >> 32). The low nine
///    bits choose one of 512 dimensions, bit 9 the sign: + where it is 0.
/// 4. A run that occurs n times adds ± √n.
/// 5. Divide by the Euclidean norm. A text without words is the zero vector.
///
/// The same vectors come out on every platform.
package struct HashBaseline: Embedder {
  private static let dimensions = 512
  private static let runLengths = 2...4

  /// Changes whenever a vector changes.
  package static let version = "1"

  package let model = ModelIdentity(
    name: "borda/hash-baseline", revision: version, dimensions: dimensions, similarity: .cosine,
    parameters: 0, embeddingParameters: 0, dtype: "float32", engine: "borda-hash",
    settings: ["features": "characters 2-4 within words, FNV-1a, square root of counts"])

  private let threads: Int

  /// - Parameter threads: workers; nil for one per core.
  package init(threads: Int? = nil) {
    self.threads = max(1, threads ?? ProcessInfo.processInfo.activeProcessorCount)
  }

  package func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    let width = Self.dimensions
    let texts = request.texts
    let values = SharedValues(count: texts.count * width)
    let step = 64
    let failure: Never? = await inParallel(
      (texts.count + step - 1) / step, threads: threads
    ) { next in
      while let number = await next() {
        let piece = number * step..<min((number + 1) * step, texts.count)
        let vectors = piece.flatMap { Self.vector(request.prompt + texts[$0]) }
        values.rows.withLock { rows in
          rows.replaceSubrange(piece.lowerBound * width..<piece.upperBound * width, with: vectors)
        }
        request.onProgress?(piece.count)
      }
    }
    assert(failure == nil)
    if Task.isCancelled {
      throw Failure(.interrupted, model.name, "stopped while embedding")
    }
    let embeddings = Embeddings(dimensions: width, values: values.rows.withLock { $0 })
    return EmbedOutcome(embeddings: embeddings, tokens: 0, truncated: 0)
  }

  private final class SharedValues: Sendable {
    let rows: Mutex<[Float]>
    init(count: Int) { rows = Mutex(Array(repeating: 0, count: count)) }
  }

  /// The vector of one text, [512].
  static func vector(_ text: String) -> [Float] {
    var hashes = hashes(of: text)
    // Sorted: equal ones meet, and the sums below have one order on every platform.
    hashes.sort()
    var sums = [Double](repeating: 0, count: dimensions)
    var place = 0
    while place < hashes.count {
      let hash = hashes[place]
      let start = place
      while place < hashes.count, hashes[place] == hash { place += 1 }
      let folded = hash ^ (hash >> 32)
      let weight = Double(place - start).squareRoot()
      sums[Int(folded & 511)] += folded & 512 == 0 ? weight : -weight
    }
    let norm = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return norm > 0 ? sums.map { Float($0 / norm) } : sums.map { _ in 0 }
  }

  private static func hashes(of text: String) -> [UInt64] {
    var hashes: [UInt64] = []
    let scalars = Array(text.lowercased().unicodeScalars)
    for word in scalars.split(whereSeparator: \.properties.isWhitespace) {
      let marked = [" "] + word + [" "]
      for start in marked.indices {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for (length, scalar) in marked[start...].prefix(runLengths.upperBound).enumerated() {
          for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
          }
          if runLengths.contains(length + 1) { hashes.append(hash) }
        }
      }
    }
    return hashes
  }
}
