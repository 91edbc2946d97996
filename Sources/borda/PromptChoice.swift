// Which prompts a model gets: the ones asked for, its family's, or its own. Reads no weights.

import Catalogue
import Core
import Foundation

/// Prompts, and why these.
struct PromptChoice {
  let prompts: Prompts
  /// In words: `the checkpoint's own`, `family e5, by its name`.
  let origin: String
  /// What to say to a user who may have meant something else.
  var note: String?

  /// What a run says of its prompts before it starts; nothing where there are none.
  var messages: [String] {
    let origin = prompts == Prompts() ? [] : ["prompts: \(origin)"]
    return origin + (note.map { ["prompts: \($0)"] } ?? [])
  }

  /// Names that `--prompts` takes besides those of families.
  private static let names = ["none", "checkpoint"]

  /// Everything that `--prompts` takes but files.
  static let allNames = PromptFamily.all.map(\.name) + names

  /// Chooses for a model without prompts of its own.
  ///
  /// - Throws: `Failure` for a name that is unknown, or what is wrong with a file.
  init(asked: String?) throws(Failure) {
    try self.init(asked: asked, own: Prompts(), family: nil)
  }

  /// Chooses for a checkpoint that carries `own` prompts; `name` is the one that results carry.
  ///
  /// - Throws: as above.
  init(asked: String?, own: Prompts, modelType: String?, name: String) throws(Failure) {
    try self.init(
      asked: asked, own: own, family: PromptFamily.of(modelType: modelType, name: name, own: own))
    if asked == nil { note = Self.note(on: prompts) }
  }

  private init(asked: String?, own: Prompts, family: PromptFamily?) throws(Failure) {
    switch asked {
    case nil:
      if let family {
        prompts = family.prompts(besides: own)
        origin = "family \(family.name), by its type or name"
      } else {
        prompts = own
        origin = own == Prompts() ? "none" : "the checkpoint's own"
      }
    case "none":
      prompts = Prompts()
      origin = "none, as asked"
    case "checkpoint":
      prompts = own
      origin = "the checkpoint's own, as asked"
    case .some(let asked):
      if let family = PromptFamily.named(asked) {
        prompts = family.prompts(besides: own)
        origin = "family \(family.name), as asked"
      } else {
        prompts = try Self.read(asked)
        origin = "the file \(asked)"
      }
    }
  }

  /// A checkpoint whose query prompt holds one instruction was trained with more of them.
  private static func note(on prompts: Prompts) -> String? {
    guard prompts.instructions == nil,
      prompts.byKey.values.contains(where: { $0.hasPrefix("Instruct: ") })
    else { return nil }
    let family =
      prompts.byKey.values.contains { $0.hasSuffix("\nQuery:") } ? "qwen3-embedding" : "e5-instruct"
    return "its prompts hold instructions, and it states no family: tasks without a prompt of their"
      + " own get none; --prompts \(family) instructs every task"
  }

  private static func read(_ path: String) throws(Failure) -> Prompts {
    let file = URL(filePath: FilePaths.expandingTilde(path))
    guard FilePaths.kind(of: file) == .file else {
      let isName = !path.contains("/") && !path.contains(".")
      guard isName else {
        throw Failure(.missing, path, "there is no such file", hint: "correct --prompts")
      }
      throw Failure(
        .usage, path, "names neither built-in prompts nor a file",
        hint: Suggest.hint(
          for: path, among: allNames,
          otherwise: "--prompts takes a file or one of \(allNames.joined(separator: ", "))"))
    }
    if ["yaml", "yml"].contains(file.pathExtension.lowercased()) {
      return try Prompts(file: try YAMLTexts.read(file), named: path)
    }
    let json: JSON
    do {
      json = try JSON(parsing: try Data(contentsOf: file))
    } catch {
      throw Failure(
        .malformed, path, "is not JSON",
        hint: "write {\"query\": \"query: \"}, or give the file a name that ends in .yaml",
        cause: "\(error)")
    }
    return try Prompts(file: json, named: path)
  }
}
