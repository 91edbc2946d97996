// Models whose prompts are known by name: facts about published checkpoints, stored as data.

/// The prompts that the models of one family were trained with.
package struct PromptFamily: Sendable {
  /// What `--prompts` takes.
  package let name: String
  /// What the prompts look like, in a few words.
  package let about: String
  /// A `model_type` that no other family has.
  let modelType: String?
  /// How the last part of a checkpoint's name starts, in lower case.
  let names: [String]
  package let prompts: Prompts

  init(
    _ name: String, about: String, modelType: String? = nil, names: [String], _ prompts: Prompts
  ) {
    self.name = name
    self.about = about
    self.modelType = modelType
    self.names = names
    self.prompts = prompts
  }

  /// All families; a longer name stands before a shorter one that it starts with.
  package static let all: [PromptFamily] = [
    PromptFamily(
      "e5-instruct", about: "Instruct: {instruction}\\nQuery: {text}",
      names: ["multilingual-e5-large-instruct"], Prompts(instructions: instruct)),
    PromptFamily(
      "e5-mistral", about: "Instruct: {instruction}\\nQuery: {text}",
      names: ["e5-mistral-7b-instruct"], Prompts(instructions: instruct)),
    PromptFamily(
      "e5", about: "query: and passage: before queries and documents, elsewhere nothing",
      names: ["multilingual-e5-", "e5-small", "e5-base", "e5-large"],
      Prompts(byKey: ["query": "query: ", "document": "passage: "])),
    PromptFamily(
      "qwen3-embedding", about: "Instruct: {instruction}\\nQuery:{text}",
      names: ["qwen3-embedding"],
      Prompts(
        instructions: Instructions(
          template: PromptTemplate(opening: "Instruct: ", closing: "\nQuery:")))),
    PromptFamily(
      "llama-embed-nemotron",
      about: "as e5-instruct, with fixed instructions for STS, pairs and bitext",
      modelType: "llama_bidirec", names: ["llama-embed-nemotron"],
      Prompts(instructions: nemotron)),
    PromptFamily(
      "nomic",
      about: "search_query: and search_document: for search, classification: or clustering:",
      names: ["nomic-embed-text-v1"], Prompts(byKey: nomic)),
  ]

  /// One blank between `Query:` and the text; documents as they are.
  private static let instruct = Instructions(
    template: PromptTemplate(opening: "Instruct: ", closing: "\nQuery: "))

  private static let nemotron: Instructions = {
    var instructions = instruct
    let claims = "Given a claim, find documents that refute the claim"
    instructions.byKey = [
      "STS": "Retrieve semantically similar text",
      "PairClassification": "Retrieve semantically similar text",
      "BitextMining": "Retrieve parallel sentences",
      // The one task whose documents are instructed too.
      "ArguAna-query": claims, "ArguAna-document": claims,
    ]
    return instructions
  }()

  private static let nomic: [String: String] = {
    var prompts = ["query": "search_query: ", "document": "search_document: "]
    prompts["Clustering"] = "clustering: "
    for type in [
      "Classification", "MultilabelClassification", "PairClassification", "Reranking", "STS",
      "Summarization",
    ] { prompts[type] = "classification: " }
    return prompts
  }()
}

extension PromptFamily {
  /// The family with this name.
  package static func named(_ name: String) -> PromptFamily? { all.first { $0.name == name } }

  /// The family that a checkpoint says it belongs to, by its type or its name.
  ///
  /// - Parameters:
  ///   - modelType: `model_type` of its `config.json`.
  ///   - name: `org/name` or a folder's name; only what stands behind the last slash counts.
  ///   - own: the prompts that the checkpoint carries; a family that contradicts them is not meant.
  /// - Returns: nil for a checkpoint that says nothing.
  package static func of(modelType: String?, name: String, own: Prompts) -> PromptFamily? {
    let last = name.split(separator: "/").last.map { $0.lowercased() } ?? ""
    let family = all.first { family in
      (modelType != nil && family.modelType == modelType)
        || family.names.contains(where: last.hasPrefix)
    }
    guard let family, own.byKey.values.allSatisfy(family.agrees) else { return nil }
    return family
  }

  /// Whether a prompt that a checkpoint carries is one of this family's.
  private func agrees(with own: String) -> Bool {
    if own.isEmpty { return true }
    if let template = prompts.instructions?.template {
      return own.hasPrefix(template.opening) && own.hasSuffix(template.closing)
    }
    return prompts.byKey.values.contains(own)
  }

  /// The family's prompts for a checkpoint whose own stay in use for texts that belong to no task.
  package func prompts(besides own: Prompts) -> Prompts {
    var prompts = prompts
    prompts.instructions?.outsideTasks = own.byKey
    return prompts
  }
}
