// A page as one self-contained HTML file.

extension PageContent {
  var html: String {
    let heading: HTML = heading ?? "\(title)"
    return Template.render(
      "page",
      [
        "title": title, "heading": heading.markup,
        "ways": ways.isEmpty
          ? []
          : [["list": ways.map { ["label": $0.label, "href": $0.target, "rel": $0.relation] }]],
        "description": description.isEmpty ? [] : [["description": description]],
        "facts": Self.block(facts.map { ["text": $0] }),
        "contents": hasContents
          ? [["links": sections.map { ["id": $0.id, "title": $0.title] }]] : [],
        "sections": sections.map(values),
        "scripts": scripts.map { ["script": $0.markup] },
      ])
  }

  /// A list that a template shows with something around it, or not at all.
  static func block(_ list: [[String: String]]) -> [[String: Any]] {
    list.isEmpty ? [] : [["list": list]]
  }

  private func values(of section: Section) -> [String: Any] {
    [
      "id": section.id,
      "title": section.title.isEmpty ? [] : [["title": section.title]],
      "intro": section.intro.map { ["text": $0] },
      "figure": section.figure?.markup ?? "",
      "table": section.table?.html(links).markup ?? "",
      "after": section.after?.markup ?? "",
      "terms": Self.block(section.terms.map { ["term": $0.term, "meaning": $0.meaning] }),
      "files": Self.block(section.files.map { ["name": $0.name, "purpose": $0.purpose] }),
      "notes": (section.notes + (section.table?.view.footnotes ?? [])).map { ["text": $0] },
    ]
  }
}
