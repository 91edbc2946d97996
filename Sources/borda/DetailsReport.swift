// The answer of `details`: single outcomes, the worst or the best, of one model or of two.

import Core
import Foundation
import Leaderboard
import Storage

struct DetailsReport {
  let source: DetailSource
  let other: DetailSource?
  let found: OutcomeCases
  let measure: OutcomeShape.Measure
  let areBest: Bool
  /// Columns that the table may take; nil for as many as it needs.
  let width: Int?

  private var shape: OutcomeShape { source.index.shape }
  private var areSeveral: (splits: Bool, subsets: Bool) {
    (
      Set(source.cells.map(\.split)).count > 1, Set(source.cells.map(\.subset)).count > 1
    )
  }

  var report: Report {
    Report(tables: [table], records: records, json: json)
  }

  // MARK: For people

  private var table: TableView {
    var columns: [TableView.Column] = []
    if areSeveral.splits { columns.append(.init("split", "Split", .text)) }
    if areSeveral.subsets { columns.append(.init("subset", "Subset", .text)) }
    columns.append(.init("name", shape.name == "row" ? "Row" : shape.item.capitalized, .text))
    columns.append(.init("value", measure.key, .score))
    if other != nil {
      columns += [.init("other", "Other", .score), .init("difference", "Difference", .score)]
    }
    let rest = shape.columns.filter { $0.path != measure.key }
    let ordered = rest.filter { !$0.isText } + rest.filter(\.isText)
    columns += ordered.map(heading)
    let rows = found.cases.map { item in
      place(of: item) + values(of: item)
        + ordered.map { column in
          let text = OutcomeText.of(item.outcome.value(at: column.path))
          let isCut = width != nil && !column.isText
          return .text(isCut ? TextFit.cut(text, to: Self.widestLabel) : text)
        }
    }
    return TableView(
      title: title, columns: columns, rows: cut(rows, under: columns, ordered.count { $0.isText }),
      footnotes: footnotes)
  }

  /// Columns of a terminal for a value that is no text: labels may be long, and many.
  private static let widestLabel = 24

  /// Numbers stand at the right, all else at the left.
  private func heading(_ column: OutcomeShape.Column) -> TableView.Column {
    let values = found.cases.compactMap { $0.outcome.value(at: column.path) }
    let isNumber = !column.isText && values.allSatisfy { $0.double != nil }
    return TableView.Column(column.path, column.title, isNumber ? .count : .text)
  }

  private func place(of item: OutcomeCases.Case) -> [TableView.Cell] {
    var cells: [TableView.Cell] = []
    if areSeveral.splits { cells.append(.text(item.cell.split)) }
    if areSeveral.subsets { cells.append(.text(item.cell.subset)) }
    return cells + [.text(OutcomeText.of(item.outcome.value(at: shape.name)))]
  }

  private func values(of item: OutcomeCases.Case) -> [TableView.Cell] {
    let values = [item.value] + (item.other.map { [$0.value, item.difference] } ?? [])
    return values.map { measure.isShare ? .score($0) : .text(OutcomeText.of(.number($0))) }
  }

  /// Cuts the last `count` columns, which are texts, to the room that the others leave.
  private func cut(
    _ rows: [[TableView.Cell]], under columns: [TableView.Column], _ count: Int
  ) -> [[TableView.Cell]] {
    guard let width, count > 0 else { return rows }
    let needs = columns.indices.map { column in
      max(
        TextFit.width(of: columns[column].title),
        rows.map { TextFit.width(of: $0[column].text) }.max() ?? 0)
    }
    let first = columns.count - count
    let taken = needs.prefix(first).reduce(0) { $0 + $1 + 2 } + 2 * (count - 1)
    let shares = TextFit.shares(of: width - taken, for: Array(needs.suffix(count)))
    return rows.map { row in
      row.prefix(first) + zip(row.suffix(count), shares).map { .text(TextFit.cut($0.text, to: $1)) }
    }
  }

  private var title: String {
    let which = areBest ? "best" : "worst"
    let items = counted(found.measured)
    let what = "\(source.index.task), the \(found.cases.count) \(which) of \(items)"
    guard let other else { return "\(what) by \(measure.key): \(source.model)" }
    return "\(what) by \(measure.key): \(source.model) against \(other.model)"
  }

