// Prompts: which text stands before every text, and the decorator that puts it there.

/// Prompt texts by task name, task type or role, as checkpoints carry them.
package struct Prompts: Sendable, Hashable {
  /// Keys are `<TaskName>-<role>`, `<TaskName>`, `<TaskType>-<role>`, `<TaskType>` or `<role>`.
  package var byKey: [String: String]
  /// Used where nothing else matches and there is no role.
  package var standard: String?

  package init(byKey: [String: String] = [:], standard: String? = nil) {
    self.byKey = byKey
    self.standard = standard
  }

  /// The prompt for a text, empty for none.
  ///
  /// The order is mteb's (task and role, task, type and role, type, role), then the fallback of
  /// sentence-transformers: `query`; `document`, `passage`, `corpus`; the default prompt.
  package func prompt(role: Role?, task: TaskContext?) -> String {
    var keys: [String] = []
    for subject in [task?.name, task?.type.rawValue].compactMap({ $0 }) {
      if let role { keys.append("\(subject)-\(role.rawValue)") }
      keys.append(subject)
    }
    switch role {
    case .query: keys.append("query")
    case .document: keys += ["document", "passage", "corpus"]
    case nil: break
    }
    for key in keys {
      if let prompt = byKey[key] { return prompt }
    }
    return standard ?? ""
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
    var prompted = request
    prompted.prompt = prompts.prompt(role: request.role, task: request.task)
    return try await base.embed(prompted)
  }
}
