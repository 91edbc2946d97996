// The two tables of the catalogue that say what is known of languages and scripts.

package import Core
package import Foundation

extension Catalogue {
  /// What `languages.tsv` and `scripts.tsv` of a catalogue's folder say; nil where it has neither.
  ///
  /// - Throws: `.malformed` naming the file and the line; `.missing` where only one file is there.
  package static func languageFacts(below root: URL) throws(Failure) -> LanguageFacts? {
    let files = ["languages.tsv", "scripts.tsv"].map { root.appending(path: $0) }
    guard files.contains(where: { FilePaths.kind(of: $0) != nil }) else { return nil }
    var facts = LanguageFacts()
    let languages = try FactTable(files[0], columns: ["code", "name", "family", "resource"])
    for row in languages.rows {
      let code = row.fields[0]
      guard let language = Language(code), language.script == nil else {
        throw languages.malformed(row, "'\(code)' is no code of ISO 639-3", "eng")
      }
      guard facts.languages[code] == nil else {
        throw languages.malformed(row, "a second row for '\(code)'", "one row")
      }
      guard let name = row.known(1) else {
        throw languages.malformed(row, "'\(code)' has no name", "English")
      }
      let resource = row.known(3).map { Int($0) ?? -1 }
      if let resource, !LanguageFacts.resources.contains(resource) {
        throw languages.malformed(
          row, "'\(row.fields[3])' is no class of resources", "0 to 5, or - where it is unknown")
      }
      facts.languages[code] = .init(name: name, family: row.known(2), resource: resource)
    }
    let scripts = try FactTable(files[1], columns: ["code", "name"])
    for row in scripts.rows {
      let code = row.fields[0]
      guard Language("eng-\(code)") != nil else {
        throw scripts.malformed(row, "'\(code)' is no code of ISO 15924", "Latn")
      }
      guard let name = row.known(1), facts.scripts.updateValue(name, forKey: code) == nil else {
        throw scripts.malformed(row, "'\(code)' has no name, or two", "one row with a name")
      }
    }
    return facts
  }
}

/// A table with tabs between its fields and a header; lines that begin with `#` are comments.
private struct FactTable {
  struct Row {
    /// Counted from 1.
    let line: Int
    let fields: [String]

    /// A field; nil where it says `-`.
    func known(_ field: Int) -> String? { fields[field] == "-" ? nil : fields[field] }
  }

  private let subject: String
  private(set) var rows: [Row] = []

  init(_ file: URL, columns: [String]) throws(Failure) {
    subject = FilePaths.display(file)
    guard FilePaths.kind(of: file) == .file else {
      throw Failure(
        .missing, subject, "there is no such file",
        hint: "languages.tsv and scripts.tsv belong together; see docs/languages.md")
    }
    let text: String
    do {
      text = try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw Failure(
        .system, subject, "cannot be read as UTF-8 text",
        hint: "check its permissions and encoding", cause: error.localizedDescription)
    }
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (i, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      rows.append(Row(line: i + 1, fields: fields))
    }
    for row in rows where row.fields.count != columns.count || row.fields.contains("") {
      throw malformed(
        row, "not \(columns.count) fields with a tab between", columns.joined(separator: ", "))
    }
    guard let header = rows.first, header.fields == columns else {
      throw malformed(
        rows.first ?? Row(line: 1, fields: []), "no header", columns.joined(separator: ", "))
    }
    rows.removeFirst()
  }

  func malformed(_ row: Row, _ message: String, _ expected: String) -> Failure {
    Failure(
      .malformed, subject, "line \(row.line): \(message)",
      hint: "write \(expected); see docs/languages.md")
  }
}
