// The memory that one cell may take beside the model: a budget that block sizes are chosen from.

import Core

/// A budget of bytes for texts, vectors and lists of one cell.
///
/// Sizes are computed from what is to be held, not measured: the program's own overhead and what an
/// allocator keeps back stand outside.
package struct WorkMemory: Sendable, Hashable {
  package let bytes: Int

  package init(bytes: Int) { self.bytes = max(0, bytes) }

  /// Without a limit worth speaking of: 1 PiB.
  package static let unlimited = WorkMemory(bytes: 1 << 50)

  /// The least rows of a block that are worth an embedder's while.
  package static let fewestRows = 64

  /// How many rows fit beside what is held already.
  ///
  /// - Parameters:
  ///   - bytesPerRow: what a row of the block takes.
  ///   - held: bytes taken by everything else.
  ///   - most: rows beyond which a larger block gains nothing.
  ///   - subject: the cell, for the message.
  /// - Returns: `fewestRows` to `most`, or fewer where `most` is smaller.
  /// - Throws: `.unusable` where not even `fewestRows` fit.
  func rows(
    of bytesPerRow: Int, beside held: Int, most: Int, _ subject: String
  ) throws(Failure) -> Int {
    let fitting = (bytes - held) / max(1, bytesPerRow)
    let least = min(Self.fewestRows, most)
    guard fitting >= least else { throw shortage(held + least * bytesPerRow, subject) }
    return min(fitting, most)
  }

  /// What to say where `needed` bytes are more than there are.
  func shortage(_ needed: Int, _ subject: String) -> Failure {
    let missing = ByteCount(max(needed - bytes, 1))
    return Failure(
      .unusable, subject,
      "needs \(ByteCount(needed)) of memory beside the model, the budget leaves \(ByteCount(bytes))",
      hint: "raise --memory by \(missing) or more")
  }
}

/// Bytes that texts and vectors take in memory.
enum Footprint {
  /// A vector of the given width, float32.
  static func vector(_ dimensions: Int) -> Int { 4 * dimensions }

  /// A text beside its bytes: the value in its array, and the block of memory it points to.
  static let textOverhead = 48

  /// A list of texts.
  static func texts(_ count: Int, bytes: Int) -> Int { bytes + count * textOverhead }

  /// What an embedder takes for a request: the texts' token ids and the finished vectors.
  static func request(_ count: Int, bytes: Int, dimensions: Int) -> Int {
    // A token has three bytes at the least in most texts, and its id four; lengths and order are
    // two numbers a text.
    2 * bytes + count * (16 + vector(dimensions))
  }
}
