// A user's text inside a message.

package enum ShownText {
  /// In quotes, escaped as in JSON, cut after 60 characters.
  package static func of(_ text: String) -> String {
    JSON.string(text.count > 60 ? text.prefix(60) + "…" : text).line
  }
}
