// A regular expression as a list of instructions for `PatternMatcher`.

import Core

/// What a pattern became.
struct PatternProgram: Sendable {
  enum Instruction: Sendable, Equatable {
    /// One scalar of a class.
    case one(Int)
    /// As many scalars of a class as there are, within the limits; never fewer on second thought.
    case span(Int, least: Int, most: Int)
    /// Goes on at the first place, and at the second where that fails. The number counts the forks.
    case fork(Int, Int, number: Int)
    case jump(Int)
    /// Runs the instructions from the next one on as a look-ahead, then goes on at `next`.
    case look(isNegated: Bool, next: Int)
    case anchor(PatternNode.Anchor)
    case accept
  }

  /// A class with its ASCII part spread out.
  struct Set: Sendable {
    let scalars: ScalarClass
    let ascii: [Bool]

    init(_ scalars: ScalarClass) {
      self.scalars = scalars
      ascii = (UInt32(0)..<128).map(scalars.contains)
    }

    @inline(__always)
    func contains(_ value: UInt32) -> Bool {
      value < 128 ? ascii[Int(value)] : scalars.contains(value)
    }
  }

  private(set) var instructions: [Instruction] = []
  private(set) var sets: [Set] = []
  private(set) var forkCount = 0
  /// By byte: whether a match may start with it.
  private(set) var starts: [Bool] = []

  /// More instructions than any tokenizer's pattern comes to are refused.
  private static let sizeLimit = 20_000

  /// Reads and translates a pattern.
  ///
  /// - Parameters:
  ///   - text: the regular expression.
  ///   - section: where it stands, for messages.
  /// - Throws: `malformed` for one that makes no sense, `unsupported` for parts of the syntax that
  ///   are not understood; both show the pattern.
  init(_ text: String, _ section: FileSection) throws(Failure) {
    do throws(PatternFault) {
      try self.init(text)
    } catch {
      let shown = text.unicodeScalars.count > 200 ? String(text.prefix(200)) + "…" : text
      switch error {
      case .malformed(let reason):
        throw section.malformed("the regex pattern '\(shown)' is not well-formed: \(reason)")
      case .unsupported(let reason):
        throw Failure(
          .unsupported, section.file,
          "\(section.path): the regex pattern '\(shown)' is not supported: \(reason)",
          hint: "use a tokenizer whose patterns are made of classes, repetitions and alternatives")
      }
    }
  }

  init(_ text: String) throws(PatternFault) {
    let node = try PatternParser.parse(text)
    try emit(node)
    instructions.append(.accept)
    keepSpans()
    starts = Self.starts(of: node)
  }

  // MARK: Translation

  private mutating func set(_ scalars: ScalarClass) -> Int {
    if let known = sets.firstIndex(where: { $0.scalars == scalars }) { return known }
    sets.append(Set(scalars))
    return sets.count - 1
  }

  private mutating func fork() -> Int {
    instructions.append(.jump(-1))
    return instructions.count - 1
  }

  private mutating func close(_ fork: Int, _ first: Int, _ second: Int) {
    instructions[fork] = .fork(first, second, number: forkCount)
    forkCount += 1
  }

  private mutating func emit(_ node: PatternNode) throws(PatternFault) {
    guard instructions.count < Self.sizeLimit else {
      throw .unsupported("more than \(Self.sizeLimit) steps")
    }
    switch node {
    case .one(let scalars): instructions.append(.one(set(scalars)))
    case .anchor(let anchor): instructions.append(.anchor(anchor))
    case .sequence(let parts): for part in parts { try emit(part) }
    case .choice(let parts): try emitChoice(parts)
    case .loop(let body, let least, let most, let greed):
      try emitLoop(body, least, most, greed)
    case .look(let body, let isNegated):
      // An unlimited look-ahead from every place would take quadratic time.
      guard body.width.most != nil else { throw .unsupported("a look-ahead without a limit") }
      let place = instructions.count
      instructions.append(.jump(-1))
      try emit(body)
      instructions.append(.accept)
      instructions[place] = .look(isNegated: isNegated, next: instructions.count)
    }
  }

  private mutating func emitChoice(_ parts: [PatternNode]) throws(PatternFault) {
    var jumps: [Int] = []
    for part in parts.dropLast() {
      let fork = fork()
      try emit(part)
      jumps.append(instructions.count)
      instructions.append(.jump(-1))
      close(fork, fork + 1, instructions.count)
    }
    if let last = parts.last { try emit(last) }
    for jump in jumps { instructions[jump] = .jump(instructions.count) }
  }

  private mutating func emitLoop(
    _ body: PatternNode, _ least: Int, _ most: Int?, _ greed: PatternNode.Greed
  ) throws(PatternFault) {
    if greed == .possessive {
      guard case .one(let scalars) = body else {
        throw .unsupported("a possessive repetition of more than one character")
      }
      instructions.append(.span(set(scalars), least: least, most: most ?? .max))
      return
    }
    guard body.width.least > 0 else { throw .unsupported("a repetition of what may be empty") }
    for _ in 0..<least { try emit(body) }
    func close(_ fork: Int, _ inside: Int, _ outside: Int) {
      let isLazy = greed == .lazy
      self.close(fork, isLazy ? outside : inside, isLazy ? inside : outside)
    }
    guard let most else {
      let fork = fork()
      try emit(body)
      instructions.append(.jump(fork))
      return close(fork, fork + 1, instructions.count)
    }
    var forks: [Int] = []
    for _ in least..<most {
      forks.append(fork())
      try emit(body)
    }
    for fork in forks { close(fork, fork + 1, instructions.count) }
  }

  /// A greedy loop over one class that the pattern ends with never gives anything back.
  private mutating func keepSpans() {
    for (place, instruction) in instructions.enumerated() {
      guard case .fork(let first, let second, _) = instruction, first == place + 1,
        second == place + 3, place + 2 < instructions.count,
        case .one(let set) = instructions[first],
        instructions[place + 2] == .jump(place), leadsToAccept(second)
      else { continue }
      instructions[place] = .span(set, least: 0, most: .max)
      instructions[first] = .jump(second)
    }
  }

  private func leadsToAccept(_ place: Int) -> Bool {
    var place = place
    for _ in 0..<instructions.count {
      guard case .jump(let next) = instructions[place] else { break }
      place = next
    }
    return instructions[place] == .accept
  }

  // MARK: First bytes

  private static func starts(of node: PatternNode) -> [Bool] {
    guard node.width.least > 0 else { return [Bool](repeating: true, count: 256) }
    // The first byte of a scalar beyond ASCII says little.
    var starts = [Bool](repeating: true, count: 256)
    for value in UInt32(0)..<128 { starts[Int(value)] = node.mayStart(with: value) }
    return starts
  }
}

extension PatternNode {
  /// Whether a match that is not empty may begin with a scalar; true in case of doubt.
  fileprivate func mayStart(with value: UInt32) -> Bool {
    switch self {
    case .one(let scalars): return scalars.contains(value)
    case .look, .anchor: return true
    case .choice(let parts): return parts.contains { $0.mayStart(with: value) }
    case .loop(let body, _, _, _): return body.mayStart(with: value)
    case .sequence(let parts):
      for part in parts {
        if case .look = part { continue }
        if case .anchor = part { continue }
        if part.mayStart(with: value) { return true }
        if part.width.least > 0 { return false }
      }
      return true
    }
  }
}
