// The answer of `doctor parity`: how far two embedders agree, text by text.

import Core
import Evaluation
import Foundation
import Leaderboard

struct ParityReport {
  let parity: Parity
  let texts: [String]
  let models: (first: ModelIdentity, second: ModelIdentity)
  /// Texts shown in the table of the worst.
  let shown: Int
  /// The least cosine that the user accepts; nil for any.
  let least: Double?

  var report: Report {
    Report(tables: [summary, sides, worst] + degenerate, records: records, json: json)
  }

  /// Texts whose vectors agree less than asked, those with a vector of zero among them.
  var tooFar: Int {
    guard let least else { return 0 }
    return parity.rows.count { ($0.cosine ?? -1) < least }
  }

  private static let percentiles = [0.0, 1, 5, 50]

  /// Cosines in ascending order; a vector of zero has none.
  private var cosines: [Double] { parity.rows.compactMap(\.cosine).sorted() }

  private func percentile(_ percent: Double) -> Double? {
    let sorted = cosines
    guard !sorted.isEmpty else { return nil }
    return sorted[Int(Double(sorted.count - 1) * percent / 100)]
  }

  private var mean: Double? {
    let all = cosines
    return all.isEmpty ? nil : all.reduce(0, +) / Double(all.count)
  }

  // MARK: For people

  private var summary: TableView {
    let cosine = { (value: Double?) in value.map(Self.text) ?? "none" }
    let largest = parity.rows.map(\.largestDifference).max() ?? 0
    let rows: [(String, String)] = [
      ("First", models.first.summary), ("Second", models.second.summary),
      ("Texts", NumberText.grouped(texts.count)),
      ("Worst cosine", cosine(percentile(0))), ("1 % are below", cosine(percentile(1))),
      ("5 % are below", cosine(percentile(5))), ("Median cosine", cosine(percentile(50))),
      ("Mean cosine", cosine(mean)), ("Largest difference of a number", Self.short(largest)),
    ]
    var notes: [String] = []
    if let least {
      notes.append(
        "\(NumberText.count(tooFar, "text")) below the cosine \(least.description) asked for.")
    }
    return TableView(
      title: "Parity", columns: [.init("fact", "Fact", .text), .init("value", "Value", .text)],
      rows: rows.map { [.text($0.0), .text($0.1)] }, footnotes: notes)
  }

  /// What is to be said of each embedder alone.
  private var sides: TableView {
    let cut = { (by: Parity.Truncation) in parity.rows.count { $0.truncation == by } }
    let facts: [(String, (Parity.Side) -> String)] = [
      ("Tokens", { NumberText.grouped($0.tokens) }),
      ("Texts cut", { NumberText.grouped($0.truncated) }),
      ("Vectors of zero", { NumberText.grouped($0.zero.count) }),
      ("Texts that share a vector", { NumberText.grouped(Self.count($0.shared)) }),
      ("Mean cosine of two texts", { $0.likeness.map(Self.short) ?? "none" }),
    ]
    var rows = facts.map { name, text -> [TableView.Cell] in
      [.text(name), .text(text(parity.first)), .text(text(parity.second))]
    }
    rows.append([
      .text("Texts that only this one says it cut"), .integer(cut(.first)), .integer(cut(.second)),
    ])
    return TableView(
      title: "Each alone",
      columns: [
        .init("fact", "Fact", .text), .init("first", "First", .count),
        .init("second", "Second", .count),
      ], rows: rows)
  }

  private var worst: TableView {
    TableView(
      title: "Texts that agree least",
      columns: [
        .init("text", "Text", .count), .init("cosine", "Cosine", .count),
        .init("difference", "Largest difference", .count), .init("cut", "Cut by", .text),
        .init("words", "Begins", .text),
      ],
      rows: parity.worstFirst.prefix(shown).map { row in
        [
          .integer(row.text + 1), .text(row.cosine.map(Self.text) ?? "none"),
          .text(Self.short(row.largestDifference)), .text(row.truncation?.rawValue ?? ""),
          .text(Self.begin(texts[row.text])),
        ]
      })
  }

