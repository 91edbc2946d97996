// Which prompt stands before a text: the order of the search, families, files.

import Core
import TestSupport
import Testing

private func context(
  _ name: String, _ type: String, _ prompt: TaskPrompt? = nil
) -> TaskContext {
  TaskContext(name: name, type: TaskType(rawValue: type), prompt: prompt)
}

private func read(_ text: String) throws -> Prompts {
  try Prompts(file: try JSON(parsing: text), named: "prompts.json")
}

@Suite struct `Prompts before texts` {
  private let task = context("Quora", "Retrieval")

  // The order of mteb: task and role, task, type and role, type, role.
  @Test(arguments: [
    (
      ["Quora-query": "1", "Quora": "2", "Retrieval-query": "3", "Retrieval": "4", "query": "5"],
      "1", ChosenPrompt.Source.task
    ),
    (["Quora": "2", "Retrieval-query": "3", "Retrieval": "4", "query": "5"], "2", .task),
    (["Retrieval-query": "3", "Retrieval": "4", "query": "5"], "3", .type),
    (["Retrieval": "4", "query": "5"], "4", .type),
    (["query": "5", "document": "6"], "5", .role), (["document": "6"], "", .none),
  ])
  func `are found by the most particular key`(
    keys: [String: String], expected: String, source: ChosenPrompt.Source
  ) {
    let found = Prompts(byKey: keys).chosen(role: .query, task: task)
    #expect(found.text == expected && found.source == source)
  }

  // sentence-transformers' encode_document tries document, passage, corpus.
  @Test func `for documents fall back to passage, then corpus`() {
    let both = Prompts(byKey: ["passage": "p", "corpus": "c"])
    #expect(both.prompt(role: .document, task: task) == "p")
    #expect(Prompts(byKey: ["corpus": "c"]).prompt(role: .document, task: task) == "c")
  }

  @Test func `of a role never reach symmetric tasks`() {
    let e5 = Prompts(byKey: ["query": "query: ", "passage": "passage: "])
    #expect(e5.prompt(role: nil, task: context("Quora", "STS")) == "")
  }

  @Test func `by default are for texts without a role only`() {
    let prompts = Prompts(byKey: ["STS": "s"], standard: "d")
    #expect(prompts.prompt(role: nil, task: context("Tatoeba", "BitextMining")) == "d")
    #expect(prompts.prompt(role: nil, task: context("STS12", "STS")) == "s")
    #expect(prompts.prompt(role: .query, task: task) == "")
    #expect(prompts.prompt(role: .document, task: task) == "")
  }

  @Test func `are put before texts by the decorator`() async throws {
    let toy = ToyEmbedder()
    let prompted = Prompted(toy, prompts: Prompts(byKey: ["query": "q: "], standard: "d: "))
    _ = try await prompted.embed(EmbedRequest(texts: ["a"], role: .query))
    _ = try await prompted.embed(EmbedRequest(texts: ["a"]))
    #expect(toy.requests.map(\.prompt) == ["q: ", "d: "])
  }
}

@Suite struct `Instructions before texts` {
  private func model(
    _ byKey: [String: String] = [:], documents: Instructions.Documents = .raw
  ) throws -> Prompts {
    let template = try PromptTemplate("I: {instruction}\nQ: {text}", in: "test")
    return Prompts(
      instructions: Instructions(template: template, byKey: byKey, documents: documents))
  }

  // The order for instruction models: own words for the task, the type, the role; then the task's
  // file; then what fits the type.
  @Test(arguments: [
    (["Quora": "1", "Retrieval": "2", "query": "3"], "1", ChosenPrompt.Source.task),
    (["Retrieval": "2", "query": "3"], "2", .type), (["query": "3"], "3", .role),
    ([:], "4", .taskFile),
  ])
  func `are found by task, type, role, task file`(
    keys: [String: String], expected: String, source: ChosenPrompt.Source
  ) throws {
    let task = context("Quora", "Retrieval", .everywhere("4"))
    let found = try model(keys).chosen(role: .query, task: task)
    #expect(found.text == "I: \(expected)\nQ: ")
    #expect(found.source == source)
  }

  @Test func `fall back to a sentence for each type`() throws {
    for (type, sentence) in Instructions.fallbacks {
      let role = TaskType(rawValue: type).roles[0]
      let found = try model().chosen(role: role, task: context("Mine", type))
      #expect(found.text == "I: \(sentence)\nQ: ")
      #expect(found.source == .fallback)
      #expect(sentence.last?.isPunctuation == false)
    }
    #expect(try model().chosen(role: nil, task: context("Mine", "Poetry")).source == .none)
  }

