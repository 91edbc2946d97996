// Stage 3 as a whole: what every model that turns words into token ids can do, and which one a
// `tokenizer.json` asks for.

import Core

/// Turns words into token ids by a vocabulary.
protocol TokenModel: Sendable {
  /// Highest id + 1.
  var vocabularySize: Int { get }
  /// How many tokens there are; smaller than `vocabularySize` where ids have gaps.
  var tokenCount: Int { get }
  /// The id of a token, exactly as it is written in the vocabulary.
  func id(of token: String) -> Int32?
  /// Appends the ids of one word.
  ///
  /// - Parameters:
  ///   - text: UTF-8.
  ///   - word: not empty, between whole scalars of the text.
  ///   - ids: where the new ones go.
  func append(_ text: [UInt8], _ word: Range<Int>, to ids: inout [Int32])
}

extension TokenModel {
  var tokenCount: Int { vocabularySize }
}

extension WordPiece: TokenModel {}

/// The models by the `type` that a `tokenizer.json` gives them.
enum TokenModels {
  /// Reads a model.
  ///
  /// The flag says whether words arrive as plain bytes although the file's tokens are written in
  /// GPT-2's byte alphabet, because the pre-tokenizer ends in `ByteLevel`.
  typealias Reader = @Sendable (FileSection, _ isByteLevel: Bool) throws(Failure) -> any TokenModel

  /// One entry per model.
  static let readers: [(type: String, read: Reader)] = [
    (
      "BPE",
      { (section, isByteLevel) throws(Failure) in
        try BPE(section, isByteLevel: isByteLevel)
      }
    ),
    ("Unigram", { (section, _) throws(Failure) in try Unigram(section) }),
    ("WordPiece", { (section, _) throws(Failure) in try WordPiece(section) }),
  ]

  /// Reads the value of `model`.
  ///
  /// - Parameters:
  ///   - section: the value.
  ///   - isByteLevel: as for `Reader`; only BPE can do that.
  /// - Returns: the model.
  /// - Throws: `unsupported` for another type, `malformed` for contradictions.
  static func read(_ section: FileSection, isByteLevel: Bool) throws(Failure) -> any TokenModel {
    let type = try type(of: section)
    guard let reader = readers.first(where: { $0.type == type }) else {
      throw section.unsupported("model", type, readers.map(\.type))
    }
    return try reader.read(section, isByteLevel)
  }

  /// Old files have no `type`; then the keys tell, as in the reference library.
  static func type(of model: FileSection) throws(Failure) -> String {
    if let type = try model.optional("type") { return try type.text() }
    if try model.optional("merges") != nil { return "BPE" }
    if try model.optional("max_input_chars_per_word") != nil { return "WordPiece" }
    if try model.optional("unk_id") != nil { return "Unigram" }
    throw model.malformed("the key 'type' is missing")
  }
}