  /// Tables of vectors that say nothing, where there are any.
  private var degenerate: [TableView] {
    var rows: [[TableView.Cell]] = []
    for (name, side) in [("first", parity.first), ("second", parity.second)] {
      for place in side.zero.prefix(shown) {
        rows.append([.text(name), .text("zero"), .text("\(place + 1)"), begin(place)])
      }
      for group in side.shared.prefix(shown) {
        let places = group.prefix(6).map { "\($0 + 1)" }.joined(separator: ", ")
        rows.append([
          .text(name), .text("the same for \(group.count) texts"),
          .text(group.count > 6 ? places + ", …" : places), begin(group[0]),
        ])
      }
    }
    guard !rows.isEmpty else { return [] }
    return [
      TableView(
        title: "Degenerate vectors",
        columns: [
          .init("side", "Of", .text), .init("fault", "Vector", .text),
          .init("texts", "Texts", .text), .init("words", "Begins", .text),
        ], rows: rows)
    ]
  }

  private func begin(_ place: Int) -> TableView.Cell { .text(Self.begin(texts[place])) }

  private static func begin(_ text: String) -> String {
    TextFit.cut(TextFit.oneLine(text), to: 40)
  }

  private static func count(_ groups: [[Int]]) -> Int { groups.reduce(0) { $0 + $1.count } }

  /// A cosine with as many digits as float32 vectors bear.
  private static func text(_ cosine: Double) -> String {
    String(format: "%.9f", cosine)
  }

  private static func short(_ value: Double) -> String { String(format: "%.3g", value) }

  // MARK: For programs

  private var records: TableView {
    TableView(
      title: "",
      columns: [
        .init("text", "Text", .count), .init("cosine", "Cosine", .score),
        .init("largest_difference", "Largest difference", .score),
        .init("norm_first", "Norm (first)", .score), .init("norm_second", "Norm (second)", .score),
        .init("cut_by", "Cut by", .text),
      ],
      rows: parity.rows.map { row in
        [
          .integer(row.text + 1), .score(row.cosine), .score(row.largestDifference),
          .score(row.norms.first), .score(row.norms.second),
          row.truncation.map { .text($0.rawValue) } ?? .absent,
        ]
      })
  }

  private var json: JSON {
    .object([
      ("schema", .integer(1)), ("texts", .integer(texts.count)),
      ("first", Self.json(models.first, parity.first)),
      ("second", Self.json(models.second, parity.second)),
      (
        "cosine",
        .object(
          [("mean", .optional(mean) { .number($0) })]
            + Self.percentiles.map { percent in
              (
                percent == 0 ? "worst" : "percentile_\(Int(percent))",
                .optional(percentile(percent)) { .number($0) }
              )
            })
      ),
      ("below", .optional(least) { _ in .integer(tooFar) }),
      (
        "rows",
        .array(
          parity.rows.map { row in
            .object([
              ("text", .integer(row.text + 1)), ("cosine", .optional(row.cosine) { .number($0) }),
              ("largest_difference", .number(row.largestDifference)),
              ("norm_first", .number(row.norms.first)),
              ("norm_second", .number(row.norms.second)),
              ("cut_by", .optional(row.truncation) { .string($0.rawValue) }),
            ])
          })
      ),
    ])
  }

  private static func json(_ model: ModelIdentity, _ side: Parity.Side) -> JSON {
    .object([
      ("model", .string(model.name)), ("revision", .string(model.revision)),
      ("engine", .string(model.engine)), ("tokens", .integer(side.tokens)),
      ("truncated", .integer(side.truncated)),
      ("zero", .array(side.zero.map { .integer($0 + 1) })),
      ("shared", .array(side.shared.map { .array($0.map { .integer($0 + 1) }) })),
      ("mean_cosine_of_texts", .optional(side.likeness) { .number($0) }),
    ])
  }
}
