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
  package enum Kind: Sendable {
    case text, rank, votes, score, count, difference, interval, probability
  }

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
    /// Of two fractions; shown times 100 with its sign and two decimals.
    case difference(Double)
    /// Whole or half, with its sign.
    case votesDifference(Double)
    /// From one difference to another.
    case interval(Double, Double)
    case probability(Double)
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
  package static func votes(_ value: Double, mark: String = "") -> Self {
    Self(.votes(value), mark: mark)
  }
  /// For records: `true` or `false`.
  package static func flag(_ value: Bool) -> Self { Self(.text(value ? "true" : "false")) }
  package static let absent = Self(.absent)

  package static func score(_ value: Double?, mark: String = "") -> Self {
    value.map { Self(.score($0), mark: mark) } ?? .absent
  }

  package static func difference(_ value: Double?) -> Self {
    value.map { Self(.difference($0)) } ?? .absent
  }

  package static func votesDifference(_ value: Double?) -> Self {
    value.map { Self(.votesDifference($0)) } ?? .absent
  }

  /// As people read it, without the mark.
  package var text: String {
    switch value {
    case .text(let text): text
    case .score(let score): NumberText.score(score)
    case .votes(let votes): NumberText.votes(votes)
    case .integer(let value): String(value)
    case .part(let part, let whole): "\(part)/\(whole)"
    case .difference(let difference): NumberText.difference(difference)
    case .votesDifference(let votes): NumberText.signed(votes, NumberText.votes)
    case .interval(let low, let high): NumberText.interval(low, high)
    case .probability(let probability): NumberText.probability(probability)
    case .absent: "–"
    }
  }

  /// As programs read it: fractions in full, nothing where nothing is.
  package var data: String {
    switch value {
    case .score(let score): score.description
    case .difference(let value), .probability(let value): value.description
    case .votesDifference(let votes): Int(exactly: votes).map(String.init) ?? votes.description
    case .interval(let low, let high): "\(low) to \(high)"
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

  /// With two decimals or as many as asked for, halves of the exact binary value to even.
  static func fixed(_ value: Double, decimals: Int = 2) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return value.description }
    let scale = (0..<decimals).reduce(1) { product, _ in product * 10 }
    let parts = Int((value.rounded(decimals: decimals) * Double(scale)).rounded())
    let (whole, rest) = abs(parts).quotientAndRemainder(dividingBy: scale)
    let digits = String(rest)
    let zeros = String(repeating: "0", count: decimals - digits.count)
    return "\(parts < 0 ? "-" : "")\(whole).\(zeros)\(digits)"
  }

  /// A difference of two fractions, times 100, with its sign: `+1.20`, `-0.31`.
  package static func difference(_ fraction: Double) -> String { signed(fraction, score) }

  /// With the sign in front, but for an exact zero; a difference that rounds to zero keeps its own.
  static func signed(_ value: Double, _ text: (Double) -> String) -> String {
    (value > 0 ? "+" : value < 0 ? "-" : "") + text(abs(value))
  }

  /// From one difference of fractions to another, `+0.31 to +2.05`.
  package static func interval(_ low: Double, _ high: Double) -> String {
    "\(difference(low)) to \(difference(high))"
  }

  /// A p-value with the digits that matter: `0.42`, `0.034`, `0.0012`, `<0.0001`.
  package static func probability(_ p: Double) -> String {
    if p < 0.00005 { return "<0.0001" }
    return fixed(p, decimals: p < 0.01 ? 4 : p < 0.1 ? 3 : 2)
  }

  /// The same in a sentence: `= 0.034`, `< 0.0001`.
  static func relation(_ p: Double) -> String {
    let text = probability(p)
    return text.hasPrefix("<") ? "< \(text.dropFirst())" : "= \(text)"
  }

  /// A level in percent, `95 %`.
  static func percent(_ level: Double) -> String {
    let percent = (level * 1000).rounded() / 10
    return "\(Int(exactly: percent).map { String($0) } ?? percent.description) %"
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
