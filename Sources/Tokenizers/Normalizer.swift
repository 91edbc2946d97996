// Stage 1: what a text becomes before it is cut into words. Bytes of UTF-8 in, bytes of UTF-8 out.
// Each step is in a file of its own, the small ones in `TextEdits`.

import Core

/// The `normalizer` of a `tokenizer.json`: steps, one after the other; none leaves texts alone.
struct Normalizer: Sendable {
  enum Step: Sendable {
    case bert(BertNormalizer)
    case lowercase
    case form(NormalizationForm)
    /// White space at the start, at the end.
    case strip(left: Bool, right: Bool)
    case stripAccents
    case prepend([UInt8])
    case replace(SearchPattern, with: [UInt8])
    case nmt
    case precompiled(PrecompiledCharsmap)
    /// GPT-2's byte alphabet.
    case byteLevel
  }

  var steps: [Step]

  /// The names that `type` may have, for the message about another one.
  static let supported = [
    "BertNormalizer", "ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt",
    "Precompiled", "Prepend", "Replace", "Strip", "StripAccents", "Sequence",
  ]

  init(steps: [Step]) { self.steps = steps }

  /// Reads the value of `normalizer`; nil for null or absent.
  init(_ section: FileSection?) throws(Failure) {
    steps = try section.map(Self.steps) ?? []
  }

  private static func steps(_ section: FileSection) throws(Failure) -> [Step] {
    let type = try section.text("type")
    switch type {
    case "BertNormalizer": return [.bert(try BertNormalizer(section))]
    case "ByteLevel": return [.byteLevel]
    case "Lowercase": return [.lowercase]
    case "NFC": return [.form(.composed)]
    case "NFD": return [.form(.decomposed)]
    case "NFKC": return [.form(.compatiblyComposed)]
    case "NFKD": return [.form(.compatiblyDecomposed)]
    case "Nmt": return [.nmt]
    case "Precompiled": return [.precompiled(try PrecompiledCharsmap(section))]
    case "Prepend": return [.prepend(Array(try section.text("prepend").utf8))]
    case "Replace":
      let content = Array(try section.text("content").utf8)
      return [.replace(try SearchPattern(section.section("pattern")), with: content)]
    case "Strip":
      return [
        .strip(left: try section.flag("strip_left"), right: try section.flag("strip_right"))
      ]
    case "StripAccents": return [.stripAccents]
    case "Sequence":
      var steps: [Step] = []
      for part in try section.list("normalizers") { steps += try Self.steps(part) }
      return steps
    default: throw section.unsupported("normalizer", type, supported)
    }
  }

  /// The whole of a short text, for patterns that are matched after normalization.
  func normalized(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    normalize(bytes, bytes.indices, into: &out)
    return out
  }

  /// Replaces the contents of `out` by the normalized bytes.
  ///
  /// - Parameters:
  ///   - bytes: UTF-8.
  ///   - range: what to normalize, between whole scalars.
  ///   - out: its capacity is reused.
  func normalize(_ bytes: [UInt8], _ range: Range<Int>, into out: inout [UInt8]) {
    out.removeAll(keepingCapacity: true)
    guard let first = steps.first else {
      out.append(contentsOf: bytes[range])
      return
    }
    Self.append(bytes, range, to: &out, first)
    for step in steps.dropFirst() {
      let before = out
      out.removeAll(keepingCapacity: true)
      Self.append(before, before.indices, to: &out, step)
    }
  }

  private static func append(
    _ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8], _ step: Step
  ) {
    out.reserveCapacity(range.count + range.count / 8)
    switch step {
    case .bert(let bert): bert.append(bytes, range, to: &out)
    case .lowercase: lowercase.append(bytes, range, to: &out)
    case .form(let form): form.append(bytes, range, to: &out)
    case .strip(let left, let right):
      out += bytes[TextEdits.stripped(bytes, range, left: left, right: right)]
    case .stripAccents: TextEdits.appendWithoutMarks(bytes, range, to: &out)
    case .prepend(let prefix):
      if !range.isEmpty { out += prefix }
      out += bytes[range]
    case .replace(let pattern, let content):
      TextEdits.appendReplaced(bytes, range, pattern, with: content, to: &out)
    case .nmt: TextEdits.appendCleanedForNMT(bytes, range, to: &out)
    case .precompiled(let charsmap): charsmap.append(bytes, range, to: &out)
    case .byteLevel: ByteAlphabet.append(bytes, range, to: &out)
    }
  }

  /// Lower-casing alone is the BERT normalizer with everything else off.
  private static let lowercase = BertNormalizer(
    cleansText: false, separatesChinese: false, stripsAccents: false, lowercases: true)
}
