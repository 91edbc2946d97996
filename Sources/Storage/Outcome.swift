// What became of the single items of a cell (queries, pairs, texts), and how such items are read:
// Evaluation fills these in, files keep them, `borda details` shows them.

package import Core

/// What an evaluation found out about one item: named values in the order in which they are kept.
package struct Outcome: Sendable, Equatable {
  package let entries: [(key: String, value: JSON)]

  package init(_ entries: [(String, JSON)]) {
    self.entries = entries.map { (key: $0.0, value: $0.1) }
  }

  /// nil for anything but an object.
  init?(json: JSON) {
    guard let members = json.members else { return nil }
    entries = members.entries
  }

  package var json: JSON { .object(entries.map { ($0.key, $0.value) }) }

  /// The value at a path of keys and places, `top.0.text`; nil where there is none or it is null.
  package func value(at path: String) -> JSON? {
    var steps = path.split(separator: ".").map(String.init)[...]
    guard let first = steps.popFirst() else { return nil }
    var value = entries.first { $0.key == first }?.value
    for step in steps {
      if let list = value?.array {
        value = Int(step).flatMap { list.indices.contains($0) ? list[$0] : nil }
      } else {
        value = value?[step]
      }
    }
    return value.flatMap { $0.isNull ? nil : $0 }
  }

  package static func == (a: Outcome, b: Outcome) -> Bool { a.json == b.json }
}

/// How the outcomes of a task are to be read, so that a reader need not know its type.
package struct OutcomeShape: Sendable, Equatable {
  /// What one outcome is about, a noun: `query`.
  package var item: String
  /// The key whose value tells the outcomes of a cell apart.
  package var name: String
  /// What items can be ordered by, higher being better: first what counts, then what breaks ties.
  package var measures: [Measure]
  /// What else is worth showing.
  package var columns: [Column]

  package struct Measure: Sendable, Equatable {
    package var key: String
    /// Whether it is a share of 1, which is shown times 100, as scores are.
    package var isShare: Bool

    package init(_ key: String, isShare: Bool = true) {
      self.key = key
      self.isShare = isShare
    }
  }

  package struct Column: Sendable, Equatable {
    /// As for `Outcome.value(at:)`.
    package var path: String
    package var title: String
    /// Whether it is a text, which may be cut to the room there is.
    package var isText: Bool

    package init(_ path: String, _ title: String, isText: Bool = false) {
      self.path = path
      self.title = title
      self.isText = isText
    }
  }

  package init(item: String, name: String, measures: [Measure], columns: [Column]) {
    self.item = item
    self.name = name
    self.measures = measures
    self.columns = columns
  }
}

/// What stands behind the scores of one cell.
package struct CellDetails: Sendable {
  package var shape: OutcomeShape
  package var outcomes: [Outcome]
  /// Further files, such as a ranking in the format of another program.
  package var attachments: [Attachment]

  /// A text file that is made piece by piece, so that it never is in memory as a whole.
  package struct Attachment: Sendable {
    /// The end of the file's name, without the dot.
    package let suffix: String
    package let pieces: Int
    package let piece: @Sendable (Int) -> String

    package init(
      suffix: String, pieces: Int, piece: @escaping @Sendable (Int) -> String
    ) {
      self.suffix = suffix
      self.pieces = pieces
      self.piece = piece
    }
  }

  package init(shape: OutcomeShape, outcomes: [Outcome], attachments: [Attachment] = []) {
    self.shape = shape
    self.outcomes = outcomes
    self.attachments = attachments
  }
}

extension OutcomeShape {
  var json: JSON {
    .object([
      ("item", .string(item)), ("name", .string(name)),
      (
        "measures",
        .array(
          measures.map { .object([("key", .string($0.key)), ("is_share", .bool($0.isShare))]) })
      ),
      (
        "columns",
        .array(
          columns.map {
            .object([
              ("path", .string($0.path)), ("title", .string($0.title)),
              ("is_text", .bool($0.isText)),
            ])
          })
      ),
    ])
  }

  init?(json: JSON) {
    guard let item = json["item"]?.string, let name = json["name"]?.string,
      let measures = json["measures"]?.array, let columns = json["columns"]?.array
    else { return nil }
    self.item = item
    self.name = name
    self.measures = measures.compactMap { entry in
      entry["key"]?.string.map { Measure($0, isShare: entry["is_share"]?.bool ?? false) }
    }
    self.columns = columns.compactMap { entry in
      guard let path = entry["path"]?.string, let title = entry["title"]?.string else { return nil }
      return Column(path, title, isText: entry["is_text"]?.bool ?? false)
    }
    guard self.measures.count == measures.count, self.columns.count == columns.count,
      !measures.isEmpty
    else { return nil }
  }
}
