// The groups that tables by language have: single languages, scripts, families, resource classes.

package import Core

/// What languages are put together by.
package enum LanguageGrouping: String, CaseIterable, Sendable {
  case language, script, family, resource
}

/// What counts alike in the mean of a group.
package enum LanguageWeight: String, CaseIterable, Sendable {
  /// Every scored cell, as the reference has it: tasks with many subsets weigh most.
  case cell
  /// Every task, by the mean of its cells of the group.
  case task
}

/// How languages are looked at.
package struct LanguageView: Sendable {
  package var facts: LanguageFacts
  package var weight: LanguageWeight
  /// Codes (`deu`, `deu-Latn`) and names of languages, scripts or families: only these count.
  ///
  /// Empty for all.
  package var chosen: [String]
  /// Whether tables show every group and model.
  package var showsAll: Bool

  package init(
    facts: LanguageFacts = LanguageFacts(), weight: LanguageWeight = .cell, chosen: [String] = [],
    showsAll: Bool = false
  ) {
    self.facts = facts
    self.weight = weight
    self.chosen = chosen
    self.showsAll = showsAll
  }

  /// Whether a word selects a language: its code, or the name of it, its script or its family.
  func selects(_ word: String, _ name: String) -> Bool {
    guard let language = Language(name) else { return word == name }
    if let wanted = Language(word) { return language.matches(wanted) }
    let entry = facts[language]
    let names = [language.script, language.script.flatMap { facts.scripts[$0] }]
    return (names + [entry?.name, entry?.family]).contains { $0?.lowercased() == word.lowercased() }
  }

  /// Whether a language counts.
  func includes(_ name: String) -> Bool {
    chosen.isEmpty || chosen.contains { selects($0, name) }
  }
}

/// The groups of a frame's languages; a language belongs to one of them or, left out, to none.
struct LanguageGroups {
  /// The key of what has no fact to be put together by.
  static let unknown = "unknown"

  private(set) var keys: [String]
  /// The English name of a language or script, where it is known, `[groups]`.
  private(set) var names: [String?]
  /// Languages of each group, with their scripts, `[groups]`.
  private(set) var languages: [Int]
  /// The group of each language of the frame, nil for those left out.
  private(set) var groupOfLanguage: [Int?]

  /// `order` are the languages that a table by language has, in this order; empty for all, sorted.
  init(
    languages all: [String], by grouping: LanguageGrouping, view: LanguageView, order: [Language]
  ) {
    let isInView = Set(order.map(\.description))
    let usesOrder = grouping == .language && !order.isEmpty && view.chosen.isEmpty
    let keyOfLanguage = all.map { name -> String? in
      guard view.includes(name), !usesOrder || isInView.contains(name) else { return nil }
      return Self.key(of: name, grouping, view.facts)
    }
    let found = Set(keyOfLanguage.compactMap(\.self))
    keys =
      usesOrder
      ? order.map(\.description).filter(found.contains)
      : found.sorted { ($0 == Self.unknown ? 1 : 0, $0) < ($1 == Self.unknown ? 1 : 0, $1) }
    let place = Dictionary(keys.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    groupOfLanguage = keyOfLanguage.map { $0.flatMap { place[$0] } }
    languages = Array(repeating: 0, count: keys.count)
    for case .some(let group) in groupOfLanguage { languages[group] += 1 }
    names = keys.map { key in
      switch grouping {
      case .language: Language(key).flatMap { view.facts[$0].map { Self.short($0.name) } }
      case .script: view.facts.scripts[key]
      case .family, .resource: nil
      }
    }
  }

  /// Without the remark that ISO 639-3 has in parentheses, `Swahili (individual language)`: the code
  /// beside the name tells what it does.
  private static func short(_ name: String) -> String {
    guard name.hasSuffix(")"), let remark = name.lastIndex(of: "(") else { return name }
    let rest = name[..<remark]
    return String(rest.hasSuffix(" ") ? rest.dropLast() : rest)
  }

  private static func key(
    of name: String, _ grouping: LanguageGrouping, _ facts: LanguageFacts
  ) -> String {
    guard grouping != .language else { return name }
    guard let language = Language(name) else { return unknown }
    return switch grouping {
    case .language: name
    case .script: language.script ?? unknown
    case .family: facts[language]?.family ?? unknown
    case .resource: facts[language]?.resource.map(String.init) ?? unknown
    }
  }
}
