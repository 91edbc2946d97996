// Static models: a table with a vector for each token, and no computation before pooling. Written by
// sentence-transformers (StaticEmbedding) and by model2vec.
//
// Easy to get wrong:
//   - No special tokens stand around a text, and no text is too long, unless tokenizer.json holds
//     a truncation: sentence-transformers applies that one here, and nowhere else.
//   - An empty text has no tokens; its vector is zero, and stays zero when it is normalised.
//   - Unknown words keep the row of [UNK], as in sentence-transformers; model2vec's own code leaves
//     them out.
//   - model2vec may share rows among tokens (`mapping`) and weigh tokens (`weights`).

import Core
import Foundation
import Tensors

/// A table of token vectors.
struct StaticEmbedding: Architecture {
  var hidden: Int { table.columns }
  /// There is no limit.
  var positions: Int? { nil }
  let vocabulary: Int
  let parameters: Int
  var embeddingParameters: Int { table.count }

  private let kernels: Kernels
  /// Shape [rows, hidden].
  private let table: Floats
  /// The row of each token, [vocabulary]; nil where a token's id is its row.
  private let rows: [Int32]?
  /// The weight of each token, [vocabulary]; nil where all weigh the same.
  private let weights: [Float]?

  /// The names that the table has had: sentence-transformers', model2vec's.
  private static let tableNames = ["embedding.weight", "embeddings"]

  /// Reads the table, and where there are any the rows and weights of tokens.
  ///
  /// - Throws: `Failure` naming the tensor that is missing, has another shape or type, or holds
  ///   rows that the table lacks.
  init(_ tensors: Safetensors, _ kernels: Kernels) throws(Failure) {
    let name = Self.tableNames.first { tensors.tensors[$0] != nil } ?? Self.tableNames[0]
    let tensor = try tensors.tensor(name)
    guard tensor.shape.count == 2, tensor.shape.allSatisfy({ (1...(1 << 24)).contains($0) }) else {
      throw Failure(
        .malformed, tensor.fileName, "tensor \(name) is no table of token vectors",
        hint: "it should have the shape [tokens, dimensions]")
    }
    table = try tensor.floats(tensor.shape, kernels)
    rows = try Self.rows(tensors, of: table)
    let vocabulary = rows?.count ?? table.rows
    self.vocabulary = vocabulary
    weights = try tensors.tensors["weights"].map { tensor throws(Failure) in
      try tensor.floats([vocabulary], kernels).values
    }
    parameters = table.count + (weights?.count ?? 0)
    self.kernels = kernels
  }

  /// `mapping`, [vocabulary], whole numbers.
  private static func rows(
    _ tensors: Safetensors, of table: Floats
  ) throws(Failure) -> [Int32]? {
    guard let tensor = tensors.tensors["mapping"] else { return nil }
    let width = ["I32": 4, "I64": 8][tensor.type]
    guard let width, tensor.shape.count == 1, (1...(1 << 24)).contains(tensor.count) else {
      throw Failure(
        .malformed, tensor.fileName,
        "tensor mapping has the type \(tensor.type) and \(tensor.shape.count) dimensions",
        hint: "it should be a list of whole numbers, a row for each token")
    }
    let bytes = tensor.bytes(0..<tensor.byteCount)
    return try (0..<tensor.count).map { token throws(Failure) in
      let little = bytes[token * width..<(token + 1) * width].reversed()
      let row = little.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard row < UInt64(table.rows) else {
        throw Failure(
          .malformed, tensor.fileName,
          "tensor mapping gives token \(token) a row outside the table of \(table.rows)",
          hint: "download the file again")
      }
      return Int32(row)
    }
  }

  /// The most tokens of a text by `tokenizer.json`, or nil.
  ///
  /// - Throws: `Failure` where the file cannot be read, or cuts in another way than at the end.
  static func truncation(beside folder: URL) throws(Failure) -> Int? {
    let file = folder.appending(path: "tokenizer.json")
    guard FilePaths.kind(of: file) != nil else { return nil }
    let name = FilePaths.display(file)
    let bytes = try MappedFile.contents(of: file, sizeLimit: 1 << 30)
    let json: JSON
    do throws(JSON.SyntaxError) {
      json = try JSON(parsing: bytes)
    } catch {
      throw Failure(.malformed, name, "is not JSON: \(error)")
    }
    guard let truncation = json["truncation"], !truncation.isNull else { return nil }
    guard let limit = truncation["max_length"]?.integer, (1...(1 << 40)).contains(limit) else {
      throw Failure(
        .malformed, name, "truncation: max_length is no whole number from 1 up",
        hint: "set truncation to null for none")
    }
    guard truncation["direction"]?.string ?? "Right" == "Right" else {
      throw Failure(
        .unsupported, name, "truncation: texts would be cut at their start",
        hint: "set truncation to null for none")
    }
    return limit
  }

  // MARK: Forward

  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    Workspace(
      WorkspaceShape(hidden: hidden), maxTokens: maxTokens, longest: longest, kernels: kernels)
  }

  func forward(_ workspace: inout Workspace, trace: Trace?) {
    let ids = workspace.batch.ids
    if let rows {
      workspace.positions.removeAll(keepingCapacity: true)
      for id in ids { workspace.positions.append(rows[Int(id)]) }
      kernels.embed(ids: workspace.positions, words: table, into: &workspace.hidden)
    } else {
      kernels.embed(ids: ids, words: table, into: &workspace.hidden)
    }
    if let weights {
      for (token, id) in ids.enumerated() {
        for column in 0..<hidden { workspace.hidden[token, column] *= weights[Int(id)] }
      }
    }
    trace?(0, workspace.hidden)
  }
}
