// What stands on a page, before it is HTML or Markdown.

/// A page: a title, facts in a line, sections.
struct PageContent: Sendable {
  var title: String
  /// The title as the page shows it where that is more than text: an organisation smaller.
  var heading: HTML?
  var description = ""
  var facts: [String] = []
  var sections: [Section] = []
  var hasContents = true
  /// Above the title: the way back, and to the pages before and after.
  var ways: [Way] = []
  /// Where names lead to; nil for a page that stands alone.
  var links: PageLinks?
  /// Scripts beside that of the tables, whole `script` elements.
  var scripts: [HTML] = []

  /// A link to another page of the report.
  struct Way: Sendable {
    var label: String
    var target: String
    /// `up`, `prev` or `next`.
    var relation: String
  }

  struct Section: Sendable {
    var id: String
    var title: String
    var intro: [String] = []
    /// What stands between the words and the table; Markdown leaves it out.
    var figure: HTML?
    var table: PageTable?
    var terms: [(term: String, meaning: String)] = []
    var files: [(name: String, purpose: String)] = []
    var notes: [String] = []
    /// Whether the section is but a picture, which Markdown has no use for.
    var isPicture = false
    /// What stands behind the table; Markdown leaves it out.
    var after: HTML?
  }
}
