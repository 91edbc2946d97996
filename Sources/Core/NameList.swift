// Lists of names in a sentence, cut where they grow long.

package enum NameList {
  /// The first names with commas between, and how many more there are: `a, b, and 3 more`.
  package static func text(_ names: some Collection<String>, most: Int) -> String {
    let shown = names.prefix(most).joined(separator: ", ")
    return names.count > most ? "\(shown), and \(names.count - most) more" : shown
  }
}
