// Prompts: which text stands before every text, where it comes from, and the decorator that puts it
// there. `Prompts+Instructions` is about templates, `+Families` about models known by name, `+File`
// about files of prompts.

/// Prompt texts by task name, task type or role; for instruction-tuned models also instructions.
///
/// The same search serves both: the most particular key wins.
package struct Prompts: Sendable, Hashable {
  /// Texts that stand verbatim before texts, as checkpoints carry them.
  ///
  /// Keys are `<TaskName>-<role>`, `<TaskName>`, `<TaskType>-<role>`, `<TaskType>` or `<role>`.
  package var byKey: [String: String]
  /// Used where nothing else matches and there is no role.
  package var standard: String?
  /// What an instruction-tuned model is told; nil for models with fixed prefixes.
  package var instructions: Instructions?

  package init(
    byKey: [String: String] = [:], standard: String? = nil, instructions: Instructions? = nil
  ) {
    self.byKey = byKey
    self.standard = standard
    self.instructions = instructions
  }

  /// The prompt for a text, empty for none.
  package func prompt(role: Role?, task: TaskContext?) -> String {
    chosen(role: role, task: task).text
  }

  /// The prompt for a text, and where it comes from.
  ///
  /// The order is mteb's: task and role, task, type and role, type, role. Then, for models with
  /// instructions, what the task's file says and what fits its type; for the others the fallback of
  /// sentence-transformers: `document`, `passage`, `corpus` for documents, the default prompt where
  /// there is no role.
  package func chosen(role: Role?, task: TaskContext?) -> ChosenPrompt {
    for (key, source, namesRole) in Self.keys(role, task) {
      if let text = byKey[key] { return ChosenPrompt(text: text, source: source, key: key) }
      guard let instructions, let instruction = instructions.byKey[key] else { continue }
      if role == .document, instructions.documents == .raw, !namesRole { continue }
      return ChosenPrompt(
        text: instructions.template.prompt(instruction), source: source, key: key)
    }
    if let instructions, let found = instructions.remaining(role: role, task: task) {
      return found
    }
    if role == .document {
      for key in ["passage", "corpus"] {
        if let text = byKey[key] { return ChosenPrompt(text: text, source: .role, key: key) }
      }
    }
    if role == nil, let standard { return ChosenPrompt(text: standard, source: .standard) }
    return ChosenPrompt(text: "", source: .none)
  }

  /// Most particular first; whether a key names the role decides about documents.
  private static func keys(
    _ role: Role?, _ task: TaskContext?
  ) -> [(key: String, source: ChosenPrompt.Source, namesRole: Bool)] {
    var keys: [(String, ChosenPrompt.Source, Bool)] = []
    let subjects: [(String?, ChosenPrompt.Source)] = [
      (task?.name, .task), (task?.type.rawValue, .type),
    ]
    for (subject, source) in subjects {
      guard let subject else { continue }
      if let role { keys.append(("\(subject)-\(role.rawValue)", source, true)) }
      keys.append((subject, source, false))
    }
    if let role { keys.append((role.rawValue, .role, true)) }
    return keys
  }
}

/// A prompt together with where it comes from.
package struct ChosenPrompt: Sendable, Hashable {
  package enum Source: String, Sendable, Hashable {
    /// A key with the task's name.
    case task = "task name"
    /// A key with the task's type.
    case type
    /// A key that is a role.
    case role
    /// The key `prompt` of the task's file.
    case taskFile = "task file"
    /// Borda's instruction for the type.
    case fallback
    /// The checkpoint's default prompt.
    case standard = "default prompt"
    case none
  }

  /// Stands before every text; empty for none.
  package var text: String
  package var source: Source
  /// The key that matched, where one did.
  package var key: String?

  package init(text: String, source: Source, key: String? = nil) {
    self.text = text
    self.source = source
    self.key = key
  }
}

/// What a task's file says of prompts: for every text, or for some roles.
package enum TaskPrompt: Sendable, Hashable {
  case everywhere(String)
  /// A role that is absent has an empty instruction.
  case byRole([Role: String])
}

extension TaskType {
  /// The roles that texts of a task of this type have; nil stands for texts without a role.
  ///
  /// Only the retrieval family tells queries from documents.
  package var roles: [Role?] {
    rawValue.hasSuffix("Retrieval") || rawValue.hasSuffix("Reranking")
      ? [.query, .document] : [nil]
  }
}

/// Adds the prompt that belongs to a request's role and task, then asks the embedder below.
package struct Prompted<Base: Embedder>: Embedder {
  package let base: Base
  package let prompts: Prompts

  package init(_ base: Base, prompts: Prompts) {
    self.base = base
    self.prompts = prompts
  }

  package var model: ModelIdentity { base.model }

  package func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    try await base.embed(prompted(request))
  }

  package func countTokens(_ request: EmbedRequest) async -> [TextCost]? {
    await base.countTokens(prompted(request))
  }

  package func memory(longestText tokens: Int) -> EmbedderMemory {
    base.memory(longestText: tokens)
  }

  private func prompted(_ request: EmbedRequest) -> EmbedRequest {
    var prompted = request
    prompted.prompt = prompts.prompt(role: request.role, task: request.task)
    return prompted
  }
}
