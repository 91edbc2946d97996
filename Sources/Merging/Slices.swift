// Large tensors in slices: several at once, results always in order, never more in memory than the
// slices in hand.

import Core

/// Cuts tensors of any size into slices of a fixed number of elements.
///
/// The cuts depend on nothing but the size, and results come in the order of the slices: so sums
/// over slices have the same bits at any number of threads.
struct Slices: Sendable {
  /// Elements of a slice: 512 KiB as f32, small enough for several to stay in a processor's cache.
  static let length = 1 << 17

  let threads: Int

  /// Which elements slice `number` holds, of `count` in all.
  static func range(_ number: Int, of count: Int) -> Range<Int> {
    number * length..<min((number + 1) * length, count)
  }

  static func number(of count: Int) -> Int { (count + length - 1) / length }

  /// Computes every slice of `count` elements and hands the results over, in order.
  ///
  /// - Throws: the first failure of a slice in order; `.interrupted` when the task is cancelled.
  func forEach<T: Sendable>(
    of count: Int, _ compute: @escaping @Sendable (Int, Range<Int>) throws(Failure) -> T,
    then take: (T) throws(Failure) -> Void
  ) async throws(Failure) {
    let total = Self.number(of: count)
    // A few slices for each thread, so that a slow one does not hold the others up for long.
    let wave = threads > 1 ? threads * 4 : 1
    for start in stride(from: 0, to: total, by: wave) {
      if Task.isCancelled { throw Self.interruption }
      let numbers = start..<min(start + wave, total)
      if numbers.count == 1 {
        try take(compute(start, Self.range(start, of: count)))
        // Lets whoever asks for a stop be heard.
        await Task.yield()
        continue
      }
      for result in await Self.atOnce(numbers, of: count, threads, compute) {
        try take(result.get())
      }
    }
  }

  private static func atOnce<T: Sendable>(
    _ numbers: Range<Int>, of count: Int, _ threads: Int,
    _ compute: @escaping @Sendable (Int, Range<Int>) throws(Failure) -> T
  ) async -> [Result<T, Failure>] {
    await withTaskGroup(of: [(Int, Result<T, Failure>)].self) { group in
      for worker in 0..<min(threads, numbers.count) {
        group.addTask {
          stride(from: numbers.lowerBound + worker, to: numbers.upperBound, by: threads).map {
            number in
            (
              number,
              Result { () throws(Failure) in try compute(number, range(number, of: count)) }
            )
          }
        }
      }
      var results: [Int: Result<T, Failure>] = [:]
      for await part in group {
        for (number, result) in part { results[number] = result }
      }
      return numbers.compactMap { results[$0] }
    }
  }

  static let interruption = Failure(
    .interrupted, "merge", "was interrupted; nothing is left behind",
    hint: "run the same command again")
}
