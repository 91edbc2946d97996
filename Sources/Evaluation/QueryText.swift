// The text of a query as it is embedded: a text or a conversation, with an instruction or without.

import Core

/// A query before it becomes one text.
struct QueryText {
  private let text: String
  private let isConversation: Bool
  /// What the query asks for beyond its words; stands after a text and before a conversation.
  var instruction: String?

  /// Reads a text, or a conversation: turns joined with "; ", each as "role: content" where it has
  /// a role.
  init(_ value: JSON, _ row: PlacedRow) throws(Failure) {
    if let text = value.string {
      self.text = text
      isConversation = false
      return
    }
    let turns = value.array?.map { turn -> String? in
      if let text = turn.string { return text }
      guard let role = turn["role"]?.string, let content = turn["content"]?.string else {
        return nil
      }
      return "\(role): \(content)"
    }
    guard let turns, !turns.isEmpty, !turns.contains(nil) else {
      throw row.malformed("column 'text' is no text")
    }
    text = turns.compactMap { $0 }.joined(separator: "; ")
    isConversation = true
  }

  /// One blank stands between query and instruction, whatever either ends with.
  var joined: String {
    guard let instruction else { return text }
    return isConversation ? "\(instruction) \(text)" : "\(text) \(instruction)"
  }
}
