// What stands on a page, before it is HTML or Markdown.

/// A page: a title, facts in a line, sections.
struct PageContent: Sendable {
  var title: String
  var description = ""
  var facts: [String] = []
  var sections: [Section] = []
  var hasContents = true

  struct Section: Sendable {
    var id: String
    var title: String
    var intro: [String] = []
    var table: TableView?
    var chart: DotChart?
    var scale: ShadeScale?
    var terms: [(term: String, meaning: String)] = []
    var files: [(name: String, purpose: String)] = []
    var notes: [String] = []
  }
}
