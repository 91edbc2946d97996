// What numpy's two generators share: bounded draws by masking, and the permutation made of them.

/// n - 1 as the 32-bit bound of a draw.
func largestIndex(_ n: Int) -> UInt32 {
  precondition(n >= 1 && n - 1 <= Int(UInt32.max), "cannot draw one of \(n)")
  return UInt32(n - 1)
}

/// Draws until the lowest bits, as many as the bound has, give a value in 0...largest.
///
/// A bound of 0 draws nothing.
func maskedDraw(upTo largest: UInt32, from next: () -> UInt32) -> UInt32 {
  guard largest > 0 else { return 0 }
  let mask = UInt32.max >> UInt32(largest.leadingZeroBitCount)
  while true {
    let value = next() & mask
    if value <= largest { return value }
  }
}

/// 0..<n shuffled after Fisher and Yates: from the end, every place is swapped with one up to itself.
func maskedPermutation(_ n: Int, from next: () -> UInt32) -> [Int] {
  var rows = Array(0..<n)
  for i in stride(from: n - 1, to: 0, by: -1) {
    rows.swapAt(i, Int(maskedDraw(upTo: largestIndex(i + 1), from: next)))
  }
  return rows
}
