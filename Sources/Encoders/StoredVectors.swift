// Vectors that were computed elsewhere: a folder with embeddings.npy or embeddings.safetensors and the
// texts of its rows.

package import Core
package import Foundation
import Tensors

/// Looks texts up in a folder instead of computing their vectors.
///
/// The folder has `embeddings.npy` or `embeddings.safetensors`, [rows, dimensions], and `texts.jsonl`
/// with one object for each row: `{"row": 0, "text": "…"}`, or without `row` in the order of the
/// rows. A text is found only where prompt + text are stored, byte for byte.
package struct StoredVectors: Embedder {
  package let model: ModelIdentity
  private let name: String
  private let vectors: Embeddings
  private let rows: [ExactText: Int]

  /// Names of the file with the vectors, one of which a folder has.
  static let vectorFiles = ["embeddings.npy", "embeddings.safetensors"]
  static let textFile = "texts.jsonl"

  /// The files of a folder: the vectors, then the texts.
  ///
  /// - Throws: `.missing` for one that is not there, `.malformed` for vectors in two files.
  package static func files(in folder: URL) throws(Failure) -> [URL] {
    let found = vectorFiles.filter { FilePaths.kind(of: folder.appending(path: $0)) != nil }
    guard found.count < 2 else {
      throw Failure(
        .malformed, FilePaths.display(folder), "has both \(found.joined(separator: " and "))",
        hint: "leave the one whose rows \(textFile) names")
    }
    let files = [found.first ?? vectorFiles[0], textFile].map { folder.appending(path: $0) }
    for file in files where FilePaths.kind(of: file) == nil {
      throw Failure(
        .missing, FilePaths.display(file), "there is no such file",
        hint: "stored vectors are a folder with \(vectorFiles.joined(separator: " or ")), and with"
          + " \(textFile); borda embed --vectors makes one")
    }
    return files
  }

  /// Reads a folder; `revision` is a hash of its content, recorded with results.
  ///
  /// - Throws: `Failure` naming the file and the row: a vector with NaN or infinity, a row without
  ///   a text, one text with two different vectors.
  package init(folder: URL, revision: String) throws(Failure) {
    let files = try Self.files(in: folder)
    let vectors = try Self.vectors(files[0])
    if let place = vectors.values.firstIndex(where: { !$0.isFinite }) {
      throw Failure(
        .malformed, FilePaths.display(files[0]),
        "row \(place / vectors.dimensions) holds NaN or infinity")
    }
    rows = try Self.rows(files[1], vectors)
    self.vectors = vectors
    name = FilePaths.display(folder)
    model = ModelIdentity(
      name: "vectors/\(folder.standardizedFileURL.lastPathComponent)", revision: revision,
      dimensions: vectors.dimensions, similarity: .cosine, dtype: "float32",
      engine: "borda-vectors")
  }

  /// The vectors of a file, [rows, dimensions].
  ///
  /// A safetensors file holds them as the tensor `embeddings`, or as its only tensor, in float32,
  /// float16 or bfloat16.
  private static func vectors(_ file: URL) throws(Failure) -> Embeddings {
    guard file.pathExtension == "safetensors" else { return try NumpyFile.embeddings(at: file) }
    let tensors = try Safetensors(file: file)
    let only = tensors.tensors.count == 1 ? tensors.tensors.first?.value : nil
    guard let tensor = tensors.tensors["embeddings"] ?? only else {
      let names = tensors.tensors.keys.sorted().prefix(8).joined(separator: ", ")
      throw Failure(
        .malformed, tensors.name,
        "has no tensor 'embeddings', but \(names.isEmpty ? "none" : names)",
        hint: "name the tensor with the vectors 'embeddings'")
    }
    guard tensor.shape.count == 2, tensor.shape[1] > 0 else {
      throw Failure(
        .malformed, tensors.name,
        "its tensor '\(tensor.name)' has shape \(Tensor.text(tensor.shape)), expected "
          + "[count, dimensions]")
    }
    let values = try tensor.values(0..<tensor.count, try Kernels())
    return Embeddings(dimensions: tensor.shape[1], values: values)
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
            + " \(vectors.count) rows of the vectors")
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
