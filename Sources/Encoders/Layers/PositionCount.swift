// Positions as RoBERTa counts them: from the padding's id on, and only past tokens that are no
// padding.

import Core
import Tensors

/// Rows of a position table for the tokens of a batch, fairseq's way.
///
/// Token i of a text has position padding + the number of tokens up to i, itself included, whose id
/// is not `padding`; a token whose id is `padding` has position padding. Ids decide, not masks: where
/// the padding token's name stands in a text, later tokens come one position earlier.
struct PositionCount: Sendable, Equatable {
  /// The id of the padding token, at least 0.
  let padding: Int

  /// How long a text may be for a table of this many rows; 0 or less where none fits.
  func longest(rows: Int) -> Int { rows - padding - 1 }

  /// Fills `workspace.positions` for the texts of `workspace.batch`.
  func count(in workspace: inout Workspace) {
    workspace.positions.removeAll(keepingCapacity: true)
    let padding = Int32(padding)
    for text in 0..<workspace.batch.count {
      var last = padding
      for token in workspace.batch.tokens(of: text) {
        let isPadding = workspace.batch.ids[token] == padding
        if !isPadding { last += 1 }
        workspace.positions.append(isPadding ? padding : last)
      }
    }
  }

  /// The padding id of a configuration whose sizes are known.
  ///
  /// - Throws: `Failure` naming `pad_token_id`, or `max_position_embeddings` where the table is too
  ///   short for any text.
  init(_ file: ConfigFile, _ sizes: EncoderSizes, fallback: Int) throws(Failure) {
    if file.isNull("pad_token_id") {
      throw file.unsupported(
        "pad_token_id", "is null, but positions are counted from it", hint: "RoBERTa's is 1")
    }
    let id = try file.integer("pad_token_id", in: 0...(1 << 24), fallback: fallback)
    try self.init(padding: id, file, sizes)
  }

  /// A padding id that the code of the model fixes.
  ///
  /// - Throws: `Failure` naming `max_position_embeddings` where the table is too short for any text.
  init(padding: Int, _ file: ConfigFile, _ sizes: EncoderSizes) throws(Failure) {
    self.padding = padding
    guard longest(rows: sizes.positions) > 0 else {
      throw file.wrong(
        "max_position_embeddings",
        "is \(sizes.positions), which leaves no position after the padding's, \(padding)")
    }
  }
}
