// How much memory a command may take, and whether a model fits into it.

package import Core

/// A budget for the whole process.
package struct MemoryBudget: Sendable, Equatable {
  /// Bytes; nil where the system does not say what it has and nobody has set a budget.
  package let total: Int?
  /// Whether `--memory` set it.
  package let isAsked: Bool

  /// The share of what is available that is taken without being asked.
  private static let share = 0.8
  /// What the program itself takes: its code, the runtime, what the allocator keeps back.
  package static let program = 48_000_000
  /// Tokens of the texts that work space is kept for; longer ones take more, and the plan says so.
  private static let commonLength = 1024
  /// The least that is left to evaluators.
  private static let leastWork = 16_000_000

  /// No budget: nothing is refused.
  package static let none = MemoryBudget(asked: nil, available: nil)

  /// - Parameters:
  ///   - asked: the value of `--memory`.
  ///   - available: bytes that the machine has left.
  package init(asked: ByteCount?, available: Int? = AvailableMemory.bytes()) {
    isAsked = asked != nil
    total = asked?.bytes ?? available.map { Int(Double($0) * Self.share) }
  }

  /// Refuses a model whose weights do not fit, before they are read.
  ///
  /// - Parameters:
  ///   - weights: bytes of the weights in float32.
  ///   - subject: the model as the user named it.
  /// - Throws: `.usage` where `--memory` is too small, `.unusable` where the machine is.
  package func check(weights: Int, _ subject: String) throws(Failure) {
    guard let total else { return }
    let least = weights + Self.program + Self.leastWork
    guard least > total else { return }
    throw refusal(least, "has \(ByteCount(weights)) of weights in float32", total, subject)
  }

  /// What is left for evaluators beside a loaded model.
  ///
  /// - Parameters:
  ///   - embedder: the loaded model.
  ///   - resident: bytes that the process takes by now; nil where the system does not tell.
  /// - Throws: as `check` does.
  /// - Returns: what a cell may take.
  package func work(
    beside embedder: any Embedder, resident: Int? = AvailableMemory.resident
  ) throws(Failure) -> WorkMemory {
    guard let total else { return .unlimited }
    let own = embedder.memory(longestText: Self.commonLength)
    let held = max(resident ?? 0, own.weights + Self.program) + own.workspaces
    guard held + Self.leastWork <= total else {
      throw refusal(
        held + Self.leastWork, "takes \(ByteCount(held)) with its work space", total,
        embedder.model.name)
    }
    return WorkMemory(bytes: total - held)
  }

  private func refusal(
    _ least: Int, _ what: String, _ total: Int, _ subject: String
  ) -> Failure {
    if isAsked {
      return Failure(
        .usage, "--memory", "\(ByteCount(total)) is too little: \(subject) \(what)",
        hint: "give it at least \(Self.roundedUp(least))")
    }
    return Failure(
      .unusable, subject,
      "\(what), and \(ByteCount(total)) is what this machine can spare now",
      hint: "take a machine with more memory, or insist with --memory \(Self.roundedUp(least))")
  }

  /// A value for `--memory` that holds this many bytes.
  private static func roundedUp(_ bytes: Int) -> String { "\((bytes + 999_999) / 1_000_000)MB" }
}
