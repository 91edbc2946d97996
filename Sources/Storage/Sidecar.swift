// The sidecar of a result: what Borda knows about a run beyond mteb's schema.

package import Core

/// Facts of one run, written to `borda/<Task>.json` in the folder of the result.
///
/// The folder is one level deeper than mteb looks, so its tools never take a sidecar for a result.
package struct Sidecar: Sendable, Equatable {
  /// Everything a score depends on, key by key: task, data, model, prompts.
  ///
  /// See `fingerprint`.
  package var inputs: [String: String]
  /// What all cells together cost and met.
  package private(set) var cost = CellCost()
  /// CPU, threads, engine version: what may change the last bits or the speed.
  package var machine: [String: String] = [:]
  /// Hash of the scores in the file that this belongs to; the store sets it.
  ///
  /// nil in sidecars of older versions.
  var scoresHash: String?

  package init(inputs: [String: String]) { self.inputs = inputs }

  /// Hash of the inputs: equal for two runs that must give the same scores.
  package var fingerprint: String {
    let lines = inputs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }
    return ContentHash.of(lines.joined())
  }

  /// Adds what one cell cost and met.
  package mutating func add(_ cost: CellCost) { self.cost += cost }

  package var json: JSON {
    let head: [(String, JSON)] = [
      ("schema", .integer(1)),
      ("fingerprint", .string(fingerprint)),
      ("scores_sha256", .optional(scoresHash) { .string($0) }),
      ("inputs", Self.object(inputs) { .string($0) }),
    ]
    return .object(
      head + cost.entries { $0.rounded(decimals: 4) }
        + [("machine", Self.object(machine) { .string($0) })])
  }

  /// nil for anything that is not a sidecar of this schema: its result is then treated as foreign.
  package init?(json: JSON) {
    guard json["schema"]?.integer == 1, let members = json["inputs"]?.members else { return nil }
    self.init(inputs: Self.strings(members))
    scoresHash = json["scores_sha256"]?.string
    cost = CellCost(json: json)
    machine = Self.strings(json["machine"]?.members ?? .init())
  }

  private static func strings(_ members: JSON.Members) -> [String: String] {
    var strings: [String: String] = [:]
    for (key, value) in members.entries { strings[key] = value.string }
    return strings
  }

  fileprivate static func object<T>(_ facts: [String: T], _ wrap: (T) -> JSON) -> JSON {
    .object(facts.sorted { $0.key < $1.key }.map { ($0.key, wrap($0.value)) })
  }
}

/// What one cell cost and met, or several together.
package struct CellCost: Sendable, Equatable {
  /// Texts embedded, tokens run, texts that lost their end.
  package var texts = 0
  package var tokens = 0
  package var truncatedTexts = 0
  /// Texts whose vectors were not computed in this run; what tells how to read the seconds.
  package var cachedTexts = 0
  /// Texts that were empty; they are embedded like any other.
  package var emptyTexts = 0
  /// Remarks a reader should see, such as an undefined score or a duplicate id.
  package var notes: [String] = []
  /// Wall-clock seconds by phase: `read`, `embed`, `score`.
  package var seconds: [String: Double] = [:]

  package init() {}

  package static func += (sum: inout CellCost, cost: CellCost) {
    sum.texts += cost.texts
    sum.tokens += cost.tokens
    sum.truncatedTexts += cost.truncatedTexts
    sum.cachedTexts += cost.cachedTexts
    sum.emptyTexts += cost.emptyTexts
    sum.notes += cost.notes
    for (phase, value) in cost.seconds { sum.seconds[phase, default: 0] += value }
  }

  /// The members of a file that tell it.
  fileprivate func entries(seconds shown: (Double) -> Double = { $0 }) -> [(String, JSON)] {
    [
      ("texts", .integer(texts)), ("tokens", .integer(tokens)),
      ("truncated_texts", .integer(truncatedTexts)), ("cached_texts", .integer(cachedTexts)),
      ("empty_texts", .integer(emptyTexts)),
      ("notes", .strings(notes)), ("seconds", Sidecar.object(seconds) { .number(shown($0)) }),
    ]
  }

  var json: JSON { .object(entries()) }

  init(json: JSON) {
    texts = json["texts"]?.integer ?? 0
    tokens = json["tokens"]?.integer ?? 0
    truncatedTexts = json["truncated_texts"]?.integer ?? 0
    cachedTexts = json["cached_texts"]?.integer ?? 0
    emptyTexts = json["empty_texts"]?.integer ?? 0
    notes = json["notes"]?.array?.compactMap(\.string) ?? []
    for (key, value) in json["seconds"]?.members?.entries ?? [] { seconds[key] = value.double }
  }
}
