// Vectors that were computed elsewhere: a folder with embeddings.npy and the texts of its rows.

package import Core
package import Foundation
import Tensors

/// Looks texts up in a folder instead of computing their vectors.
///
/// The folder has `embeddings.npy`, [rows, dimensions], and `texts.jsonl` with one object for each
/// row: `{"row": 0, "text": "…"}`, or without `row` in the order of the rows. A text is found only
/// where prompt + text are stored, byte for byte.
package struct StoredVectors: Embedder {
  package let model: ModelIdentity
  private let name: String
  private let vectors: Embeddings
  private let rows: [ExactText: Int]

  /// Reads a folder; `revision` is a hash of its content, recorded with results.
  ///
  /// - Throws: `Failure` naming the file and the row: a vector with NaN or infinity, a row without
  ///   a text, one text with two different vectors.
  package init(folder: URL, revision: String) throws(Failure) {
    let url = folder.appending(path: "embeddings.npy")
    let vectors = try NumpyFile.embeddings(at: url)
    if let place = vectors.values.firstIndex(where: { !$0.isFinite }) {
      throw Failure(
        .malformed, FilePaths.display(url),
        "row \(place / vectors.dimensions) holds NaN or infinity")
    }
    rows = try Self.rows(folder.appending(path: "texts.jsonl"), vectors)
    self.vectors = vectors
    name = FilePaths.display(folder)
    model = ModelIdentity(
      name: "vectors/\(folder.standardizedFileURL.lastPathComponent)", revision: revision,
      dimensions: vectors.dimensions, similarity: .cosine, dtype: "float32",
      engine: "borda-vectors")
  }

  package func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    var values: [Float] = []
    values.reserveCapacity(request.texts.count * vectors.dimensions)
    var missing: [String] = []
    var missingCount = 0
    for text in request.texts {
      if let row = rows[ExactText(request.prompt + text)] {
        values.append(contentsOf: vectors[row])
      } else {
        missingCount += 1
        if missing.count < 3 { missing.append(LocalEmbedder.shown(request.prompt + text)) }
      }
    }
    guard missingCount == 0 else {
      throw Failure(
        .missing, name,
        "has no vector for \(missingCount) of \(request.texts.count) texts, for instance "
          + missing.joined(separator: ", "),
        hint: "store a vector for every text of the task")
    }
    request.onProgress?(request.texts.count)
    return EmbedOutcome(
      embeddings: Embeddings(dimensions: vectors.dimensions, values: values), tokens: 0,
      truncated: 0)
  }

  // MARK: texts.jsonl

  private static func rows(
    _ url: URL, _ vectors: Embeddings
  ) throws(Failure) -> [ExactText: Int] {
    let name = FilePaths.display(url)
    let bytes = try MappedFile.contents(of: url, sizeLimit: 1 << 36)
    var rows: [ExactText: Int] = [:]
    var isNamed = [Bool](repeating: false, count: vectors.count)
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for (number, line) in lines.enumerated() {
      let (text, row) = try entry(line, number, of: name)
      guard row >= 0, row < vectors.count, !isNamed[row] else {
        throw Failure(
          .malformed, name,
          "line \(number + 1) names row \(row), which is taken or outside the"
            + " \(vectors.count) rows of embeddings.npy")
      }
      isNamed[row] = true
      if let earlier = rows[text] {
        guard vectors[earlier].elementsEqual(vectors[row]) else {
          throw Failure(
            .malformed, name,
            "rows \(earlier) and \(row) have the same text"
              + " \(LocalEmbedder.shown(text.text)) but different vectors")
        }
      } else {
        rows[text] = row
      }
    }
    if let row = isNamed.firstIndex(of: false) {
      throw Failure(
        .malformed, name,
        "has \(lines.count) texts for \(vectors.count) rows; row \(row) has none")
    }
    return rows
  }

  private static func entry(
    _ line: ArraySlice<UInt8>, _ number: Int, of name: String
  ) throws(Failure) -> (ExactText, row: Int) {
    let json: JSON
    do throws(JSON.SyntaxError) {
      json = try JSON(parsing: line)
    } catch {
      throw Failure(.malformed, name, "line \(number + 1) is not JSON: \(error)")
    }
    guard let text = json["text"]?.string else {
      throw Failure(.malformed, name, "line \(number + 1) has no text")
    }
    guard let stated = json["row"] else { return (ExactText(text), number) }
    guard let row = stated.integer else {
      throw Failure(.malformed, name, "line \(number + 1): row is no whole number")
    }
    return (ExactText(text), row)
  }
}