  @Test func `of a task file for one role leave the other without a prompt`() throws {
    let task = context("Quora", "Retrieval", .byRole([.query: "find"]))
    let prompts = try model(documents: .template)
    #expect(prompts.prompt(role: .query, task: task) == "I: find\nQ: ")
    let documents = prompts.chosen(role: .document, task: task)
    #expect(documents.text == "" && documents.source == .taskFile)
  }

  @Test func `leave documents alone unless one is named for them or the template is for all`()
    throws
  {
    let task = context("Quora", "Retrieval", .everywhere("find"))
    #expect(try model(["Quora": "q"]).prompt(role: .document, task: task) == "")
    #expect(try model(["Quora-document": "d"]).prompt(role: .document, task: task) == "I: d\nQ: ")
    #expect(try model(["document": "d"]).prompt(role: .document, task: task) == "I: d\nQ: ")
    let wrapped = try model(["Quora": "q"], documents: .template)
    #expect(wrapped.prompt(role: .document, task: task) == "I: q\nQ: ")
    #expect(try model(documents: .template).prompt(role: .document, task: task) == "I: find\nQ: ")
  }

  @Test func `that are empty leave the template out`() throws {
    #expect(try model(["STS": ""]).prompt(role: nil, task: context("a", "STS")) == "")
  }

  @Test(arguments: [
    "no instruction", "{instruction} {instruction}", "{text} {instruction}",
    "{instruction}{text}{text}", "",
  ])
  func `need a template with one place for them and the text at its end`(template: String) {
    #expect(throws: Failure.self) { try PromptTemplate(template, in: "test") }
  }
}

@Suite struct `Families of models` {
  /// Family, task, type, role, and what stands before a text.
  @Test(arguments: [
    ("e5", "Mine", "Retrieval", Role?.some(.query), "query: "),
    ("e5", "Mine", "Reranking", .document, "passage: "), ("e5", "Mine", "STS", nil, ""),
    ("e5", "Mine", "Classification", nil, ""),
    ("e5-instruct", "Mine", "Retrieval", .query, "Instruct: say\nQuery: "),
    ("e5-instruct", "Mine", "Retrieval", .document, ""),
    ("e5-mistral", "Mine", "Clustering", nil, "Instruct: say\nQuery: "),
    ("qwen3-embedding", "Mine", "STS", nil, "Instruct: say\nQuery:"),
    ("qwen3-embedding", "Mine", "InstructionReranking", .query, "Instruct: say\nQuery:"),
    ("qwen3-embedding", "Mine", "InstructionReranking", .document, ""),
    ("llama-embed-nemotron", "Mine", "Retrieval", .query, "Instruct: say\nQuery: "),
    ("llama-embed-nemotron", "Mine", "Retrieval", .document, ""),
    (
      "llama-embed-nemotron", "STS12", "STS", nil,
      "Instruct: Retrieve semantically similar text\nQuery: "
    ),
    (
      "llama-embed-nemotron", "Mine", "PairClassification", nil,
      "Instruct: Retrieve semantically similar text\nQuery: "
    ),
    (
      "llama-embed-nemotron", "Tatoeba", "BitextMining", nil,
      "Instruct: Retrieve parallel sentences\nQuery: "
    ),
    (
      "llama-embed-nemotron", "ArguAna", "Retrieval", .document,
      "Instruct: Given a claim, find documents that refute the claim\nQuery: "
    ),
    ("nomic", "Mine", "Retrieval", .document, "search_document: "),
    ("nomic", "Mine", "Clustering", nil, "clustering: "),
    ("nomic", "Mine", "BitextMining", nil, ""),
  ])
  func `put their prompts where they were trained with them`(
    family: String, task: String, type: String, role: Role?, expected: String
  ) throws {
    let prompts = try #require(PromptFamily.named(family)).prompts
    let task = context(task, type, .everywhere("say"))
    #expect(prompts.prompt(role: role, task: task) == expected)
  }

  @Test(arguments: [
    (String?.none, "intfloat/multilingual-e5-small", "e5"),
    (nil, "intfloat/multilingual-e5-large-instruct", "e5-instruct"),
    (nil, "local/e5-base-v2", "e5"), (nil, "intfloat/e5-mistral-7b-instruct", "e5-mistral"),
    (nil, "Qwen/Qwen3-Embedding-8B", "qwen3-embedding"),
    ("llama_bidirec", "local/x", "llama-embed-nemotron"),
    ("nomic_bert", "nomic-ai/nomic-embed-text-v1.5", "nomic"), ("bert", "org/my-e5", ""),
    ("qwen3", "local/09_qwen3_last", ""),
  ])
  func `are known by type or name`(type: String?, name: String, expected: String) {
    let family = PromptFamily.of(modelType: type, name: name, own: Prompts())
    #expect(family?.name ?? "" == expected)
  }

