// Prompts of instruction-tuned models: a template around an instruction that depends on the task.

/// The text around an instruction: everything that stands before the embedded text.
package struct PromptTemplate: Sendable, Hashable {
  /// What stands before the instruction.
  let opening: String
  /// What stands between the instruction and the text.
  let closing: String

  init(opening: String, closing: String) {
    self.opening = opening
    self.closing = closing
  }

  /// Reads a template such as `Instruct: {instruction}\nQuery: {text}`; `{text}` may be left out.
  ///
  /// - Parameters:
  ///   - template: holds `{instruction}` once and, if at all, `{text}` once, at the very end.
  ///   - subject: the file, for messages.
  /// - Throws: `.malformed` for anything else.
  package init(_ template: String, in subject: String) throws(Failure) {
    var text = template
    if text.hasSuffix("{text}") { text.removeLast("{text}".count) }
    guard !text.contains("{text}") else {
      throw Failure(
        .malformed, subject, "template: {text} should stand last, once",
        hint: "Borda puts prompts before texts: \"Instruct: {instruction}\\nQuery: {text}\"")
    }
    let parts = text.split(separator: "{instruction}", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw Failure(
        .malformed, subject, "template: {instruction} should stand in it exactly once",
        hint: "write for instance \"Instruct: {instruction}\\nQuery: {text}\"")
    }
    self.init(opening: String(parts[0]), closing: String(parts[1]))
  }

  /// What stands before every text; an empty instruction leaves the template out altogether.
  package func prompt(_ instruction: String) -> String {
    instruction.isEmpty ? "" : opening + instruction + closing
  }

  package var description: String { "\(opening){instruction}\(closing){text}" }
}

/// Instructions by task, type or role, and the template they stand in.
package struct Instructions: Sendable, Hashable {
  /// What happens to documents for which no instruction is named.
  package enum Documents: String, Sendable, Hashable, CaseIterable {
    /// They are embedded without any prompt.
    case raw
    /// They get the instruction of their task, as queries do.
    case template
  }

  package var template: PromptTemplate
  /// The keys of `Prompts.byKey`; an empty instruction means no prompt.
  package var byKey: [String: String]
  package var documents: Documents
  /// By role, verbatim: what stands before texts that belong to no task.
  ///
  /// These are the checkpoint's own prompts where a family rules its tasks.
  package var outsideTasks: [String: String] = [:]

  package init(
    template: PromptTemplate, byKey: [String: String] = [:], documents: Documents = .raw
  ) {
    self.template = template
    self.byKey = byKey
    self.documents = documents
  }

  /// What is said where no key matches: by the task's file, else by Borda for the type.
  func remaining(role: Role?, task: TaskContext?) -> ChosenPrompt? {
    guard let task else { return outside(role) }
    if role == .document, documents == .raw { return nil }
    switch task.prompt {
    case .everywhere(let instruction):
      return ChosenPrompt(text: template.prompt(instruction), source: .taskFile)
    case .byRole(let instructions):
      if let role {
        return ChosenPrompt(
          text: template.prompt(instructions[role] ?? ""), source: .taskFile,
          key: role.rawValue)
      }
    case nil: break
    }
    return Self.fallbacks[task.type.rawValue].map {
      ChosenPrompt(text: template.prompt($0), source: .fallback, key: task.type.rawValue)
    }
  }

  private func outside(_ role: Role?) -> ChosenPrompt? {
    let keys = role == .document ? ["document", "passage", "corpus"] : role.map { [$0.rawValue] }
    for key in keys ?? [] {
      if let text = outsideTasks[key] { return ChosenPrompt(text: text, source: .role, key: key) }
    }
    guard role == .query, let instruction = Self.fallbacks["Retrieval"] else { return nil }
    return ChosenPrompt(text: template.prompt(instruction), source: .fallback, key: "Retrieval")
  }

  /// What a model is told where neither it nor the task says anything, by task type.
  ///
  /// The wording is Borda's own; scores of instruction-tuned models move with it, and a file of
  /// prompts replaces it.
  package static let fallbacks: [String: String] = [
    "BitextMining": "Find the translation of this sentence",
    "Classification": "Tell which class this text belongs to",
    "Clustering": "Tell what this text is about, so that texts of one kind come together",
    "InstructionReranking": "Find the documents that answer the query and keep to its instruction",
    "MultilabelClassification": "Tell which labels apply to this text",
    "PairClassification": "Find a text that says the same as this one",
    "Reranking": "Find the documents that answer the query best",
    "Retrieval": "Find the documents that answer the query",
    "STS": "Find a text whose meaning is close to this one",
    "Summarization": "Find a summary with the same content as this one",
  ]
}
