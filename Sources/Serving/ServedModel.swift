// The model behind the server: what clients may call it, and which prompt a request asks for.

package import Core

/// An embedder, and what the server promises about it.
package struct ServedModel: Sendable {
  /// With its prompts: it is asked by role or by the name of a prompt.
  package let embedder: any Embedder
  package let prompts: Prompts
  /// For requests that name no prompt.
  package var role: Role?
  /// Whether a request may name any model, for tools whose model is fixed.
  package var answersAnyName = false
  /// What serves, `borda 0.1.0`.
  package var software: String

  package init(_ embedder: any Embedder, prompts: Prompts, software: String) {
    self.embedder = embedder
    self.prompts = prompts
    self.software = software
  }

  var identity: ModelIdentity { embedder.model }

  /// `org/name` and the name alone, which is how tools show it.
  func isCalled(_ name: String) -> Bool {
    answersAnyName || name == identity.name
      || name == identity.name.split(separator: "/").last.map(String.init)
  }

  /// Which prompt stands before the texts of a request.
  struct Manner: Hashable, Sendable {
    var role: Role?
    /// A key of the model's prompts, such as a task's name.
    var promptName: String?

    /// The request to the embedder.
    func request(_ texts: [String]) -> EmbedRequest {
      // A prompt's key is looked up first as the name of a task. The type is looked up after it,
      // which is never reached: only keys that are there get this far.
      let task = promptName.map { TaskContext(name: $0, type: TaskType(rawValue: $0)) }
      return EmbedRequest(texts: texts, role: role, task: task)
    }
  }

  /// The manner of a request without a word on prompts.
  var standardManner: Manner { Manner(role: role) }

  /// The manner that a prompt's name asks for; nil for a prompt the model does not have.
  func manner(promptName name: String) -> Manner? {
    let isKey = prompts.byKey[name] != nil || prompts.instructions?.byKey[name] != nil
    let role = isKey ? Role(rawValue: name) : hasRoles ? Self.role(named: name) : nil
    if let role { return Manner(role: role) }
    return isKey ? Manner(promptName: name) : nil
  }

  /// The role that a word of the common interfaces means.
  static func role(named name: String) -> Role? {
    switch name {
    case "query", "search_query": .query
    case "document", "passage", "corpus", "search_document": .document
    default: nil
    }
  }

  /// Names that requests may give, sorted.
  var promptNames: [String] {
    let roles = hasRoles ? Role.allCases.map(\.rawValue) : []
    let keys = Array(prompts.byKey.keys) + Array((prompts.instructions?.byKey ?? [:]).keys)
    return Set(roles + keys).sorted()
  }

  /// Whether the model tells queries from documents.
  private var hasRoles: Bool {
    prompts.instructions != nil
      || Role.allCases.contains { !prompts.prompt(role: $0, task: nil).isEmpty }
  }
}
