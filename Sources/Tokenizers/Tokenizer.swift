// The tokenizer of a checkpoint as a whole: its files in, the ids of a text out. The five stages are
// in files of their own: AddedTokens, Normalizer, PreTokenizer, TokenModel, PostProcessor.

package import Core
package import Foundation

/// The ids of one text, special tokens included.
package struct TokenizedText: Sendable, Equatable {
  package var ids: [Int32]
  /// Whether tokens were left out to keep to the limit.
  package var isTruncated: Bool

  package init(ids: [Int32], isTruncated: Bool) {
    self.ids = ids
    self.isTruncated = isTruncated
  }
}

/// Turns texts into token ids, the same as the reference library `tokenizers` does.
///
/// An immutable value; any number of tasks may use it at once.
package struct Tokenizer: Sendable {
  private var stages: Stages
  /// Highest id + 1.
  package let vocabularySize: Int
  /// `model_max_length` of `tokenizer_config.json`, special tokens included; nil when it sets none.
  package let declaredMaxTokens: Int?

  /// Reads the tokenizer of a checkpoint: `tokenizer.json`, or else what older ones have in its place.
  ///
  /// What `tokenizer.json` says of truncation and padding is left unread on purpose: it is a trace
  /// of the last call before the file was saved, and the caller gives the limit.
  ///
  /// - Parameters:
  ///   - folder: the checkpoint.
  ///   - lowercasesFirst: `do_lower_case` of `sentence_bert_config.json`, which puts a lower-casing
  ///     in front of the normalizer.
  /// - Throws: `missing` without any such file, `malformed` for one that contradicts itself,
  ///   `unsupported` for another kind of tokenizer, `system` for one that cannot be read.
  package init(folder: URL, lowercasesFirst: Bool = false) throws(Failure) {
    let configuration = try TokenizerConfiguration(folder: folder)
    let file = folder.appending(path: "tokenizer.json")
    let vocabulary = folder.appending(path: "vocab.txt")
    if FilePaths.kind(of: file) != nil {
      stages = try Stages(
        file: FileSection(parsing: file), lowercasesFirst: lowercasesFirst)
    } else if ["vocab.json", "merges.txt"].allSatisfy({
      FilePaths.kind(of: folder.appending(path: $0)) != nil
    }) {
      stages = try Stages(bpe: folder, configuration, lowercasesFirst: lowercasesFirst)
    } else if FilePaths.kind(of: vocabulary) != nil {
      stages = try Stages(
        vocabulary: vocabulary, configuration, lowercasesFirst: lowercasesFirst)
    } else if let pieces = try Stages.sentencePiece(
      in: folder, configuration, lowercasesFirst: lowercasesFirst)
    {
      stages = pieces
    } else {
      throw Failure(
        .missing, FilePaths.display(folder),
        "no tokenizer: neither tokenizer.json nor vocab.txt, vocab.json or a SentencePiece .model",
        hint: "use a checkpoint folder with a tokenizer.json")
    }
    vocabularySize = max(stages.model.vocabularySize, stages.addedTokens.vocabularySize)
    declaredMaxTokens = configuration.maxTokens
  }

  /// The kind of model that turns words into ids, such as `WordPiece`.
  package var kind: String { String(describing: type(of: stages.model)) }

  /// The same tokenizer, but nothing stands around a text: as static tables of vectors want it.
  package func withoutSpecialTokens() -> Tokenizer {
    var bare = self
    bare.stages.postProcessor = PostProcessor(opening: [], closing: [])
    return bare
  }

  /// How many special tokens stand around every text.
  package var specialTokenCount: Int {
    stages.postProcessor.opening.count + stages.postProcessor.closing.count
  }

  /// The ids of a text.
  ///
  /// - Parameters:
  ///   - text: taken as it is, with its white space.
  ///   - maxTokens: the limit, special tokens included; nil for none. Tokens are left out before
  ///     the closing special tokens. At least `specialTokenCount`: the reference library's length
  ///     arithmetic wraps around below that, there is nothing to follow.
  /// - Returns: at least `specialTokenCount` ids, at most `maxTokens`.
  package func tokenize(_ text: String, maxTokens: Int?) -> TokenizedText {
    let limit = maxTokens.map { $0 - specialTokenCount } ?? .max
    precondition(
      limit >= 0, "maxTokens \(maxTokens ?? 0) is below the \(specialTokenCount) special tokens")
    let opening = stages.postProcessor.opening
    var ids: [Int32] = []
    // English has about four bytes a token.
    ids.reserveCapacity(min(limit, text.utf8.count / 4) + specialTokenCount + 1)
    ids += opening
    let end = limit == .max ? limit : limit + opening.count
    let isTruncated = !stages.append(Array(text.utf8), upTo: end, to: &ids)
    ids += stages.postProcessor.closing
    return TokenizedText(ids: ids, isTruncated: isTruncated)
  }

  /// How many leading tokens of a text that starts with a prompt belong to the prompt: those of the
  /// prompt alone with its opening special tokens, without the closing ones.
  ///
  /// This is what sentence-transformers takes for `include_prompt: false`, also where the last word
  /// of the prompt and the first of the text would be tokenized differently together.
  package func promptLength(_ prompt: String) -> Int {
    tokenize(prompt, maxTokens: nil).ids.count - stages.postProcessor.closing.count
  }
}

