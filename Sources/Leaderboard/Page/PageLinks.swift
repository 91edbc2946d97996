// Where the pages of a report are, seen from each of them.

/// Paths of the pages of models and tasks.
struct PageLinks: Sendable {
  private let models: Slugs
  private let tasks: Slugs
  /// From the page at hand to the folder of the report: empty, or `../`.
  var root = ""

  init(_ board: Board) {
    models = Slugs(board.models.map(\.model))
    tasks = Slugs(board.tasks.map(\.name))
  }

  /// The same links as seen from a page in a folder of the report.
  var fromFolder: Self {
    var links = self
    links.root = "../"
    return links
  }

  /// `models/org__name.html`; nil for a model that has no page, such as a hidden one.
  func model(_ name: String) -> String? { models[name].map { "\(root)models/\($0).html" } }

  func task(_ name: String) -> String? { tasks[name].map { "\(root)tasks/\($0).html" } }

  /// A model's name, the organisation smaller, linked to its page where it has one.
  func linked(model: String) -> HTML { Self.anchor(self.model(model), ModelName(model).html) }

  func linked(task: String) -> HTML { Self.anchor(self.task(task), "\(task)") }

  /// What a cell of this column links to.
  func target(of text: String, in column: TableView.Column) -> String? {
    switch column.key {
    case "model", "leader": model(text)
    case "task": task(text)
    default: nil
    }
  }

  static func anchor(_ target: String?, _ text: HTML) -> HTML {
    target.map { "<a href=\"\($0)\">\(text)</a>" } ?? text
  }
}

/// `org/name` in its two parts; the first keeps its slash.
struct ModelName {
  let organisation: String
  let name: String

  init(_ model: String) {
    let slash = model.lastIndex(of: "/").map { model.index(after: $0) } ?? model.startIndex
    organisation = String(model[..<slash])
    name = String(model[slash...])
  }

  var html: HTML {
    organisation.isEmpty ? "\(name)" : "<small>\(organisation)</small>\(name)"
  }
}
