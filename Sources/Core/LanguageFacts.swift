// What is known of languages beyond their codes: names, families, resources. Read by Catalogue.

/// English names, families and resource classes of languages, and names of scripts.
///
/// Nothing is guessed: a language that is not listed has no name, no family and no class.
package struct LanguageFacts: Sendable, Equatable {
  /// Facts by ISO 639-3 code.
  package var languages: [String: Entry]
  /// English names by ISO 15924 code.
  package var scripts: [String: String]

  package struct Entry: Sendable, Equatable {
    package let name: String
    /// The top level of its family tree; an isolate is a family of its own.
    package let family: String?
    /// The class, 0 (least) to 5 (most), that Joshi and others (2020) put it into.
    package let resource: Int?

    package init(name: String, family: String?, resource: Int?) {
      self.name = name
      self.family = family
      self.resource = resource
    }
  }

  /// The classes of resources.
  package static let resources = 0...5

  package init(languages: [String: Entry] = [:], scripts: [String: String] = [:]) {
    self.languages = languages
    self.scripts = scripts
  }

  package var isEmpty: Bool { languages.isEmpty && scripts.isEmpty }

  package subscript(_ language: Language) -> Entry? { languages[language.code] }
}