extension Tokenizer {
  /// The five stages, and the path of a text through them.
  struct Stages: Sendable {
    var addedTokens: AddedTokens
    var normalizer: Normalizer
    var preTokenizer: PreTokenizer
    var model: any TokenModel
    var postProcessor = PostProcessor(opening: [], closing: [])

    /// Reads all stages of one file.
    ///
    /// - Parameters:
    ///   - file: the whole of a `tokenizer.json`.
    ///   - lowercasesFirst: whether a lower-casing goes before the normalizer.
    /// - Throws: `malformed` or `unsupported`, with the key.
    init(file: FileSection, lowercasesFirst: Bool) throws(Failure) {
      let section = try file.section("model")
      var normalizer = try Normalizer(file.optional("normalizer"))
      if lowercasesFirst { normalizer.steps.insert(.lowercase, at: 0) }
      var preTokenizer = try PreTokenizer(file.optional("pre_tokenizer"))
      let isByteLevel =
        try TokenModels.type(of: section) == "BPE" && preTokenizer.leavesBytesToModel()
      let model = try TokenModels.read(section, isByteLevel: isByteLevel)
      let added = try AddedTokens(
        file.optional("added_tokens"), model: model, normalizer: normalizer)
      postProcessor = try PostProcessor(file.optional("post_processor")) {
        added.id(of: $0) ?? model.id(of: $0)
      }
      self.normalizer = normalizer
      self.preTokenizer = preTokenizer
      self.model = model
      addedTokens = added
    }

    /// Appends the ids of a text without special tokens around it.
    ///
    /// - Parameters:
    ///   - text: UTF-8.
    ///   - end: how many ids there may be in the end, those that were there before included.
    ///   - ids: where the new ones go.
    /// - Returns: false when there would have been more ids.
    func append(_ text: [UInt8], upTo end: Int, to ids: inout [Int32]) -> Bool {
      var buffer: [UInt8] = []
      var words = Words()
      for piece in addedTokens.raw.pieces(of: text, text.indices) {
        switch piece {
        case .token(let id): ids.append(id)
        case .text(let range):
          normalizer.normalize(text, range, into: &buffer)
          let startsText = range.lowerBound == 0
          appendNormalized(buffer, startsText: startsText, &words, upTo: end, to: &ids)
        }
        if ids.count > end {
          ids.removeSubrange(end...)
          return false
        }
      }
      return true
    }

    /// Stops soon after there are more ids than wanted.
    private func appendNormalized(
      _ text: [UInt8], startsText: Bool, _ words: inout Words, upTo end: Int, to ids: inout [Int32]
    ) {
      for piece in addedTokens.normalized.pieces(of: text, text.indices) {
        switch piece {
        case .token(let id): ids.append(id)
        case .text(let range):
          words.reset(text, range, startsText: startsText && range.lowerBound == 0)
          preTokenizer.cut(&words)
          for word in words.ranges {
            model.append(words.bytes, word, to: &ids)
            if ids.count > end { break }
          }
        }
        if ids.count > end { return }
      }
    }
  }
}
