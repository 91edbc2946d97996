// `language_pairs`: the subsets of a task with hundreds or thousands of language pairs, in a few
// lines.

import Core
import Yams

/// A rule that spells subsets `a-b` from codes.
///
/// ```yaml
/// language_pairs:
///   codes: [aai_Latn, aak_Arab]       # or {sqi: sqi-Latn} where a code is no language
///   pivot: eng_Latn                   # a code that patterns name, without being one of x
///   pairs: [eng_Latn-x, x-eng_Latn]   # or different, every, {within: [[…], […]]}
///   also: [aai_Latn-aak_Arab]         # further pairs, behind the others
/// ```
struct LanguagePairs {
  private static let keys = ["codes", "pivot", "pairs", "also"]

  private let yaml: YAMLFile
  private var codes: [String] = []
  private var languages: [String: Language] = [:]
  private var subsets: [Subset] = []
  private var seen: Set<String> = []

  /// The subsets of a file with the key `language_pairs`, in the order of the rule.
  ///
  /// - Throws: `.malformed` for unknown keys, codes that are no language, and pairs of codes that
  ///   are not there.
  static func subsets(_ yaml: YAMLFile) throws(Failure) -> [Subset] {
    var rule = LanguagePairs(yaml: yaml)
    try rule.expand()
    return rule.subsets
  }

  private init(yaml: YAMLFile) { self.yaml = yaml }

  private mutating func expand() throws(Failure) {
    var values: [String: Node] = [:]
    for (key, value) in try yaml.entries("language_pairs") {
      guard Self.keys.contains(key) else {
        throw Failure(
          .malformed, yaml.subject, "unknown key '\(key)' in 'language_pairs'",
          hint: Suggest.hint(
            for: key, among: Self.keys, otherwise: "use \(Self.keys.joined(separator: ", "))"))
      }
      values[key] = value
    }
    guard let codes = values["codes"], let pairs = values["pairs"] else {
      throw malformed("codes and pairs")
    }
    self.codes = try read(codes)
    if let pivot = values["pivot"] { _ = try read(pivot) }
    try add(pairs)
    guard let also = values["also"] else { return }
    for pair in try yaml.texts(also, of: "language_pairs") {
      let (a, b) = try split(pair)
      try add(a, b)
    }
  }

  private func malformed(_ expected: String) -> Failure {
    yaml.malformed("language_pairs", expected)
  }

  /// Codes that are languages themselves, or codes with the language that each stands for.
  private mutating func read(_ node: Node) throws(Failure) -> [String] {
    var codes: [String] = []
    if let mapping = node.mapping {
      for (code, language) in mapping {
        codes.append(code.string ?? "")
        languages[code.string ?? ""] =
          try yaml.languages([language.string ?? ""], of: "language_pairs").first
      }
    } else {
      if let code = node.string {
        codes = [code]
      } else {
        codes = try yaml.texts(node, of: "language_pairs")
      }
      for (code, language) in zip(codes, try yaml.languages(codes, of: "language_pairs")) {
        languages[code] = language
      }
    }
    guard !codes.isEmpty, Set(codes).count == codes.count,
      codes.allSatisfy({ !$0.isEmpty && !$0.contains("-") && !$0.contains("/") && $0 != "x" })
    else { throw malformed("different codes without '-'") }
    return codes
  }

  private mutating func add(_ pairs: Node) throws(Failure) {
    if let kind = pairs.string {
      guard ["different", "every"].contains(kind) else {
        throw malformed("pairs: different, every, a list of patterns or {within: …}")
      }
      for a in codes { for b in codes where a != b || kind == "every" { try add(a, b) } }
    } else if let mapping = pairs.mapping {
      guard mapping.count == 1, let groups = mapping["within"]?.sequence else {
        throw malformed("pairs: {within: [[code, …], …]}")
      }
      try add(within: Array(groups))
    } else {
      let patterns = try yaml.texts(pairs, of: "language_pairs")
      guard patterns.contains(where: { $0.split(separator: "-").contains("x") }) else {
        throw malformed("pairs: patterns such as x-eng_Latn, where x stands for every code")
      }
      for code in codes {
        for pattern in patterns {
          let (a, b) = try split(pattern)
          try add(a == "x" ? code : a, b == "x" ? code : b)
        }
      }
    }
  }

  /// Pairs of different codes that some group holds both of, in the order of the codes.
  private mutating func add(within groups: [Node]) throws(Failure) {
    var near: [String: Set<String>] = [:]
    for group in groups {
      let group = try yaml.texts(group, of: "language_pairs")
      if let stranger = group.first(where: { !codes.contains($0) }) {
        throw malformed("groups of its codes; '\(stranger)' is none")
      }
      for code in group { near[code, default: []].formUnion(group) }
    }
    for a in codes {
      for b in codes where a != b && near[a]?.contains(b) == true { try add(a, b) }
    }
  }

  private func split(_ pair: String) throws(Failure) -> (String, String) {
    let parts = pair.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { throw malformed("pairs of two codes joined by '-'") }
    return (parts[0], parts[1])
  }

  private mutating func add(_ a: String, _ b: String) throws(Failure) {
    guard let first = languages[a], let second = languages[b] else {
      throw malformed("pairs of its codes; '\(languages[a] == nil ? a : b)' is none")
    }
    let name = "\(a)-\(b)"
    guard seen.insert(name).inserted else { return }
    subsets.append(Subset(name: name, languages: [first, second]))
  }
}
