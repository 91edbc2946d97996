// What a frozen pool holds, as a report.

import Core

extension FrozenPool {
  /// The pool's models with what they have; its facts below.
  package func report(notes: [String]) -> Report {
    let scored = tasks.count { !$0.coverages.isEmpty }
    let table = TableView(
      title: "\(benchmark): a frozen pool of \(NumberText.count(entries.count, "model"))",
      columns: [
        .init("model", "Model", .text), .init("revisions", "Revisions", .text),
        .init("tasks", "Tasks", .count),
      ],
      rows: entries.map { entry in
        [
          .text(entry.model), .text(entry.revisions.joined(separator: ", ")),
          .init(.part(entry.means.count { $0.value != nil }, of: scored)),
        ]
      },
      footnotes: [
        "Pool \(hash), n = \(models), rules \(rules.rawValue); "
          + "\(scored) of \(NumberText.count(tasks.count, "task")) scored by some model.",
        rules.note,
      ].compactMap(\.self) + notes)
    let json = JSON.object([
      ("schema", .integer(Self.schema)), ("benchmark", .string(benchmark)),
      ("rules", .string(rules.rawValue)),
      ("pool", .object([("models", .integer(models)), ("hash", .string(hash))])),
      ("tasks", .integer(tasks.count)), ("scored_tasks", .integer(scored)),
      (
        "models",
        .array(
          entries.map { entry in
            .object([
              ("model", .string(entry.model)), ("revisions", .strings(entry.revisions)),
              ("tasks", .integer(entry.means.count { $0.value != nil })),
            ])
          })
      ), ("notes", .strings(notes)),
    ])
    var records = table
    for row in records.groups[0].rows.indices {
      records.groups[0].rows[row][2] = .integer(entries[row].means.count { $0.value != nil })
    }
    return Report(tables: [table], records: records, json: json)
  }
}