  @Test func `give way to a checkpoint that says something else`() {
    let own = Prompts(byKey: ["query": "query: ", "passage": "passage: "])
    #expect(PromptFamily.of(modelType: "llama_bidirec", name: "a/b", own: own) == nil)
    #expect(PromptFamily.of(modelType: nil, name: "a/multilingual-e5-base", own: own)?.name == "e5")
    let instruct = Prompts(byKey: ["query": "Instruct: find it\nQuery: ", "document": ""])
    #expect(PromptFamily.of(modelType: "llama_bidirec", name: "a/b", own: instruct) != nil)
  }

  @Test func `leave texts outside tasks to the checkpoint's own prompts`() throws {
    let family = try #require(PromptFamily.named("qwen3-embedding"))
    let own = Prompts(byKey: ["query": "Instruct: own\nQuery:"])
    let prompts = family.prompts(besides: own)
    #expect(prompts.prompt(role: .query, task: nil) == "Instruct: own\nQuery:")
    #expect(prompts.prompt(role: .document, task: nil) == "")
    #expect(prompts.prompt(role: nil, task: nil) == "")
    #expect(family.prompts.chosen(role: .query, task: nil).source == .fallback)
  }
}

@Suite struct `A file of prompts` {
  @Test func `may be a plain list of texts`() throws {
    #expect(
      try read(#"{"query": "q: ", "Quora-document": ""}"#)
        == Prompts(byKey: ["query": "q: ", "Quora-document": ""]))
  }

  @Test func `may hold a template, instructions and prompts`() throws {
    let prompts = try read(
      #"""
      {"template": "Task: {instruction} | {text}", "documents": "template",
       "instructions": {"Quora": {"query": "a"}, "STS": "b"}, "prompts": {"Clustering": "c: "}}
      """#)
    let quora = context("Quora", "Retrieval")
    #expect(prompts.prompt(role: .query, task: quora) == "Task: a | ")
    #expect(prompts.prompt(role: .document, task: quora) == "")
    #expect(prompts.prompt(role: nil, task: context("x", "STS")) == "Task: b | ")
    #expect(prompts.prompt(role: nil, task: context("x", "Clustering")) == "c: ")
    #expect(prompts.chosen(role: .document, task: context("x", "Retrieval")).source == .fallback)
  }

  @Test func `may change a family`() throws {
    let prompts = try read(
      #"{"family": "llama-embed-nemotron", "instructions": {"STS": "x", "Mine": "y"}}"#)
    #expect(prompts.prompt(role: nil, task: context("a", "STS")) == "Instruct: x\nQuery: ")
    let bitext = prompts.prompt(role: nil, task: context("a", "BitextMining"))
    #expect(bitext == "Instruct: Retrieve parallel sentences\nQuery: ")
    #expect(prompts.prompt(role: .query, task: context("Mine", "Reranking")).contains("y"))
  }

  @Test(arguments: [
    (#"[]"#, "no prompts by name"), (#"{"query": 1}"#, "'query'"),
    (#"{"querry": "q"}"#, "did you mean query?"),
    (#"{"Retreival": "q"}"#, "did you mean Retrieval?"),
    (#"{"sts": "q"}"#, "did you mean STS?"), (#"{"Querry-document": "q"}"#, "did you mean query?"),
    (#"{"template": "x"}"#, "{instruction}"),
    (#"{"template": "{instruction}", "instruction": {}}"#, "did you mean instructions?"),
    (#"{"prompts": {}, "query": "q"}"#, "unknown key 'query'"),
    (#"{"instructions": {}}"#, "without a template"),
    (#"{"documents": "raw"}"#, "without a template"),
    (#"{"template": "{instruction}", "documents": "none"}"#, "neither raw nor template"),
    (#"{"template": 1}"#, "'template' is no text"), (#"{"prompts": []}"#, "'prompts' is no object"),
    (#"{"family": "e6"}"#, "did you mean e5"),
    (#"{"family": "e5-instruct", "instructions": {"Q": {"queries": "x"}}}"#, "'queries'"),
    (
      #"{"family": "e5-instruct", "instructions": {"query": {"query": "x"}}}"#, "'query' is no text"
    ),
    (#"{"family": "e5-instruct", "instructions": {"Clusterin": "x"}}"#, "did you mean Clustering?"),
  ])
  func `that is unclear is refused, with the nearest key`(text: String, words: String) {
    let failure = #expect(throws: Failure.self) { try read(text) }
    #expect(failure?.subject == "prompts.json")
    #expect(failure?.description.contains(words) == true, "\(String(describing: failure))")
  }

  @Test(arguments: ["STS12", "STS22.v2", "Quora", "MyRetrieval", "Clustering2-query", "passage"])
  func `may name any task`(key: String) throws {
    #expect(try read(#"{"\#(key)": "p"}"#).byKey == [key: "p"])
  }
}
