// The special tokens of a checkpoint without a `tokenizer.json`: from `tokenizer_config.json`, and
// from `special_tokens_map.json` where the former does not list the added tokens.

import Core
import Foundation

/// Named special tokens (`bos_token`, …) and the list of all added ones.
struct SpecialTokens {
  private let configuration: TokenizerConfiguration
  private let map: FileSection?
  private let place: FileSection

  /// - Parameters:
  ///   - folder: the checkpoint.
  ///   - configuration: its `tokenizer_config.json`.
  /// - Throws: `unsupported` for tokens in `added_tokens.json` alone, which does not tell how they
  ///   are to be found; `malformed` for a file that is no JSON.
  init(_ folder: URL, _ configuration: TokenizerConfiguration) throws(Failure) {
    self.configuration = configuration
    place = FileSection(
      file: FilePaths.display(folder.appending(path: "tokenizer_config.json")), json: .null)
    let map = folder.appending(path: "special_tokens_map.json")
    let isListed = try configuration.value("added_tokens_decoder") != nil
    self.map = !isListed && FilePaths.kind(of: map) != nil ? try FileSection(parsing: map) : nil
    let others = folder.appending(path: "added_tokens.json")
    if !isListed, FilePaths.kind(of: others) != nil {
      throw Failure(
        .unsupported, FilePaths.display(others),
        "added tokens that tokenizer_config.json does not describe are not supported",
        hint: "use a checkpoint with a tokenizer.json")
    }
  }

  private func value(_ key: String) throws(Failure) -> FileSection? {
    if let value = try map?.optional(key) { return value }
    return try configuration.value(key)
  }

  /// The text of a named token; nil where no file has it.
  func text(_ key: String) throws(Failure) -> String? {
    guard let value = try value(key) else { return nil }
    return value.json.members == nil ? try value.text() : try value.text("content")
  }

  /// All added tokens in the order in which they are added.
  ///
  /// - Parameters:
  ///   - named: the keys of the named tokens, and what they are when no file says.
  ///   - model: the vocabulary; what it does not have gets the next free ids.
  /// - Returns: the tokens, each with where it stands.
  /// - Throws: `malformed` for a value of another kind.
  func tokens(
    _ named: [(key: String, standard: String?)], model: any TokenModel
  ) throws(Failure) -> [(token: AddedTokens.Token, place: FileSection)] {
    var tokens: [(token: AddedTokens.Token, place: FileSection)] = []
    var next = model.tokenCount
    var seen: Set<[UInt8]> = [[]]
    func add(_ token: AddedTokens.Token, _ place: FileSection) {
      guard seen.insert(Array(token.content.utf8)).inserted else { return }
      var token = token
      if token.id < 0 {
        token.id = model.id(of: token.content) ?? Int32(truncatingIfNeeded: next)
      }
      if model.id(of: token.content) == nil { next += 1 }
      tokens.append((token, place))
    }
    for token in try configuration.addedTokens() { add(token, place) }
    for (key, standard) in named {
      if let value = try value(key) {
        add(try Self.token(value), value)
      } else if let standard {
        add(AddedTokens.Token(id: -1, content: standard), place)
      }
    }
    for key in ["additional_special_tokens", "extra_special_tokens"] {
      guard let more = try value(key), more.json.array != nil else { continue }
      for entry in try more.list() { add(try Self.token(entry), entry) }
    }
    return tokens
  }

  /// A string, or an object with `content` and flags; the id is still open.
  private static func token(_ value: FileSection) throws(Failure) -> AddedTokens.Token {
    guard value.json.members != nil else {
      return AddedTokens.Token(id: -1, content: try value.text())
    }
    return AddedTokens.Token(
      id: -1, content: try value.text("content"),
      isSingleWord: try value.optionalFlag("single_word") ?? false,
      stripsLeft: try value.optionalFlag("lstrip") ?? false,
      stripsRight: try value.optionalFlag("rstrip") ?? false,
      isNormalized: try value.optionalFlag("normalized") ?? false)
  }
}
