// Texts cut to the columns of a terminal.

import Leaderboard
import Testing

@Suite struct `Texts in a terminal` {
  @Test(arguments: [
    ("short", 5, "short"), ("longer", 5, "long…"), ("中文字", 6, "中文字"), ("中文字", 5, "中文…"),
    ("中文字", 4, "中…"), ("é\u{301}a", 1, "…"), ("", 0, ""),
  ])
  func `keep to the columns there are`(text: String, columns: Int, cut: String) {
    #expect(TextFit.cut(text, to: columns) == cut)
    #expect(TextFit.width(of: TextFit.cut(text, to: columns)) <= max(1, columns))
  }

  @Test func `stand on one line, without control characters`() {
    #expect(TextFit.oneLine(" a\n\tb\u{1B}[31mc\u{2028}d ") == "a b [31mc d")
  }

  @Test(arguments: [
    (60, [20, 20], [20, 20]), (60, [10, 90], [10, 50]), (60, [90, 90], [30, 30]),
    (60, [90, 5, 40], [28, 5, 27]), (10, [90, 90], [12, 12]), (-5, [90], [12]),
  ])
  func `share the room, short ones taking what they need`(
    columns: Int, needs: [Int], shares: [Int]
  ) {
    #expect(TextFit.shares(of: columns, for: needs) == shares)
  }
}
