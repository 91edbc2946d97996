// An ablation as a table for people, as records and as JSON.

package import Core

extension Ablation {
  package static let schema = 1

  package var report: Report { Report(tables: [table], records: records, json: json) }

  /// Rows as models, then under headings what they differ from the baseline, and gains.
  package var table: TableView {
    var groups = [TableView.Group(rows: rows.map { marked($0) })]
    if let baseline {
      groups.append(
        group(
          "Change to \(baseline)",
          rows.filter { $0.label != baseline }.map { ($0.label, change(of: $0)) }))
    }
    if let gaining, let gains {
      groups.append(
        group(
          "Gain of \(gaining) over the others",
          [
            ("their best", gains.overBest),
            ("their average", gains.overAverage),
          ]))
    }
    return TableView(
      title: title,
      columns: [.init("model", "Model", .text)]
        + columns.map { .init($0.key, $0.title, $0 == .votes ? .votes : .score) },
      groups: groups.filter { !$0.rows.isEmpty }, footnotes: notes)
  }

  private func marked(_ row: Row) -> [TableView.Cell] {
    [.text(row.label)]
      + columns.map { column in
        let all = rows.compactMap { value(column, of: $0) }
        let own = value(column, of: row)
        var cell = own.map { column == .votes ? TableView.Cell.votes($0) : .score($0) } ?? .absent
        cell.isBest = all.count > 1 && own != nil && own == all.max()
        return cell
      }
  }

  private func group(_ heading: String, _ rows: [(String, [Double?])]) -> TableView.Group {
    TableView.Group(
      heading: [.text(heading)] + columns.map { _ in .text("") },
      rows: rows.map { label, changes in
        [.text(label)]
          + zip(columns, changes).map { $0 == .votes ? .votesDifference($1) : .difference($1) }
      })
  }

  private var notes: [String] {
    let isAnyAbsent = rows.contains { row in columns.contains { value($0, of: row) == nil } }
    return [columns.contains(.votes) ? footing.note : nil]
      .compactMap(\.self)
      + (isAnyAbsent ? ["– A mean needs every task complete."] : [])
      + (gains == nil ? [] : ["Their best is that of each column by itself."])
  }

  /// A row per variant and per difference; `row` says which, scores as fractions in full.
  package var records: TableView {
    let changes =
      baseline.map { base in
        rows.filter { $0.label != base }.map { ("change", $0.label, base, change(of: $0)) }
      } ?? []
    let gained =
      gains.map { gains in
        [
          ("gain", gaining ?? "", "best of the others", gains.overBest),
          ("gain", gaining ?? "", "average of the others", gains.overAverage),
        ]
      } ?? []
    let own = rows.map { row in ("model", row.label, "", columns.map { value($0, of: row) }) }
    return TableView(
      title: "",
      columns: [
        .init("row", "", .text), .init("model", "", .text), .init("against", "", .text),
      ] + columns.map { .init($0.key, "", $0 == .votes ? .votes : .score) }
        + [.init("counted", "", .text)],
      rows: (own + changes + gained).map { kind, label, against, values in
        [.text(kind), .text(label), .text(against)]
          + zip(columns, values).map { $0 == .votes ? .votesDifference($1) : .difference($1) }
          + [.text(footing.label)]
      })
  }

  package var json: JSON {
    let changes: JSON? = baseline.map { base in
      .object([
        ("baseline", .string(base)),
        (
          "models",
          .array(
            rows.filter { $0.label != base }.map { row in
              .object([("model", .string(row.label))] + members(change(of: row)))
            })
        ),
      ])
    }
    let gained: JSON? = gains.map { gains in
      .object([
        ("model", .string(gaining ?? "")),
        ("over_best", .object(members(gains.overBest))),
        ("over_average", .object(members(gains.overAverage))),
      ])
    }
    return .object(
      [
        ("schema", .integer(Self.schema)), ("title", .string(title)),
        ("counted", .string(footing.label)),
        (
          "models",
          .array(
            rows.map { row in
              .object(
                [("model", .string(row.label))] + members(columns.map { value($0, of: row) }))
            })
        ),
      ]
        + [("changes", changes), ("gains", gained)].compactMap { key, value in
          value.map { (key, $0) }
        })
  }

  private func members(_ values: [Double?]) -> [(String, JSON)] {
    zip(columns, values).map { column, value in
      (
        column.key,
        .optional(value) { number in
          let whole = column == .votes ? Int(exactly: number) : nil
          return whole.map { .integer($0) } ?? .number(number)
        }
      )
    }
  }
}

extension Ablation.Footing {
  /// The sentence below a table.
  var note: String {
    switch self {
    case .pool(let pool):
      "Votes count against a pool of \(pool.label), the rows among them; \(Pool.shortRules)."
    case .alone(let pool):
      "Votes count against a pool of \(pool.label). Every model that is not of the pool was put beside "
        + "it alone, so that no row changes another's votes; \(Pool.shortRules)."
    case .printed(let source): source
    }
  }

  /// The same in a few words, for records.
  var label: String {
    switch self {
    case .pool(let pool): pool.label
    case .alone(let pool): "alone beside \(pool.label)"
    case .printed(let source): source
    }
  }
}
