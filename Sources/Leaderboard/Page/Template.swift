// Mustache templates, parsed once; a template that does not parse is a mistake of the programmer.

import Mustache

/// The templates of this folder's rooms, by the name that partials call them.
enum Template {
  private static let library: MustacheLibrary = {
    var library = MustacheLibrary()
    let rooms = [
      "page": PageTemplate.text, "stylesheet": Stylesheet.text, "script": TableScript.text,
      "markdown": MarkdownTemplate.text,
    ]
    for (name, text) in rooms {
      do {
        try library.register(text, named: name)
      } catch {
        preconditionFailure("template '\(name)': \(error)")
      }
    }
    return library
  }()

  /// Fills the template; values are escaped for HTML unless the template says otherwise.
  static func render(_ name: String, _ values: [String: Any]) -> String {
    guard let text = library.render(values, withTemplate: name) else {
      preconditionFailure("no template '\(name)'")
    }
    return text
  }
}
