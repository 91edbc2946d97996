// File names for pages: from any name at all to letters, digits, dots, dashes and underscores.

import Core

/// Names of files, one for each of some names; the same names give the same slugs in any order.
struct Slugs: Sendable {
  /// Slugs by name, without an extension.
  let slugs: [ExactText: String]

  /// Longest slug, so that a name of a thousand letters makes a file too.
  private static let limit = 96

  /// Names that are different but for case, or for what a slug cannot hold, get a hash of the name
  /// behind them, all of them, so that none depends on which was read first.
  init(_ names: some Sequence<String>) {
    let names = Set(names.map(ExactText.init))
    let groups = Dictionary(grouping: names) { Self.plain($0.text) }
    var slugs: [ExactText: String] = [:]
    var used = Set(groups.filter { $1.count == 1 && Self.isSafe($0) }.keys)
    for (slug, members) in groups.sorted(by: { $0.key < $1.key }) {
      if members.count == 1, Self.isSafe(slug), let only = members.first {
        slugs[only] = slug
        continue
      }
      for member in members.sorted(by: { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }) {
        let stem = "\(slug.isEmpty ? "page" : slug)-\(Self.hash(member.text))"
        var (candidate, count) = (stem, 2)
        while used.contains(candidate) {
          candidate = "\(stem)-\(count)"
          count += 1
        }
        used.insert(candidate)
        slugs[member] = candidate
      }
    }
    self.slugs = slugs
  }

  subscript(name: String) -> String? { slugs[ExactText(name)] }

  /// Lower case, `/` as `__` as in folders of results, everything else that is no plain letter or
  /// digit as one dash; no dot at the beginning.
  static func plain(_ name: String) -> String {
    var out = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9", ".", "_": out.unicodeScalars.append(scalar)
      case "A"..."Z": out += String(scalar).lowercased()
      case "/": out += "__"
      default: if out.last != "-" { out += "-" }
      }
    }
    let kept = out.drop { "-._".contains($0) }.prefix(limit)
    return String(kept.reversed().drop { "-._".contains($0) }.reversed())
  }

  /// Whether some system would take the file for something else: a device of Windows, or nothing.
  private static func isSafe(_ slug: String) -> Bool {
    let stem = slug.prefix { $0 != "." }
    let isDevice =
      ["con", "prn", "aux", "nul"].contains(stem)
      || (stem.count == 4 && (stem.hasPrefix("com") || stem.hasPrefix("lpt")))
    return !slug.isEmpty && !isDevice && slug.count < limit
  }

  /// FNV-1a, 32 bits, eight hexadecimal digits.
  private static func hash(_ name: String) -> String {
    var hash: UInt32 = 0x811C_9DC5
    for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
