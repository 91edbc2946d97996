// Stage 4: the special tokens around a text.

import Core

/// The `post_processor` of a `tokenizer.json`, as far as single texts go.
///
/// What stands before the text and what behind it. Segment ids and templates for pairs play no part in embedding.
struct PostProcessor: Sendable {
  var opening: [Int32] = []
  var closing: [Int32] = []

  static let supported = [
    "TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel", "Sequence", "null",
  ]

  init(opening: [Int32], closing: [Int32]) {
    self.opening = opening
    self.closing = closing
  }

  /// - Parameters:
  ///   - section: the value of `post_processor`; nil for null or absent, which adds nothing.
  ///   - id: the id of a token in the vocabulary or among the added tokens.
  /// - Throws: `unsupported` for another type; `malformed` for a special token that the vocabulary
  ///   does not have or has under another id, and for a template without the text.
  init(_ section: FileSection?, id: (String) -> Int32?) throws(Failure) {
    guard let section else { return }
    let type = try section.text("type")
    switch type {
    case "TemplateProcessing": try readTemplate(section, id: id)
    // Roberta's differs in offsets alone, and for pairs.
    case "BertProcessing", "RobertaProcessing":
      opening = [try Self.namedToken(section.section("cls"), id: id)]
      closing = [try Self.namedToken(section.section("sep"), id: id)]
    // It moves offsets only.
    case "ByteLevel": break
    case "Sequence":
      var steps: [PostProcessor] = []
      for part in try section.list("processors") {
        let step = try PostProcessor(part, id: id)
        if !step.opening.isEmpty || !step.closing.isEmpty { steps.append(step) }
      }
      // The reference library stops the program at a second template.
      guard steps.count <= 1 else {
        throw section.unsupported("\(steps.count) post-processors that add tokens")
      }
      if let step = steps.first { self = step }
    default: throw section.unsupported("post_processor", type, Self.supported)
    }
  }

  private mutating func readTemplate(
    _ section: FileSection, id: (String) -> Int32?
  ) throws(Failure) {
    let tokens = try section.section("special_tokens")
    let template = try section.section("single")
    var sequences = 0
    for piece in try template.list() {
      if let sequence = try piece.optional("Sequence") {
        let name = try sequence.text("id")
        guard name == "A" else {
          throw sequence.malformed("sequence '\(name)' in the template of a single text")
        }
        sequences += 1
      } else {
        let name = try piece.section("SpecialToken").text("id")
        guard let token = try tokens.optional(name) else {
          throw template.malformed(
            "the template names the special token '\(name)', which special_tokens does not have")
        }
        let ids = try Self.ids(token, id: id)
        if sequences == 0 { opening += ids } else { closing += ids }
      }
    }
    guard sequences == 1 else {
      throw template.malformed("the template has the text \(sequences) times, expected once")
    }
  }

  /// The ids of an entry of `special_tokens`, each held against the vocabulary.
  private static func ids(
    _ entry: FileSection, id: (String) -> Int32?
  ) throws(Failure) -> [Int32] {
    let numbers = try entry.list("ids")
    let names = try entry.list("tokens")
    guard numbers.count == names.count else {
      throw entry.malformed("\(numbers.count) ids for \(names.count) tokens")
    }
    var ids: [Int32] = []
    for (number, name) in zip(numbers, names) {
      ids.append(try check(try name.text(), try number.count(), entry, id: id))
    }
    return ids
  }

  /// A pair `["[CLS]", 101]`.
  private static func namedToken(
    _ section: FileSection, id: (String) -> Int32?
  ) throws(Failure) -> Int32 {
    let pair = try section.list()
    guard pair.count == 2 else { throw section.malformed("expected a token and its id") }
    return try check(try pair[0].text(), try pair[1].count(), section, id: id)
  }

  private static func check(
    _ name: String, _ number: Int, _ section: FileSection, id: (String) -> Int32?
  ) throws(Failure) -> Int32 {
    guard let known = id(name) else {
      throw section.malformed("the special token '\(name)' is not in the vocabulary")
    }
    guard number == Int(known) else {
      throw section.malformed(
        "the special token '\(name)' has the id \(number) here and \(known) in the vocabulary")
    }
    return known
  }
}
