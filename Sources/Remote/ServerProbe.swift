// The first questions to a server, with texts of our own: whether it makes vectors, of which width,
// whether they depend on the texts beside them, and a fingerprint to know the model by.

import Core
import Crypto
import Network

/// What the first vectors of a server tell.
struct ServerProbe: Sendable {
  /// The name that the server gives its model in answers; nil for none.
  let name: String?
  /// Of `short` alone: what later probes are compared with.
  let vector: [Float]
  /// The least cosine of a text's vector alone and in a batch.
  let agreement: Double
  /// Norms of the vectors, smallest and largest.
  let norms: ClosedRange<Double>
  /// Whether blanks at the ends of a text change its vector.
  let seesOuterBlanks: Bool
  /// Whether there is a vector for the empty text.
  let embedsEmpty: Bool
  /// 64 signs of projections of the vectors, 16 hexadecimal digits.
  let fingerprint: String

  static let short = "Where does the river rise?"
  static let middle =
    "A mountain hut with twelve beds stands at the upper end of the valley, open from June on."
  static let long =
    "The old town lies on a hill above the harbour. In the morning the boats come back, the market "
    + "opens at seven, and by noon most stalls are empty again. On Sundays 3,500 people live there; "
    + "Straßenbahn, café, 東京 and Москва are words that its visitors use."

  /// Asks for the vectors of the probe's texts; settles what is open in the client's dialect.
  ///
  /// - Parameters:
  ///   - client: its dialect may lose base64 and get another path; its width is set
  ///   - retries: as for `ServerClient.ask`
  /// - Throws: what the server says; `.unusable` for vectors that cannot be right
  init(_ client: inout ServerClient, retries: Int) async throws(Failure) {
    let short = try await Self.first(&client, retries)
    client.width = short.dimensions
    name = short.model
    try Self.checkWidth(short, client)
    let long = try await Self.vectors([Self.long], client)
    let alone = [long[0], short[0]]
    let size = min(3, client.load.limits.items)
    let batch = size < 3 ? [Self.long, Self.short] : [Self.long, Self.middle, Self.short]
    var agreement = 1.0
    if size > 1 {
      let together = try await Self.vectors(batch, client)
      agreement = min(
        Vectors.cosine(alone[0], together[0]), Vectors.cosine(alone[1], together[batch.count - 1]))
    }
    self.agreement = agreement
    let sizes = alone.map { Vectors.norm($0) }
    norms = (sizes.min() ?? 0)...(sizes.max() ?? 0)
    vector = Array(alone[1])
    fingerprint = Self.signs(alone)
    let padded = try await Self.vectors(["  \(Self.short)\n"], client)
    seesOuterBlanks = Vectors.cosine(padded[0], alone[1]) < 0.99999
    embedsEmpty = await Self.embedsEmpty(client)
    try check(client, alone)
  }

  /// What a user should know of it.
  var notes: [String] {
    var notes: [String] = []
    if agreement < 0.9999 {
      notes.append(
        "a text's vector depends on the texts beside it: cosine"
          + " \(agreement.rounded(decimals: 5)) between alone and in a batch")
    }
    if !isNormalized {
      let (least, most) = (
        norms.lowerBound.rounded(decimals: 3), norms.upperBound.rounded(decimals: 3)
      )
      notes.append("its vectors are not normalised (norms from \(least) to \(most))")
    }
    if !embedsEmpty {
      notes.append("it refuses the empty text, which gets a vector of zeros, as mteb gives it")
    }
    return notes
  }

  var isNormalized: Bool { abs(norms.lowerBound - 1) < 0.01 && abs(norms.upperBound - 1) < 0.01 }

  /// How far a later vector of `short` may be from the first one: four times what batches change.
  var leastCosine: Double { 1 - max(1e-4, 4 * (1 - agreement)) }

  // MARK: Asking

