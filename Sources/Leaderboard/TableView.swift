// A table before it has a format: typed cells in groups of rows, built once, rendered by each format.

import Core

package struct TableView: Sendable, Equatable {
  package var title: String
  package var columns: [Column]
  package var groups: [Group]
  /// Sentences below the table.
  package var footnotes: [String]

  package struct Column: Sendable, Equatable {
    /// The name in data files, `mean_task`.
    package var key: String
    /// The name people read, `Mean (Task)`.
    package var title: String
    package var alignment: Alignment
    package var kind: Kind

    package init(_ key: String, _ title: String, _ kind: Kind) {
      self.key = key
      self.title = title
      self.kind = kind
      alignment = kind == .text ? .leading : .trailing
    }
  }

  package enum Alignment: Sendable { case leading, trailing }

  /// What a column holds, whatever single cells hold.
  package enum Kind: Sendable { case text, rank, votes, score, count }

  /// Rows that belong together, perhaps under a heading row of their own.
  package struct Group: Sendable, Equatable {
    package var heading: [Cell]?
    package var rows: [[Cell]]

    package init(heading: [Cell]? = nil, rows: [[Cell]]) {
      self.heading = heading
      self.rows = rows
    }
  }

  package struct Cell: Sendable, Equatable {
    package var value: Value
    /// Points to a footnote; `*` for a partial mean, else empty.
    package var mark = ""
    /// The best of its row or column, where that is worth showing.
    package var isBest = false
    /// Place on a colour scale of ten steps, 0...9.
    package var shade: Int?

    package init(_ value: Value, mark: String = "") {
      self.value = value
      self.mark = mark
    }
  }

  package enum Value: Sendable, Equatable {
    case text(String)
    /// A fraction; shown times 100 with two decimals.
    case score(Double)
    /// Whole or half.
    case votes(Double)
    case integer(Int)
    case part(Int, of: Int)
    case absent
  }

  package init(
    title: String, columns: [Column], groups: [Group], footnotes: [String] = []
  ) {
    self.title = title
    self.columns = columns
    self.groups = groups
    self.footnotes = footnotes
  }

  package init(title: String, columns: [Column], rows: [[Cell]], footnotes: [String] = []) {
    self.init(
      title: title, columns: columns, groups: [Group(rows: rows)], footnotes: footnotes)
  }

  /// Every row from top to bottom, headings included.
  package var allRows: [[Cell]] { groups.flatMap { ($0.heading.map { [$0] } ?? []) + $0.rows } }
}

extension TableView.Cell {
  package static func text(_ text: String) -> Self { Self(.text(text)) }
  package static func integer(_ value: Int) -> Self { Self(.integer(value)) }
  package static func votes(_ value: Double) -> Self { Self(.votes(value)) }
  package static let absent = Self(.absent)

  package static func score(_ value: Double?, mark: String = "") -> Self {
    value.map { Self(.score($0), mark: mark) } ?? .absent
  }

  /// As people read it, without the mark.
  package var text: String {
    switch value {
    case .text(let text): text
    case .score(let score): NumberText.score(score)
    case .votes(let votes): NumberText.votes(votes)
    case .integer(let value): String(value)
    case .part(let part, let whole): "\(part)/\(whole)"
    case .absent: "–"
    }
  }

  /// As programs read it: fractions in full, nothing where nothing is.
  package var data: String {
    switch value {
    case .score(let score): score.description
    case .absent: ""
    default: text
    }
  }
}

/// How numbers are written for people; the same everywhere, whatever the locale.
package enum NumberText {
  /// A fraction times 100 with two decimals: 0.69378 is `69.38`, as leaderboards show it.
  package static func score(_ fraction: Double) -> String { fixed(fraction * 100) }

  /// Votes as `820` or `792.5`; other fractions, which votes do not have, with two decimals.
  package static func votes(_ votes: Double) -> String {
    if let whole = Int(exactly: votes) { return String(whole) }
    return Int(exactly: votes * 2) == nil ? fixed(votes) : votes.description
  }

  /// Two decimals, halves of the exact binary value to even.
  static func fixed(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return value.description }
    let hundredths = Int((value.rounded(decimals: 2) * 100).rounded())
    let (whole, rest) = abs(hundredths).quotientAndRemainder(dividingBy: 100)
    return "\(hundredths < 0 ? "-" : "")\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// Digits in threes, `12,345`.
  package static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var out = value < 0 ? "-" : ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i).isMultiple(of: 3) { out += "," }
      out.append(digit)
    }
    return out
  }

  /// A number with its noun, `1 model`, `2 models`.
  package static func count(_ value: Int, _ noun: String) -> String {
    "\(grouped(value)) \(noun)\(value == 1 ? "" : "s")"
  }
}
