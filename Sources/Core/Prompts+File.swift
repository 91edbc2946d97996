// Files of prompts, as --prompts takes them. docs/prompts.md is their reference; this is its law.

extension Prompts {
  /// The keys of the longer form; a file with none of them is a plain list of prompts.
  private static let fileKeys = ["family", "template", "instructions", "documents", "prompts"]

  /// Reads the contents of a file of prompts.
  ///
  /// - Parameters:
  ///   - file: one object, `{key: text}` or with the keys `family`, `template`, `instructions`,
  ///     `documents` and `prompts`.
  ///   - subject: the file, for messages.
  /// - Throws: `.malformed` naming the key that is unknown or has a value of another kind.
  package init(file: JSON, named subject: String) throws(Failure) {
    guard let members = file.members else {
      throw Failure(
        .malformed, subject, "holds no prompts by name",
        hint: "write an object from task, type or role to a text: {\"query\": \"query: \"}")
    }
    guard members.keys.contains(where: Self.fileKeys.contains) else {
      self.init(byKey: try Self.texts(members, in: subject))
      return
    }
    let form = PromptFileForm(members: members, subject: subject)
    try form.checkKeys(among: Self.fileKeys)
    let family = try form.family()
    self = family?.prompts ?? Prompts()
    if let prompts = try form.object("prompts") {
      byKey.merge(try Self.texts(prompts, in: subject)) { $1 }
    }
    if let text = try form.text("template") {
      let template = try PromptTemplate(text, in: subject)
      instructions = instructions ?? Instructions(template: template)
      instructions?.template = template
    }
    if let documents = try form.documents() {
      guard instructions != nil else { throw form.needsTemplate("documents") }
      instructions?.documents = documents
    }
    if let own = try form.object("instructions") {
      guard instructions != nil else { throw form.needsTemplate("instructions") }
      for (key, value) in own.entries {
        for (key, instruction) in try form.instruction(key, value) {
          instructions?.byKey[key] = instruction
        }
      }
    }
  }

  private static func texts(
    _ members: JSON.Members, in subject: String
  ) throws(Failure) -> [String: String] {
    var texts: [String: String] = [:]
    for (key, value) in members.entries {
      try PromptFileForm.checkSubject(key, in: subject)
      guard let text = value.string else {
        throw Failure(
          .malformed, subject, "the prompt for '\(key)' is no text",
          hint: "write {\"\(key)\": \"…\"}, white space at its end included")
      }
      texts[key] = text
    }
    return texts
  }
}

/// The longer form of a file of prompts, read key by key.
private struct PromptFileForm {
  let members: JSON.Members
  let subject: String

  func checkKeys(among keys: [String]) throws(Failure) {
    for key in members.keys where !keys.contains(key) {
      throw Failure(
        .malformed, subject, "unknown key '\(key)'",
        hint: Suggest.hint(
          for: key, among: keys,
          otherwise: "use \(keys.joined(separator: ", ")); a prompt belongs under prompts"))
    }
  }

  func family() throws(Failure) -> PromptFamily? {
    guard let name = try text("family") else { return nil }
    if let family = PromptFamily.named(name) { return family }
    let names = PromptFamily.all.map(\.name)
    throw Failure(
      .malformed, subject, "family: there is no '\(name)'",
      hint: Suggest.hint(
        for: name, among: names, otherwise: "use one of \(names.joined(separator: ", "))"))
  }

  func documents() throws(Failure) -> Instructions.Documents? {
    guard let name = try text("documents") else { return nil }
    if let documents = Instructions.Documents(rawValue: name) { return documents }
    throw Failure(
      .malformed, subject, "documents: '\(name)' is neither raw nor template",
      hint: "raw leaves documents as they are; a prompt of theirs is called document")
  }

  func needsTemplate(_ key: String) -> Failure {
    Failure(
      .malformed, subject, "'\(key)' means nothing without a template",
      hint: "add \"template\": \"Instruct: {instruction}\\nQuery: {text}\", or a family")
  }

  func text(_ key: String) throws(Failure) -> String? {
    guard let value = members[key] else { return nil }
    if let text = value.string { return text }
    throw Failure(.malformed, subject, "the value of '\(key)' is no text")
  }

  func object(_ key: String) throws(Failure) -> JSON.Members? {
    guard let value = members[key] else { return nil }
    if let members = value.members { return members }
    throw Failure(
      .malformed, subject, "the value of '\(key)' is no object",
      hint: "write {task, type or role: text}")
  }

  /// One instruction as keys with texts: itself, or one for each role.
  func instruction(
    _ key: String, _ value: JSON
  ) throws(Failure) -> [(key: String, text: String)] {
    try Self.checkSubject(key, in: subject)
    if let text = value.string { return [(key, text)] }
    guard let roles = value.members, !Role.allCases.contains(where: { $0.rawValue == key }) else {
      throw Failure(
        .malformed, subject, "the instruction for '\(key)' is no text",
        hint: "write a text, or {query: …, document: …} for a task or a type")
    }
    for (role, value) in roles.entries {
      guard Role(rawValue: role) != nil, value.string != nil else {
        throw Failure(
          .malformed, subject, "the instruction for '\(key)': '\(role)' is no role with a text",
          hint: "write {query: …, document: …}")
      }
    }
    return Role.allCases.map { ("\(key)-\($0.rawValue)", roles[$0.rawValue]?.string ?? "") }
  }

  /// Refuses a key that is almost a role or a type; any other may be a task's name.
  static func checkSubject(_ key: String, in subject: String) throws(Failure) {
    let known = ["query", "document", "passage", "corpus"] + Instructions.fallbacks.keys.sorted()
    var name = key
    for role in Role.allCases where name.hasSuffix("-" + role.rawValue) {
      name.removeLast(role.rawValue.count + 1)
    }
    if known.contains(name) { return }
    // A digit makes a name of its own, and short names such as STS are a letter away from others.
    guard !name.contains(where: \.isNumber) else { return }
    let typed = Array(name.lowercased())
    for candidate in known {
      let letters = Array(candidate.lowercased())
      let limit = min(letters.count, typed.count) < 5 ? 0 : 1
      if Suggest.editDistance(typed, letters, limit: limit) <= limit {
        throw Failure(
          .malformed, subject, "'\(key)' is no task, type or role",
          hint: "did you mean \(candidate)?")
      }
    }
  }
}
