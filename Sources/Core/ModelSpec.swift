// How a user names a model on the command line.

package import struct Foundation.URL

/// What `--model SPEC` means: a checkpoint folder, stored vectors or the built-in baseline.
package enum ModelSpec: Sendable, Hashable {
  /// A folder in the sentence-transformers layout.
  case checkpoint(URL)
  /// A folder with `embeddings.npy` and `texts.jsonl`.
  case vectors(URL)
  /// Character n-gram hashing, needs nothing: the lexical floor.
  case hashBaseline

  package static let forms = "a checkpoint folder, vectors:DIR, or baseline:hash"

  /// Reads a SPEC; relative paths are relative to the working directory.
  ///
  /// - Throws: `.usage` for an unknown scheme, `.missing` for a folder that is not there.
  package init(_ text: String) throws(Failure) {
    if text.hasPrefix("baseline:") {
      guard text == "baseline:hash" else {
        throw Failure(.usage, text, "no such baseline", hint: "use baseline:hash")
      }
      self = .hashBaseline
      return
    }
    if text.hasPrefix("vectors:") {
      let path = String(text.dropFirst("vectors:".count))
      self = .vectors(try Self.folder(path, spec: text))
      return
    }
    if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
      throw Failure(
        .usage, text, "unknown kind of model '\(text[..<colon]):'", hint: "give \(Self.forms)")
    }
    self = .checkpoint(try Self.folder(text, spec: text))
  }

  private static func folder(_ path: String, spec: String) throws(Failure) -> URL {
    guard !path.isEmpty else {
      throw Failure(.usage, spec, "names no folder", hint: "give \(forms)")
    }
    let url = URL(filePath: FilePaths.expandingTilde(path))
    switch FilePaths.kind(of: url) {
    case .folder: return url
    case .file:
      throw Failure(.missing, spec, "is a file, not a folder", hint: "give \(forms)")
    case nil:
      throw Failure(
        .missing, spec, "there is no such folder",
        hint: FilePaths.nearestSibling(of: url).map { "did you mean \($0)?" }
          ?? "give \(forms)")
    }
  }
}
