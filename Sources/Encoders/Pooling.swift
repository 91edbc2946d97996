// From the token vectors of a text to one vector: the modes of sentence-transformers, their
// configuration in both dialects, and how they are computed.

package import Core
import Tensors

/// How a text's token vectors become one vector.
package struct Pooling: Sendable, Hashable {
  /// One way; several stand side by side in the order of the cases, whatever order a file lists.
  package enum Mode: String, Sendable, Hashable, CaseIterable {
    /// The first token that takes part: `[CLS]` unless the prompt is left out.
    case firstToken = "cls"
    /// The largest value of each dimension.
    case max
    case mean
    /// The sum divided by the square root of the number of tokens.
    case meanSqrtLength = "mean_sqrt_len_tokens"
    /// The mean with weights 1, 2, 3, … from the first token of the text on.
    case weightedMean = "weightedmean"
    /// The last token, the closing special token where there is one.
    case lastToken = "lasttoken"

    /// The key of the older dialect: a truth value for each mode.
    var flag: String {
      switch self {
      case .firstToken: "pooling_mode_cls_token"
      case .max: "pooling_mode_max_tokens"
      case .mean: "pooling_mode_mean_tokens"
      case .meanSqrtLength: "pooling_mode_mean_sqrt_len_tokens"
      case .weightedMean: "pooling_mode_weightedmean_tokens"
      case .lastToken: "pooling_mode_lasttoken"
      }
    }
  }

  /// At least one, in the order of the cases.
  package let modes: [Mode]
  /// Whether the prompt's tokens, opening special tokens included, take part.
  ///
  /// They always take part in the model's attention. Without them `firstToken` is the first token
  /// behind the prompt, `lastToken` the last one of the text all the same.
  package let includesPrompt: Bool

  package init(_ modes: Set<Mode>, includesPrompt: Bool = true) {
    precondition(!modes.isEmpty, "pooling without a mode")
    self.modes = Mode.allCases.filter(modes.contains)
    self.includesPrompt = includesPrompt
  }

  /// Reads names as a command line gives them: `mean`, `cls`, or several with commas.
  ///
  /// - Throws: `.usage` with the list of names.
  package init(named text: String) throws(Failure) {
    var modes: Set<Mode> = []
    for name in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let mode = Mode(rawValue: String(name)) else {
        throw Failure(
          .usage, text, "there is no pooling mode '\(name)'",
          hint: "use one of \(Self.names), or several with commas")
      }
      modes.insert(mode)
    }
    self.init(modes)
  }

  /// Reads `1_Pooling/config.json` in either dialect.
  ///
  /// - Throws: `Failure` naming the key; also where the file disagrees with `width`, the width of
  ///   the token vectors.
  init(_ file: ConfigFile, width: Int) throws(Failure) {
    for key in ["word_embedding_dimension", "embedding_dimension"] {
      guard let stated = try file.integer(key, in: 1...(1 << 24)), stated != width else { continue }
      throw file.wrong(key, "is the dimension \(stated), but the model's hidden_size is \(width)")
    }
    let named = try Self.namedModes(file)
    let modes = if let named { named } else { try Self.flaggedModes(file) }
    guard !modes.isEmpty else {
      throw Failure(
        .malformed, file.name, "names no pooling mode", hint: "it should name one of \(Self.names)")
    }
    self.init(modes, includesPrompt: try file.bool("include_prompt", fallback: true))
  }

  private static var names: String { Mode.allCases.map(\.rawValue).joined(separator: ", ") }

  /// The newer dialect: `pooling_mode`, one name or a list of names.
  private static func namedModes(_ file: ConfigFile) throws(Failure) -> Set<Mode>? {
    guard let value = file["pooling_mode"] else { return nil }
    var modes: Set<Mode> = []
    for element in value.array ?? [value] {
      guard let name = element.string else {
        throw file.wrong("pooling_mode", "holds something else than names")
      }
      guard let mode = Mode(rawValue: name) else {
        throw file.unsupported(
          "pooling_mode", "is the unknown mode '\(name)'", hint: "Borda has \(names)")
      }
      modes.insert(mode)
    }
    return modes
  }

  /// The older dialect: `pooling_mode_mean_tokens` and its siblings.
  ///
  /// A mode that Borda does not know and that is on is refused, not skipped.
  private static func flaggedModes(_ file: ConfigFile) throws(Failure) -> Set<Mode> {
    var modes: Set<Mode> = []
    for key in file.json.members?.keys ?? [] where key.hasPrefix("pooling_mode_") {
      guard try file.bool(key, fallback: false) else { continue }
      guard let mode = Mode.allCases.first(where: { $0.flag == key }) else {
        throw file.unsupported(key, "is an unknown pooling mode", hint: "Borda has \(names)")
      }
      modes.insert(mode)
    }
    return modes
  }

  /// `mean`, or `max+weightedmean without prompt`: what results record.
  package var description: String {
    modes.map(\.rawValue).joined(separator: "+") + (includesPrompt ? "" : " without prompt")
  }

  // MARK: Computing

  /// Width of the pooled vector for token vectors of this width.
  package func width(over hidden: Int) -> Int { modes.count * hidden }

  /// Pools one text into row `row` of `out`, [texts, modes * hidden].
  ///
  /// `tokens` are the text's rows in `hidden`, [tokens, hidden]; the first `prompt` of them belong to
  /// the prompt. A text without tokens has zeros. The last token is never taken for prompt: truncation keeps the
  /// closing special token, so something is always left to pool.
  func pool(
    _ hidden: borrowing Matrix, tokens: Range<Int>, prompt: Int, kernels: Kernels,
    into out: inout Matrix, row: Int
  ) {
    if tokens.isEmpty {
      for column in 0..<width(over: hidden.columns) { out[row, column] = 0 }
      return
    }
    let skipped = includesPrompt ? 0 : min(prompt, tokens.count - 1)
    let kept = tokens.dropFirst(skipped)
    var column = 0
    for mode in modes {
      switch mode {
      case .firstToken:
        kernels.meanPool(
          hidden, rows: kept.prefix(1), into: &out, row: row, column: column)
      case .max:
        kernels.maxPool(hidden, rows: kept, into: &out, row: row, column: column)
      case .mean:
        kernels.meanPool(hidden, rows: kept, into: &out, row: row, column: column)
      case .meanSqrtLength:
        kernels.meanPool(hidden, rows: kept, into: &out, row: row, column: column)
        let factor = Float(kept.count).squareRoot()
        for i in column..<column + hidden.columns { out[row, i] *= factor }
      case .weightedMean:
        // Excluding the prompt does not shift the weights: they count from the first token.
        kernels.weightedMeanPool(
          hidden, rows: kept, firstWeight: skipped + 1, into: &out, row: row, column: column)
      case .lastToken:
        kernels.meanPool(
          hidden, rows: tokens.suffix(1), into: &out, row: row, column: column)
      }
      column += hidden.columns
    }
  }
}
