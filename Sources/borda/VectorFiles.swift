// Vectors on disk as other programs read them: one file, or a folder that `vectors:DIR` reads.

import Core
import Foundation
import Storage
import Tensors

/// How a file holds vectors.
enum VectorFormat: String, Sendable, CaseIterable {
  case npy, safetensors

  /// The bytes of a file with these vectors, [texts, dimensions].
  func bytes(of embeddings: Embeddings) throws(Failure) -> [UInt8] {
    switch self {
    case .npy: NumpyFile.bytes(of: embeddings)
    case .safetensors: try SafetensorsWriter.bytes(of: embeddings)
    }
  }
}

enum VectorFiles {
  /// Whether a folder may be filled; asked before there are vectors.
  ///
  /// - Throws: `.usage` where it has files already, which are somebody's vectors.
  static func check(_ folder: URL) throws(Failure) {
    switch FilePaths.kind(of: folder) {
    case .file:
      throw Failure(
        .usage, FilePaths.display(folder), "is a file, not a folder", hint: "name another folder")
    case .folder:
      let names = try? FileManager.default.contentsOfDirectory(
        atPath: folder.path(percentEncoded: false))
      guard names?.isEmpty ?? false else {
        throw Failure(
          .usage, FilePaths.display(folder), "has files already",
          hint: "name a new folder, or remove this one")
      }
    case nil: break
    }
    try AtomicFile.checkWritable(folder)
  }

  /// Writes `embeddings.*`, [texts, dimensions], and `texts.jsonl`.
  ///
  /// - Parameters:
  ///   - embeddings: a row for each text
  ///   - texts: what was embedded, prompts included: by this a text is found again
  ///   - folder: made where there is none
  ///   - format: of the vectors
  /// - Throws: `.system` where a file cannot be written
  static func write(
    _ embeddings: Embeddings, of texts: [String], into folder: URL, as format: VectorFormat
  ) throws(Failure) {
    let lines = texts.lazy.enumerated().map { row, text in
      JSON.object([("row", .integer(row)), ("text", .string(text))]).line + "\n"
    }
    try AtomicFile.write(pieces: lines, to: folder.appending(path: "texts.jsonl"))
    // The vectors last: without them the folder is refused, so a broken run leaves nothing to trust.
    try AtomicFile.write(
      try format.bytes(of: embeddings),
      to: folder.appending(path: "embeddings.\(format.rawValue)"))
  }
}
