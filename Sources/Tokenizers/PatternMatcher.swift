// Running a pattern over a text. Backtracking gives Oniguruma's choice among the matches; remembering
// what has failed keeps the time at pattern times text, whatever the pattern.

/// Finds the matches of a pattern in a part of a text, one after the other.
struct PatternMatcher {
  private let program: PatternProgram
  private let bytes: [UInt8]
  private let range: Range<Int>

  /// Where the search goes on.
  private var place: Int
  private var lastEnd: Int?
  /// What is still to be tried: an instruction and a place.
  private var pending: [(instruction: Int, place: Int)] = []
  private var steps = 0
  /// A bit per place and fork: whether it has been tried.
  ///
  /// Empty until a search becomes long.
  private var tried: [UInt64] = []
  /// By class, the last run of it that a span has gone through.
  private var runs: [Range<Int>]

  /// Ordinary words take fewer steps.
  private static let patience = 2000

  /// - Parameters:
  ///   - program: the pattern.
  ///   - bytes: UTF-8.
  ///   - range: what to search; the rest is as if it were not there.
  init(_ program: PatternProgram, _ bytes: [UInt8], _ range: Range<Int>) {
    self.program = program
    self.bytes = bytes
    self.range = range
    place = range.lowerBound
    runs = Array(repeating: 0..<0, count: program.sets.count)
  }

  /// The next match; it may be empty, but not where the one before ended.
  mutating func next() -> Range<Int>? {
    while place <= range.upperBound {
      guard let match = search() else {
        place = range.upperBound + 1
        return nil
      }
      if match.isEmpty, match.upperBound == lastEnd {
        place = match.upperBound < range.upperBound ? after(match.upperBound) : range.upperBound + 1
        continue
      }
      place = match.upperBound
      lastEnd = match.upperBound
      return match
    }
    return nil
  }

  private func after(_ place: Int) -> Int {
    place + UTF8Decoding.scalar(in: bytes, at: place).length
  }

  private mutating func search() -> Range<Int>? {
    steps = 0
    var start = place
    while start <= range.upperBound {
      if start == range.upperBound || program.starts[Int(bytes[start])],
        let end = run(0, at: start, isLooking: false)
      {
        forget(at: end)
        return start..<end
      }
      if start == range.upperBound { return nil }
      start = after(start)
    }
    return nil
  }

  /// The end of the match that starts here, or nil.
  private mutating func run(_ first: Int, at start: Int, isLooking: Bool) -> Int? {
    let bottom = pending.count
    var instruction = first
    var at = start
    while true {
      var isAlive = true
      switch program.instructions[instruction] {
      case .one(let set):
        isAlive = take(set, &at)
        instruction += 1
      case .span(let set, let least, let most):
        isAlive = skip(set, least: least, most: most, &at)
        instruction += 1
      case .fork(let one, let other, let number):
        steps += 1
        if !isLooking, steps > Self.patience, !remember(number, at) {
          isAlive = false
        } else {
          pending.append((other, at))
          instruction = one
        }
      case .jump(let next): instruction = next
      case .look(let isNegated, let next):
        let isThere = run(instruction + 1, at: at, isLooking: true) != nil
        isAlive = isThere != isNegated
        instruction = next
      case .anchor(let anchor):
        isAlive = holds(anchor, at)
        instruction += 1
      case .accept:
        pending.removeSubrange(bottom...)
        return at
      }
      if !isAlive {
        guard pending.count > bottom, let next = pending.popLast() else { return nil }
        (instruction, at) = next
      }
    }
  }

  @inline(__always)
  private func take(_ set: Int, _ at: inout Int) -> Bool {
    guard at < range.upperBound else { return false }
    let (value, length) = UTF8Decoding.scalar(in: bytes, at: at)
    guard program.sets[set].contains(value) else { return false }
    at += length
    return true
  }

  /// Goes to the end of a run; false where it is too short.
  ///
  /// A run that was gone through from an earlier place is not gone through again.
  private mutating func skip(_ set: Int, least: Int, most: Int, _ at: inout Int) -> Bool {
    if most == .max, least <= 1, runs[set].contains(at) {
      at = runs[set].upperBound
      return true
    }
    let start = at
    var count = 0
    while count < most, take(set, &at) { count += 1 }
    if most == .max { runs[set] = start..<at }
    return count >= least
  }

  private func holds(_ anchor: PatternNode.Anchor, _ at: Int) -> Bool {
    let newline = UInt8(ascii: "\n")
    let isStart = at == range.lowerBound
    let isEnd = at == range.upperBound
    switch anchor {
    case .textStart: return isStart
    case .textEnd: return isEnd
    case .lineStart: return isStart || !isEnd && bytes[at - 1] == newline
    case .lineEnd: return isEnd || bytes[at] == newline
    case .lastLineEnd: return isEnd || at == range.upperBound - 1 && bytes[at] == newline
    }
  }

  // MARK: Memory

  /// Notes that a fork is tried at a place; false where it was before, and so has failed.
  ///
  /// That holds for later starts, too: what follows a fork does not depend on what went before.
  private mutating func remember(_ fork: Int, _ at: Int) -> Bool {
    if tried.isEmpty {
      tried = Array(repeating: 0, count: (range.count + 1) * program.forkCount / 64 + 1)
    }
    let bit = (at - range.lowerBound) * program.forkCount + fork
    let mask: UInt64 = 1 << UInt64(bit & 63)
    if tried[bit >> 6] & mask != 0 { return false }
    tried[bit >> 6] |= mask
    return true
  }

  /// Of what was tried, only the way to a match did not fail; its last place is where the next
  /// search starts, the others are passed.
  private mutating func forget(at end: Int) {
    if tried.isEmpty { return }
    let first = (end - range.lowerBound) * program.forkCount
    for bit in first..<first + program.forkCount { tried[bit >> 6] &= ~(1 << UInt64(bit & 63)) }
  }
}
