// Lists of names in a sentence, cut where they grow long.

enum NameList {
  /// The first names with commas between, and how many more there are: `a, b, and 3 more`.
  static func text(_ names: some Collection<String>, most: Int) -> String {
    let shown = names.prefix(most).joined(separator: ", ")
    return names.count > most ? "\(shown), and \(names.count - most) more" : shown
  }
}
