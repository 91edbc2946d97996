// A page as one self-contained HTML file.

extension PageContent {
  var html: String {
    Template.render(
      "page",
      [
        "title": title,
        "description": description.isEmpty ? [] : [["description": description]],
        "facts": Self.block(facts.map { ["text": $0] }),
        "contents": hasContents
          ? [["links": sections.map { ["id": $0.id, "title": $0.title] }]] : [],
        "sections": sections.map(Self.values),
      ])
  }

  /// A list that a template shows with something around it, or not at all.
  static func block(_ list: [[String: String]]) -> [[String: Any]] {
    list.isEmpty ? [] : [["list": list]]
  }

  private static func values(of section: Section) -> [String: Any] {
    [
      "id": section.id,
      "title": section.title.isEmpty ? [] : [["title": section.title]],
      "intro": section.intro.map { ["text": $0] },
      "chart": section.chart.map { [$0.values] } ?? [],
      "legend": section.scale.map { [$0.values] } ?? [],
      "table": section.table.map { [$0.values] } ?? [],
      "terms": block(section.terms.map { ["term": $0.term, "meaning": $0.meaning] }),
      "files": block(section.files.map { ["name": $0.name, "purpose": $0.purpose] }),
      "notes": (section.notes + (section.table?.footnotes ?? [])).map { ["text": $0] },
    ]
  }
}

extension TableView {
  /// What the table template asks for.
  fileprivate var values: [String: Any] {
    let heading = columns.firstIndex { $0.kind == .text } ?? 0
    let isModel = columns.map { $0.key == "model" }
    return [
      "caption": title,
      "class": htmlClass,
      "columns": columns.map { column in
        [
          "words": Self.words(column.title).map { ["word": $0] },
          "class": column.kind == .score ? "n s" : column.alignment == .trailing ? "n" : "",
        ] as [String: Any]
      },
      "groups": groups.map { group in
        let heading = { (row: [Cell]) -> [[String: Any]] in
          zip(row, columns).enumerated().map { place, pair in
            Self.values(
              of: pair.0, in: pair.1, isHeading: place == heading, isModel: isModel[place])
          }
        }
        return [
          "heading": group.heading.map { [["cells": heading($0)]] } ?? [],
          "rows": group.rows.map { ["cells": heading($0)] },
        ] as [String: Any]
      },
    ]
  }

  /// Where a long name may break: before a capital that follows a small letter, unless it has
  /// hyphens to break at.
  private static func words(_ title: String) -> [String] {
    if title.contains("-") { return [title] }
    return title.reduce(into: [""]) { words, character in
      if character.isUppercase, words[words.count - 1].last?.isLowercase == true {
        words.append("")
      }
      words[words.count - 1].append(character)
    }
  }

  private var htmlClass: String {
    let isTransposed = columns.first?.kind == .text
    let numbers = columns.filter { $0.alignment == .trailing }
    let scores = columns.filter { $0.kind == .score }
    let isShaded = allRows.contains { $0.contains { $0.shade != nil } }
    let isTall = scores.count > 10 || (scores.count > 4 && isTransposed)
    return [
      "sortable",
      isTransposed ? "wide" : "names",
      isTall ? "tall" : "", isShaded ? "heat" : "",
      numbers.isEmpty || columns.count - numbers.count > 1 ? "text" : "",
    ].filter { !$0.isEmpty }.joined(separator: " ")
  }

  private static func values(
    of cell: Cell, in column: Column, isHeading: Bool, isModel: Bool
  ) -> [String: Any] {
    let isText = column.kind == .text
    let name = isModel ? ModelName(cell.text) : ModelName(organisation: "", name: cell.text)
    let classes = [
      isText ? "" : "n", cell.isBest ? "best" : "", cell.value == .absent ? "none" : "",
      cell.shade.map { "shade h\($0)" } ?? "",
    ]
    return [
      "isHeading": isHeading, "text": name.name,
      "words": isHeading ? words(name.name).map { ["word": $0] } : [],
      "organisation": name.organisation.isEmpty ? [] : [["organisation": name.organisation]],
      "mark": cell.mark.isEmpty ? [] : [["mark": cell.mark]],
      "class": classes.filter { !$0.isEmpty }.joined(separator: " "),
    ]
  }
}

/// `org/name` in its two parts; the first keeps its slash.
struct ModelName {
  let organisation: String
  let name: String

  init(_ model: String) {
    let slash = model.lastIndex(of: "/").map { model.index(after: $0) } ?? model.startIndex
    self.init(organisation: String(model[..<slash]), name: String(model[slash...]))
  }

  init(organisation: String, name: String) {
    self.organisation = organisation
    self.name = name
  }
}

extension ShadeScale {
  fileprivate var values: [String: Any] {
    [
      "lowest": NumberText.score(lowest), "middle": NumberText.score(middle),
      "highest": NumberText.score(highest),
      "steps": (0..<Self.steps).map { ["step": $0] },
    ]
  }
}
