// Retrieval made of questions about passages, a table per language: corpus, queries and judgements
// of any pair of languages.

import Core

/// The three parts of one subset, made when they are asked for.
struct PassageTables {
  let data: DataFolder
  /// Columns of the data: the question, the passage, and what tells which passage a row is about.
  let query: String
  let passage: String
  let link: String

  /// The rows of a configuration such as `fra_Latn-eng_Latn-queries`.
  ///
  /// The languages of its name are those of the passages and of the questions. Every distinct link
  /// is a document `C0`, `C1`, …, every distinct question a query `Q0`, `Q1`, …, both in the order
  /// of the rows.
  ///
  /// - Returns: nil where the name is of no such kind
  /// - Throws: `.malformed` for a question whose passage is not there
  nonisolated(nonsending) func table(
    configuration: String, split: String, rule: DataFolder.SplitRule
  ) async throws(Failure) -> TransformedTable? {
    let names = configuration.split(separator: "-").map(String.init)
    guard names.count == 3 else { return nil }
    let place = "\(FilePaths.display(data.root)) (\(configuration), \(split))"
    func table(_ columns: [String], _ rows: [[JSON]]) -> TransformedTable {
      TransformedTable(split: split, place: place, columns: columns, rows: rows)
    }
    switch names[2] {
    case "corpus":
      var seen: Set<ExactText> = []
      var rows: [[JSON]] = []
      for row in try await texts([link, passage], of: names[0], split, rule)
      where seen.insert(ExactText(row[0])).inserted {
        rows.append([.string("C\(rows.count)"), .string(row[1])])
      }
      return table(["_id", "text"], rows)
    case "queries":
      var seen: Set<ExactText> = []
      var rows: [[JSON]] = []
      for row in try await texts([query], of: names[1], split, rule)
      where seen.insert(ExactText(row[0])).inserted {
        rows.append([.string("Q\(rows.count)"), .string(row[0])])
      }
      return table(["_id", "text"], rows)
    case "qrels":
      let documents = Self.numbered(try await texts([link], of: names[0], split, rule))
      let questions = try await texts([query, link], of: names[1], split, rule)
      let numbers = Self.numbered(questions)
      var rows: [[JSON]] = []
      for row in questions {
        guard let number = numbers[ExactText(row[0])], let document = documents[ExactText(row[1])]
        else {
          throw Failure(
            .malformed, place, "no passage in \(names[0]) has the link '\(row[1].prefix(80))'",
            hint: "download the data set again")
        }
        rows.append([.string("Q\(number)"), .string("C\(document)"), .integer(1)])
      }
      return table(["query-id", "corpus-id", "score"], rows)
    default: return nil
    }
  }

  /// The configurations whose files such a table is made of; nil where the name is of no such kind.
  static func sources(of configuration: String) -> [String]? {
    let names = configuration.split(separator: "-").map(String.init)
    guard names.count == 3 else { return nil }
    switch names[2] {
    case "corpus": return [names[0]]
    case "queries": return [names[1]]
    case "qrels": return [names[0], names[1]]
    default: return nil
    }
  }

  /// The place of every distinct text of the first column, in order of first appearance.
  private static func numbered(_ rows: [[String]]) -> [ExactText: Int] {
    var places: [ExactText: Int] = [:]
    for row in rows where places[ExactText(row[0])] == nil {
      places[ExactText(row[0])] = places.count
    }
    return places
  }

  private nonisolated(nonsending) func texts(
    _ columns: [String], of configuration: String, _ split: String, _ rule: DataFolder.SplitRule
  ) async throws(Failure) -> [[String]] {
    var texts: [[String]] = []
    try await data.forEachFileBlock(
      of: 1, configuration: configuration, split: split,
      columns: columns.map { Column($0, as: .text) }, rule: rule
    ) { rows throws(Failure) in
      for row in rows { texts.append(row.map { $0.string ?? "" }) }
    }
    return texts
  }
}
