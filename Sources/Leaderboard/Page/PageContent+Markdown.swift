// A page as Markdown.

extension PageContent {
  var markdown: String {
    let escaped = MarkdownFormat.escaped
    return Template.render(
      "markdown",
      [
        "title": escaped(title),
        "description": description.isEmpty ? [] : [["description": escaped(description)]],
        "facts": Self.block(facts.map { ["text": escaped($0)] }),
        "sections": sections.filter { !$0.isPicture }.map { section in
          [
            "title": escaped(section.title),
            "intro": section.intro.map { ["text": escaped($0)] },
            "grid": section.table.map { [["grid": MarkdownFormat.grid($0.view)]] } ?? [],
            "terms": Self.block(
              section.terms.map { ["term": escaped($0.term), "meaning": escaped($0.meaning)] }),
            "files": Self.block(
              section.files.map { ["name": $0.name, "purpose": escaped($0.purpose)] }),
            "notes": (section.notes + (section.table?.view.footnotes ?? []))
              .map { ["text": escaped($0)] },
          ] as [String: Any]
        },
      ])
  }
}
