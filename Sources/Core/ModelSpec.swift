// How a user names a model on the command line.

package import struct Foundation.URL

/// What `--model SPEC` means: a checkpoint folder, one on a hub, the mean of several, stored vectors,
/// a server or the built-in baseline.
package enum ModelSpec: Sendable, Hashable {
  /// A folder in the sentence-transformers layout.
  case checkpoint(URL)
  /// A checkpoint `org/name` on a hub, at a branch, a tag or a commit; nil where none was named.
  case hub(repository: String, revision: String?)
  /// The weighted mean of several checkpoint folders of one model.
  case merge([Share])
  /// A folder with `embeddings.npy` or `embeddings.safetensors`, and `texts.jsonl`.
  case vectors(URL)
  /// A model behind an HTTP server.
  case server(ServerSpec)
  /// Character n-gram hashing, needs nothing: the lexical floor.
  case hashBaseline

  package var isServer: Bool { if case .server = self { true } else { false } }

  /// A checkpoint's part in a mean.
  package struct Share: Sendable, Hashable {
    package let folder: URL
    package let weight: Double
  }

  package static let forms =
    "a checkpoint folder, org/name[@revision] on a hub, merge:A+B (their mean; A*0.7+B*0.3),"
    + " vectors:DIR, \(ServerSpec.forms), or baseline:hash"

  /// Reads a SPEC; relative paths are relative to the working directory.
  ///
  /// - Throws: `.usage` for an unknown scheme or a bad address, `.missing` for a folder that is not there.
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
    if text.hasPrefix("merge:") {
      self = .merge(try Self.shares(text))
      return
    }
    if let server = try ServerSpec(text) {
      self = .server(server)
      return
    }
    if let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") {
      throw Failure(
        .usage, text, "unknown kind of model '\(text[..<colon]):'", hint: "give \(Self.forms)")
    }
    if let hub = Self.hub(text) {
      self = hub
      return
    }
    self = .checkpoint(try Self.folder(text, spec: text))
  }

  /// `org/name` or `org/name@revision`, unless something of that name is here.
  private static func hub(_ text: String) -> ModelSpec? {
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false)
    let isName =
      names.count == 2
      && names.allSatisfy { name in
        name.first.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } == true
          && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
      }
    guard isName, FilePaths.kind(of: URL(filePath: text)) == nil else { return nil }
    return .hub(
      repository: String(parts[0]), revision: parts.count > 1 ? String(parts[1]) : nil)
  }

  /// Reads `merge:A+B+C` or `merge:A*0.5+B*0.3+C*0.2`.
  ///
  /// A plus sign or an asterisk may stand in a folder's name: parts are joined again until there is
  /// such a folder.
  private static func shares(_ spec: String) throws(Failure) -> [Share] {
    let parts = spec.dropFirst("merge:".count).split(
      separator: "+", omittingEmptySubsequences: false)
    var shares: [(folder: URL, weight: Double?)] = []
    var start = 0
    while start < parts.count {
      let ends = start + 1...parts.count
      let found = ends.lazy.compactMap { end in
        share(parts[start..<end].joined(separator: "+")).map { ($0, end) }
      }.first
      guard let (share, end) = found else {
        throw refusal(of: String(parts[start]), in: spec)
      }
      shares.append(share)
      start = end
    }
    let weighted = shares.count { $0.weight != nil }
    guard weighted == 0 || weighted == shares.count else {
      throw Failure(
        .usage, spec, "gives weights to \(weighted) of \(shares.count) checkpoints",
        hint: "give one to all, merge:A*0.7+B*0.3, or to none")
    }
    let sum = shares.reduce(0) { $0 + ($1.weight ?? 1) }
    guard sum.isFinite, sum > 0 else {
      throw Failure(
        .usage, spec, "has weights of the sum \(sum), but a mean divides by it",
        hint: "give weights whose sum is above 0")
    }
    return shares.map { Share(folder: $0.folder, weight: $0.weight ?? 1) }
  }

  /// What is wrong with a part of a mean that is no share.
  private static func refusal(of part: String, in spec: String) -> Failure {
    let path = part.lastIndex(of: "*").map { String(part[..<$0]) } ?? part
    do throws(Failure) {
      _ = try folder(path, spec: path.isEmpty ? spec : path)
    } catch {
      return error
    }
    return Failure(
      .usage, spec, "'\(part.dropFirst(path.count + 1))' is no weight",
      hint: "write merge:A*0.7+B*0.3")
  }

  /// A folder that is there, or such a folder with `*weight` behind it; nil for anything else.
  private static func share(_ text: String) -> (folder: URL, weight: Double?)? {
    func existing(_ path: some StringProtocol) -> URL? {
      guard !path.isEmpty else { return nil }
      let url = URL(filePath: FilePaths.expandingTilde(String(path)))
      return FilePaths.kind(of: url) == .folder ? url : nil
    }
    if let folder = existing(text) { return (folder, nil) }
    guard let star = text.lastIndex(of: "*"), let folder = existing(text[..<star]),
      let weight = Double(text[text.index(after: star)...])
    else { return nil }
    return (folder, weight)
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