  /// `1 query`, `2 queries`.
  private func counted(_ count: Int) -> String {
    guard count != 1, shape.item.hasSuffix("y") else { return NumberText.count(count, shape.item) }
    return "\(NumberText.grouped(count)) \(shape.item.dropLast())ies"
  }

  private var footnotes: [String] {
    var notes: [String] = []
    if let mean = found.mean {
      let text = measure.isShare ? NumberText.score(mean) : OutcomeText.of(.number(mean))
      notes.append("Mean \(other == nil ? measure.key : "difference") of all: \(text).")
    }
    if other != nil {
      let equal = found.measured - found.better - found.worse
      notes.append("Better \(found.better), worse \(found.worse), equal \(equal).")
    }
    if found.unmeasured > 0 {
      notes.append("\(counted(found.unmeasured)) without this measure.")
    }
    if found.unmatched > 0 {
      notes.append(
        "\(counted(found.unmatched)) without details of both models.")
    }
    return notes
  }

  // MARK: For programs

  private var records: TableView {
    let keys =
      [shape.name] + shape.measures.map(\.key)
      + shape.columns.map(\.path).filter { path in
        path != shape.name && !shape.measures.contains { $0.key == path }
      }
    let added = other == nil ? [] : ["other", "difference"]
    let rows = found.cases.map { item -> [TableView.Cell] in
      let own = keys.map { key -> TableView.Cell in .text(Self.data(item.outcome.value(at: key))) }
      let rest = item.other.map { [$0.value, item.difference] } ?? []
      return [.text(item.cell.split), .text(item.cell.subset)] + own
        + rest.map { .text($0.description) }
    }
    return TableView(
      title: title,
      columns: (["split", "subset"] + keys + added).map { .init($0, $0, .text) }, rows: rows)
  }

  private static func data(_ value: JSON?) -> String { value.map { $0.string ?? $0.line } ?? "" }

  private var json: JSON {
    var members = JSON.Members([
      ("schema", .integer(1)), ("task", .string(source.index.task)),
      ("type", .string(source.index.type)), ("measure", .string(measure.key)),
      ("order", .string(areBest ? "best" : "worst")), ("model", .string(source.model)),
      ("revision", .string(source.revision)),
    ])
    if let other {
      members["against"] = .object([
        ("model", .string(other.model)), ("revision", .string(other.revision)),
      ])
      members["better"] = .integer(found.better)
      members["worse"] = .integer(found.worse)
    }
    members["measured"] = .integer(found.measured)
    members["unmeasured"] = .integer(found.unmeasured)
    members["unmatched"] = .integer(found.unmatched)
    members["mean"] = .optional(found.mean) { .number($0) }
    members["outcomes"] = .array(
      found.cases.map { item in
        var entry = JSON.Members([
          ("split", .string(item.cell.split)), ("subset", .string(item.cell.subset)),
          ("value", .number(item.value)),
        ])
        if let other = item.other {
          entry["other_value"] = .number(other.value)
          entry["difference"] = .number(item.difference)
          entry["other_outcome"] = other.outcome.json
        }
        entry["outcome"] = item.outcome.json
        return .object(entry)
      })
    return .object(members)
  }
}

/// Values of outcomes as people read them.
enum OutcomeText {
  /// On one line: numbers with four decimals, equal members of a list counted.
  static func of(_ value: JSON?) -> String {
    switch value {
    case nil, .null: "–"
    case .string(let text): TextFit.oneLine(text)
    case .number(let number): number.rounded(decimals: 4).description
    case .array(let members) where members.contains { $0.array != nil }:
      counted(members.map { "{\(($0.array ?? []).map { of($0) }.joined(separator: ", "))}" })
    case .array(let members): counted(members.map { of($0) })
    case .some(let other): other.line
    }
  }

  /// Different texts, the most frequent first, `a ×7, b ×3`.
  private static func counted(_ texts: [String]) -> String {
    var counts: [(text: String, count: Int)] = []
    for text in texts {
      if let place = counts.firstIndex(where: { $0.text == text }) {
        counts[place].count += 1
      } else {
        counts.append((text, 1))
      }
    }
    let ordered = counts.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }
    return ordered.map(\.element).map { $0.count == 1 ? $0.text : "\($0.text) ×\($0.count)" }
      .joined(separator: ", ")
  }
}
