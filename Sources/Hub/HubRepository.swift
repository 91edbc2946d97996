// Which repository is meant: a data set or a model, its name and its revision, checked before they
// become part of an address or of a path.

package import Core
import Network

/// A repository of a hub at a branch, a tag or a commit.
package struct HubRepository: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    case dataset
    case model
  }

  package let kind: Kind
  /// `name` or `organisation/name`.
  package let name: String
  /// A branch, a tag, `refs/pr/4` or a commit; `main` where nothing was said.
  package let revision: String

  /// Checks what a user or a task file says.
  ///
  /// - Parameters:
  ///   - kind: what the repository holds
  ///   - name: `name`, `organisation/name`, or either followed by `@revision`
  ///   - revision: used where the name carries none; nil for `main`
  /// - Throws: `.usage` for what cannot be the name of a repository or a revision
  package init(_ kind: Kind, _ name: String, revision: String? = nil) throws(Failure) {
    let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let id = String(parts[0])
    guard Self.isName(id) else {
      throw Failure(
        .usage, name, "not the name of a \(kind.rawValue) on a hub",
        hint: "write organisation/name or organisation/name@revision: letters, digits, '-', '_' "
          + "and '.', at most 96 of them")
    }
    let chosen = parts.count > 1 ? String(parts[1]) : revision ?? "main"
    guard FilePaths.staysBelow(chosen), chosen.count <= 256, !chosen.contains(where: \.isControl)
    else {
      throw Failure(
        .usage, name, "'\(chosen.filter { !$0.isControl })' is not a revision",
        hint: "use a branch, a tag or the 40 digits of a commit")
    }
    self.kind = kind
    self.name = id
    self.revision = chosen
  }

  private init(_ kind: Kind, name: String, revision: String) {
    self.kind = kind
    self.name = name
    self.revision = revision
  }

  /// The same repository at a commit.
  package func pinned(to commit: String) -> HubRepository {
    HubRepository(kind, name: name, revision: commit)
  }

  /// Whether the revision is a whole commit hash, which never comes to mean anything else.
  package var isPinned: Bool { HexDigits.are(revision, count: 40) }

  /// The rules that hub and Python's client share, so that every name is one folder and one address.
  private static func isName(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !name.contains("--"), !name.contains(".."),
      !name.hasSuffix(".git")
    else { return false }
    return parts.allSatisfy { part in
      (1...96).contains(part.count) && part.allSatisfy { $0.isNameCharacter }
        && !"-.".contains(part.first ?? "-") && !"-.".contains(part.last ?? "-")
    }
  }

  /// How messages name a file of it.
  func subject(_ path: String) -> String { "\(path) of \(name)" }

  // MARK: Addresses below the endpoint

  /// `/datasets/org/name/resolve/<revision>/<path>`; models stand at the root.
  func filePath(_ path: String, at revision: String) -> String {
    let prefix = kind == .dataset ? "/datasets" : ""
    return "\(prefix)/\(name)/resolve/\(PercentCode.of(revision))/"
      + PercentCode.of(path, keeping: "/")
  }

  /// The repository's facts; only its commit is asked for.
  var factsPath: String {
    "/api/\(kind.rawValue)s/\(name)/revision/\(PercentCode.of(revision))?expand%5B%5D=sha"
  }

  /// The list of all files at the revision.
  var treePath: String {
    "/api/\(kind.rawValue)s/\(name)/tree/\(PercentCode.of(revision))?recursive=true&expand=false"
  }
}

extension Character {
  /// ASCII letters and digits, `-`, `_` and `.`.
  fileprivate var isNameCharacter: Bool {
    isASCII && (isLetter || isNumber || self == "-" || self == "_" || self == ".")
  }
}

/// Hexadecimal names: commits, git objects, SHA-256.
enum HexDigits {
  /// Lower-case digits only, as git and the hub write them.
  static func are(_ text: some StringProtocol, count: Int) -> Bool {
    text.utf8.count == count
      && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}

/// Percent-encoding of one part of an address.
enum PercentCode {
  /// Encodes everything but letters, digits, `-._~` and what is to be kept.
  static func of(_ text: String, keeping: String = "") -> String {
    var encoded = ""
    for byte in text.utf8 {
      let character = Character(UnicodeScalar(byte))
      let isPlain =
        character.isASCII
        && (character.isLetter || character.isNumber || "-._~".contains(character))
      if isPlain || keeping.contains(character) {
        encoded.append(character)
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        encoded += byte < 16 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return encoded
  }
}

/// Numbers of bytes that a server chooses and that are added up.
enum ServerSize {
  /// 8 TiB; a million of them still is a number.
  static let largest = 1 << 43

  /// nil for what is no size of a file.
  static func of(_ text: String) -> Int? { Int(text).flatMap { isSane($0) ? $0 : nil } }

  static func isSane(_ size: Int) -> Bool { (0...largest).contains(size) }
}

/// Names that a server chooses and that become names of files.
enum ServerName {
  /// Whether the name can be one component of a path and nothing else.
  static func isSafe(_ name: String) -> Bool {
    (1...128).contains(name.utf8.count) && name.first != "."
      && name.allSatisfy { $0.isNameCharacter }
  }

  /// Whether a path of a listing can stand below a folder and on a terminal.
  static func isSafePath(_ path: String) -> Bool {
    FilePaths.staysBelow(path) && path.utf8.count <= 4096 && !path.contains(where: \.isControl)
  }
}
