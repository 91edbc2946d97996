// What is known of languages: the files of the catalogue, and how mistakes in them are answered.

import Catalogue
import Core
import Foundation
import TestSupport
import Testing

@Suite struct `The files of languages` {
  private static let languages = """
    # A comment.
    code\tname\tfamily\tresource
    deu\tGerman\tIndo-European\t5
    kze\tKosena\t-\t-

    """
  private static let scripts = "code\tname\nLatn\tLatin\n"

  private func read(
    _ languages: String?, _ scripts: String?
  ) async throws -> Result<LanguageFacts?, Failure> {
    try await withTemporaryFolder { folder in
      if let languages { try folder.write("languages.tsv", languages) }
      if let scripts { try folder.write("scripts.tsv", scripts) }
      return Result { () throws(Failure) in try Catalogue.languageFacts(below: folder) }
    }
  }

  @Test func `say names, families and classes, or that they are unknown`() async throws {
    let facts = try #require(try await read(Self.languages, Self.scripts).get())
    #expect(facts.languages["deu"] == .init(name: "German", family: "Indo-European", resource: 5))
    #expect(facts.languages["kze"] == .init(name: "Kosena", family: nil, resource: nil))
    #expect(facts.scripts == ["Latn": "Latin"])
  }

  @Test func `may be absent, both of them`() async throws {
    #expect(try await read(nil, nil).get() == nil)
    let one = await #expect(throws: Failure.self) { try await read(Self.languages, nil).get() }
    #expect(one?.subject.hasSuffix("scripts.tsv") == true)
    #expect(one?.code == .missing)
  }

  /// What is replaced, by what, and what the answer must hold.
  @Test(arguments: [
    ("deu\t", "de\t", "line 3: 'de' is no code of ISO 639-3"),
    ("deu\t", "deu-Latn\t", "line 3: 'deu-Latn' is no code of ISO 639-3"),
    ("kze\t", "deu\t", "line 4: a second row for 'deu'"),
    ("German\t", "-\t", "line 3: 'deu' has no name"), ("German\t", "\t", "line 3: not 4 fields"),
    ("\t5", "\t6", "line 3: '6' is no class of resources"),
    ("\t5", "\thigh", "line 3: 'high' is no class of resources"),
    ("\t5", "", "line 3: not 4 fields"), ("\tresource", "\tclass", "line 2: no header"),
  ])
  func `are refused with the file and the line`(
    old: String, new: String, problem: String
  ) async throws {
    let text = Self.languages.replacing(old, with: new, maxReplacements: 1)
    let failure = await #expect(throws: Failure.self) {
      try await read(text, Self.scripts).get()
    }
    #expect(failure?.subject.hasSuffix("languages.tsv") == true)
    #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
    #expect(failure?.code == .malformed)
  }

  @Test(arguments: [
    ("Latn\t", "latn\t", "line 2: 'latn' is no code of ISO 15924"),
    ("Latn\tLatin\n", "Latn\tLatin\nLatn\tRoman\n", "line 3: 'Latn' has no name, or two"),
  ])
  func `name scripts once`(old: String, new: String, problem: String) async throws {
    let failure = await #expect(throws: Failure.self) {
      try await read(Self.languages, Self.scripts.replacing(old, with: new)).get()
    }
    #expect(failure?.message.contains(problem) == true, "\(String(describing: failure))")
  }

  @Test func `are checked with the other files of a catalogue`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("languages.tsv", Self.languages.replacing("\t5", with: "\t9"))
      try folder.write("scripts.tsv", Self.scripts)
      let failures = try Catalogue(root: folder).failures
      #expect(failures.map(\.message) == ["line 3: '9' is no class of resources"])
    }
  }

  @Test func `of the catalogue know what its tasks are in`() throws {
    let root = Repository.root.appending(path: "Tasks")
    let facts = try #require(try Catalogue.languageFacts(below: root))
    #expect(facts.languages.count > 1000)
    for language in try Catalogue(root: root).tasks.flatMap(\.languages) {
      #expect(facts[language]?.family != nil || language.code == "cth" || language.code == "kze")
      #expect(facts.scripts[language.script ?? ""] != nil, "\(language)")
    }
    // An isolate, a macrolanguage, and a code that result files write for another language.
    #expect(facts.languages["eus"]?.family == "Basque (isolate)")
    #expect(facts.languages["ara"] == .init(name: "Arabic", family: "Afro-Asiatic", resource: 5))
    #expect(facts.languages["svk"] == facts.languages["slk"])
  }
}