  /// The vector of `short`, by whatever path and encoding the server takes.
  private static func first(
    _ client: inout ServerClient, _ retries: Int
  ) async throws(Failure) -> VectorTable {
    var paths = [client.dialect.path]
    if client.dialect.kind == .openAI {
      paths = OpenAIPaths.vectors(below: client.transport.spec.address)
    }
    var refusal: ServerRefusal?
    for path in paths {
      client.dialect.path = path
      for wantsBase64 in client.dialect.kind == .openAI ? [true, false] : [false] {
        client.dialect.wantsBase64 = wantsBase64
        switch try await client.vectors(of: [short], retries: retries) {
        case .answer(let table): return table
        case .refused(let latest):
          // Of several refusals, the one of a path that is there says most.
          if refusal == nil || refusal?.kind == .absent && refusal?.isAboutModel == false {
            refusal = latest
          }
          guard [.invalid, .tooLarge].contains(latest.kind) else { break }
          continue
        }
        break
      }
      guard refusal?.kind == .absent, refusal?.isAboutModel == false else { break }
    }
    throw refusal?.trouble.failure
      ?? Failure(.unusable, client.subject, "gives no vectors", hint: "see its log")
  }

  private static func vectors(
    _ texts: [String], _ client: ServerClient
  ) async throws(Failure) -> VectorTable {
    switch try await client.vectors(of: texts) {
    case .answer(let table): return table
    case .refused(let refusal): throw refusal.failure(about: texts[0])
    }
  }

  private static func embedsEmpty(_ client: ServerClient) async -> Bool {
    // Some servers fall over; that is a refusal too. Others are busy just now.
    let reply = try? await client.vectors(of: [""], retries: 2)
    guard case .answer = reply else { return false }
    return true
  }

  // MARK: Judging

  private static func checkWidth(
    _ table: VectorTable, _ client: ServerClient
  ) throws(Failure) {
    guard let wanted = client.dialect.dimensions, wanted != table.dimensions else { return }
    throw Failure(
      .unusable, client.subject,
      "was asked for \(wanted) dimensions and sends \(table.dimensions)",
      hint: "leave --dimensions out: the server or its model cannot shorten vectors")
  }

  private func check(_ client: ServerClient, _ alone: [ArraySlice<Float>]) throws(Failure) {
    guard norms.lowerBound > 0 else {
      throw Failure(
        .unusable, client.subject, "sends vectors of zeros",
        hint: "see the server's log; its model may not have been loaded as an embedding model")
    }
    guard Vectors.cosine(alone[0], alone[1]) < 0.99999 else {
      throw Failure(
        .unusable, client.subject, "sends the same vector for different texts",
        hint: "see the server's log; its model may not have been loaded as an embedding model")
    }
    guard agreement >= 0.99 else {
      throw Failure(
        .unusable, client.subject,
        "sends another vector for a text in a batch than alone (cosine"
          + " \(agreement.rounded(decimals: 4)))",
        hint: "look for a wrong order of vectors, or padding that is not masked, in the server")
    }
  }

  /// The signs of 32 random projections of each of the vectors.
  ///
  /// The last bits of a vector may differ from one request to the next; a sign does only where the
  /// projection is next to zero.
  private static func signs(_ vectors: [ArraySlice<Float>]) -> String {
    var digits = ""
    for vector in vectors {
      var sums = [Double](repeating: 0, count: 32)
      var state: UInt64 = 0
      for value in vector {
        // SplitMix64 (Steele, Lea, Flood 2014): a word of random bits for each dimension.
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        word ^= word >> 31
        for bit in 0..<32 { sums[bit] += (word >> bit) & 1 == 1 ? Double(value) : -Double(value) }
      }
      let word = sums.indices.reduce(UInt64(1) << 32) { $0 | (sums[$1] > 0 ? 1 << $1 : 0) }
      digits += String(word, radix: 16).dropFirst()
    }
    return digits
  }
}

extension ServerProbe {
  /// 40 hexadecimal digits for a model whose server tells no revision: of what it says of itself and of
  /// the directions of two vectors.
  func revision(_ facts: ServerFacts, _ kind: ServerKind) -> String {
    var lines = [
      "kind=\(kind.rawValue)", "model=\(facts.model)", "revision=\(facts.revision ?? "")",
      "dtype=\(facts.dtype ?? "")", "dimensions=\(vector.count)", "signs=\(fingerprint)",
    ]
    lines += facts.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let digest = SHA256.hash(data: Array(lines.joined(separator: "\n").utf8))
    let hex = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return String(hex.prefix(40))
  }
}
