// The bar above a table of models that hides rows; the script in Templates/TableScript.swift acts.

/// A box for part of a name, a choice of organisation, a switch for complete models.
struct FilterBar: Sendable {
  /// Below this many rows everything is seen at a glance.
  private static let least = 8
  private let organisations: [String]
  private let hasIncomplete: Bool
  private let count: Int

  /// nil for a list too short to need one.
  init?(models: [String], hasIncomplete: Bool) {
    guard models.count >= Self.least else { return nil }
    let all = Set(models.map { ModelName($0).organisation })
    organisations = all.filter { !$0.isEmpty }.sorted {
      ($0.lowercased(), $0) < ($1.lowercased(), $1)
    }
    self.hasIncomplete = hasIncomplete
    count = models.count
  }

  /// Hidden until the script shows it, as it does nothing without.
  var html: HTML {
    let options = organisations.map { organisation in
      "<option value=\"\(organisation)\">\(String(organisation.dropLast()))</option>" as HTML
    }
    let choice: HTML = """
      <label>Organisation <select name="org"><option value="">all</option>\
      \(options.joined())</select></label>
      """
    let complete: HTML = """
      <label><input type="checkbox" name="complete"> Complete only</label>
      """
    return """
      <form class="filter" role="search" hidden>
      <label>Filter models <input type="search" name="q" autocomplete="off" spellcheck="false" \
      aria-keyshortcuts="/" placeholder="part of a name"></label>
      \(organisations.count > 1 ? choice : nil)\(hasIncomplete ? complete : nil)
      <button type="reset">Show all</button>
      <output>\(count) of \(count)</output>
      </form>

      """
  }
}
