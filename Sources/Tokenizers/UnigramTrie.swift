// The pieces of a Unigram vocabulary, laid out so that all pieces at a place of a text are found with
// one look at memory for each byte.

/// A double array: the child of a node by a byte is the unit `base ^ byte`, if that unit names the node
/// as its parent.
///
/// A node's children lie within one block of 256 units; blocks of several nodes overlap.
struct UnigramTrie: Sendable {
  fileprivate struct Unit: Sendable {
    /// Where the children are looked for; the upper bit tells that a piece ends here.
    var base: UInt32 = 0
    /// -1 for a free unit.
    var parent: Int32 = -1
  }

  private var units: [Unit] = []
  /// By unit: the id of the piece that ends there.
  private var values: [Int32] = []

  private static let endsPiece: UInt32 = 0x8000_0000

  /// More bytes of pieces than any vocabulary has; every byte may take a unit.
  static let byteLimit = 1 << 24

  /// - Parameter pieces: by id, UTF-8, together below `byteLimit`; empty ones are left out, and of
  ///   equal ones the last counts.
  init(_ pieces: [[UInt8]]) {
    var builder = Builder(pieces)
    builder.build()
    units = builder.units
    values = builder.values
  }

  /// Calls the body for every piece that starts at the lower bound of the range and ends within it,
  /// the shortest first.
  ///
  /// - Parameters:
  ///   - text: UTF-8.
  ///   - range: where to look.
  ///   - body: takes where the piece ends, and its id.
  @inline(__always)
  func forEachMatch(
    in text: [UInt8], _ range: Range<Int>, _ body: (_ end: Int, _ id: Int32) -> Void
  ) {
    var node = 0
    var base = units[0].base
    var at = range.lowerBound
    while at < range.upperBound {
      let next = Int(base & ~Self.endsPiece) ^ Int(text[at])
      let unit = units[next]
      if Int(unit.parent) != node { return }
      at += 1
      node = next
      base = unit.base
      if base & Self.endsPiece != 0 { body(at, values[next]) }
    }
  }

  /// The id of exactly this piece.
  func value(of piece: some Sequence<UInt8>) -> Int32? {
    var node = 0
    for byte in piece {
      let next = Int(units[node].base & ~Self.endsPiece) ^ Int(byte)
      if Int(units[next].parent) != node { return nil }
      node = next
    }
    return units[node].base & Self.endsPiece != 0 ? values[node] : nil
  }
}

extension UnigramTrie {
  /// Places the nodes level by level, so that those near the root, which every look passes, stay
  /// together.
  private struct Builder {
    var units: [Unit] = []
    var values: [Int32] = []
    private let pieces: [[UInt8]]
    /// Ids, in the order of the pieces' bytes, of equal pieces in the order of ids.
    private let order: [Int32]
    /// By block, a bit for each free unit.
    private var free: [UInt64] = []
    private var firstOpenBlock = 0

    /// Only so many blocks are searched for room; those before them stay as they are.
    private static let openBlocks = 16

    /// Pieces that share the bytes up to a depth, and the unit they have reached.
    private struct Node {
      var pieces: Range<Int>
      var depth: Int
      var unit: Int
    }

    init(_ pieces: [[UInt8]]) {
      self.pieces = pieces
      // The first eight bytes decide most comparisons.
      let keys = pieces.map { piece in
        (0..<8).reduce(UInt64(0)) { $0 << 8 | ($1 < piece.count ? UInt64(piece[$1]) : 0) }
      }
      order = pieces.indices.filter { !pieces[$0].isEmpty }.map { Int32($0) }.sorted {
        let (a, b) = (Int($0), Int($1))
        if keys[a] != keys[b] { return keys[a] < keys[b] }
        if pieces[a] == pieces[b] { return a < b }
        return pieces[a].lexicographicallyPrecedes(pieces[b])
      }
      addBlock()
      take(0, parent: -2)
    }

    mutating func build() {
      var queue = [Node(pieces: order.indices, depth: 0, unit: 0)]
      var next = 0
      while next < queue.count {
        let node = queue[next]
        next += 1
        place(node, &queue)
        // What is done is let go from time to time.
        if next == 1 << 16 {
          queue.removeFirst(next)
          next = 0
        }
      }
    }

    private mutating func place(_ node: Node, _ queue: inout [Node]) {
      var at = node.pieces.lowerBound
      while at < node.pieces.upperBound, pieces[Int(order[at])].count == node.depth {
        units[node.unit].base |= UnigramTrie.endsPiece
        values[node.unit] = order[at]
        at += 1
      }
      var children: [(byte: UInt8, pieces: Range<Int>)] = []
      while at < node.pieces.upperBound {
        let byte = pieces[Int(order[at])][node.depth]
        let start = at
        while at < node.pieces.upperBound, pieces[Int(order[at])][node.depth] == byte { at += 1 }
        children.append((byte, start..<at))
      }
      if children.isEmpty { return }
      let base = room(for: children.map { Int($0.byte) })
      units[node.unit].base |= UInt32(base)
      for child in children {
        let unit = base ^ Int(child.byte)
        take(unit, parent: Int32(node.unit))
        queue.append(Node(pieces: child.pieces, depth: node.depth + 1, unit: unit))
      }
    }

    /// A base that leads all bytes to free units.
    private mutating func room(for bytes: [Int]) -> Int {
      let blockCount = units.count / 256
      firstOpenBlock = max(firstOpenBlock, blockCount - Self.openBlocks)
      while firstOpenBlock < blockCount, !hasFree(firstOpenBlock) { firstOpenBlock += 1 }
      for block in firstOpenBlock..<blockCount {
        for word in block * 4..<block * 4 + 4 {
          var bits = free[word]
          while bits != 0 {
            let base = (word * 64 + bits.trailingZeroBitCount) ^ bytes[0]
            if bytes.allSatisfy({ isFree(base ^ $0) }) { return base }
            bits &= bits - 1
          }
        }
      }
      addBlock()
      return blockCount * 256
    }

    private func hasFree(_ block: Int) -> Bool {
      free[block * 4] | free[block * 4 + 1] | free[block * 4 + 2] | free[block * 4 + 3] != 0
    }

    private func isFree(_ unit: Int) -> Bool { free[unit / 64] >> UInt64(unit % 64) & 1 != 0 }

    private mutating func addBlock() {
      units += Array(repeating: Unit(), count: 256)
      values += Array(repeating: -1, count: 256)
      free += Array(repeating: .max, count: 4)
    }

    private mutating func take(_ unit: Int, parent: Int32) {
      units[unit].parent = parent
      free[unit / 64] &= ~(1 << UInt64(unit % 64))
    }
  }
}
