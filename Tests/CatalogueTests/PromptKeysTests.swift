// The key `prompt` of a task file, and YAML files of prompts.

import Catalogue
import Core
import Foundation
import TestSupport
import Testing

private func task(_ type: String, _ prompt: String) -> String {
  """
  name: Toy
  type: \(type)
  languages: {default: [eng-Latn]}
  splits: [test]
  main_score: x
  data: {path: toy}
  \(prompt)
  """
}

@Suite struct `The prompt of a task file` {
  private func read(_ type: String, _ prompt: String) async throws -> TaskDefinition {
    try await withTemporaryFolder { folder in
      try TaskFile.read(try folder.write("Toy.yaml", task(type, prompt)))
    }
  }

  @Test func `is a text for every text, or one for some roles`() async throws {
    #expect(try await read("STS", "").prompt == nil)
    #expect(try await read("STS", "prompt: Say it again").prompt == .everywhere("Say it again"))
    let query = try await read("Retrieval", "prompt: {query: find it}").prompt
    #expect(query == .byRole([.query: "find it"]))
    let both = try await read("Reranking", "prompt: {query: a, document: b}").prompt
    #expect(both == .byRole([.query: "a", .document: "b"]))
  }

  @Test(arguments: [
    ("STS", "prompt: {query: a}", "in STS there are no queries"), ("STS", "prompt: ''", "a text"),
    ("Retrieval", "prompt: [a]", "a text, or {query"),
    ("Retrieval", "prompt: {queries: a}", "roles"),
    ("Retrieval", "prompt: {query: []}", "roles"), ("Retrieval", "prompt: {}", "mapping"),
  ])
  func `is refused in any other form`(type: String, prompt: String, words: String) async throws {
    let failure = await #expect(throws: Failure.self) { _ = try await read(type, prompt) }
    #expect(failure?.message.contains("'prompt'") == true)
    #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
  }
}

@Suite struct `A YAML file of prompts` {
  private func read(_ text: String) async throws -> Prompts {
    try await withTemporaryFolder { folder in
      let json = try YAMLTexts.read(try folder.write("p.yaml", text))
      return try Prompts(file: json, named: "p.yaml")
    }
  }

  @Test func `says the same as one in JSON`() async throws {
    let prompts = try await read(
      """
      template: "Instruct: {instruction}\\nQuery: {text}"
      instructions:
        STS: Say it again
        Quora: {query: yes, document: "no"}
      prompts:
        query: "q: "
      """)
    let sts = TaskContext(name: "a", type: TaskType(rawValue: "STS"))
    #expect(prompts.prompt(role: nil, task: sts) == "Instruct: Say it again\nQuery: ")
    let quora = TaskContext(name: "Quora", type: TaskType(rawValue: "Retrieval"))
    #expect(prompts.prompt(role: .query, task: quora) == "Instruct: yes\nQuery: ")
    #expect(prompts.prompt(role: .document, task: quora) == "Instruct: no\nQuery: ")
  }

  @Test(arguments: [
    ("query: 'a", "is not YAML"), ("- a", "no prompts by name"), ("", "no prompts by name"),
    ("query: [a]", "'query'"), ("query: ~", "'query'"), ("a: &x {b: *x}", "is not YAML"),
    (String(repeating: "- ", count: 40) + "a", "nested too deep"),
    (
      "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + zip("bcdefg", "abcdef").map { new, old in
          "\(new): &\(new) [\(Array(repeating: "*\(old)", count: 10).joined(separator: ", "))]"
        }.joined(separator: "\n"), "too many values"
    ),
  ])
  func `that is none is refused`(text: String, words: String) async throws {
    let failure = await #expect(throws: Failure.self) { _ = try await read(text) }
    #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
  }
}
