// The engine on small random checkpoints: against plain doubles, and against itself.

import Core
import Foundation
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Encoders

@Suite struct TinyTests {
  /// Texts of 0 to 70 known words in no order of length; the longest are cut at 64 tokens.
  static let texts: [String] = {
    var random = SplitMix(state: 3)
    return (0..<120).map { number in
      let length = number % 10 == 0 ? 70 : Int.random(in: 0...20, using: &random)
      return (0..<length)
        .map { _ in TinyCheckpoint.words.randomElement(using: &random) ?? "" }
        .joined(separator: " ")
    }
  }()

  static func ids(_ text: String) -> [Int] {
    let words = text.split(separator: " ").map {
      TinyCheckpoint.vocabulary.firstIndex(of: String($0)) ?? 1
    }
    return [2] + words.prefix(62) + [3]
  }

  private func expectDoubles(
    _ checkpoint: TinyCheckpoint, prompt: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let folder = try checkpoint.write()
    let embedder = try checkpoint.embedder(in: folder)
    let texts = Array(Self.texts.prefix(3))
    let numbers = checkpoint.doubles
    let outcome = try await embedder.embed(EmbedRequest(texts: texts, prompt: prompt))
    let promptTokens = prompt.isEmpty ? 0 : Self.ids(prompt).count - 1
    for (row, text) in texts.enumerated() {
      let wanted = checkpoint.vector(Self.ids(prompt + text), prompt: promptTokens, numbers)
      let difference = zip(outcome.embeddings[row], wanted).map { abs(Double($0) - $1) }.max()
      #expect(
        outcome.embeddings.dimensions == wanted.count && difference ?? 1 < 2e-5,
        "text \(row): \(difference ?? 1)", sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: ["gelu", "gelu_new", "gelu_pytorch_tanh", "relu"])
  func `every activation agrees with plain doubles`(activation: String) async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.activation = activation
    try await expectDoubles(checkpoint)
  }

  @Test(arguments: ["F32", "F16", "BF16", "F64"])
  func `every floating-point type is read exactly`(type: String) async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.type = type
    try await expectDoubles(checkpoint)
  }

  @Test(arguments: [(8, 1), (33, 3), (40, 5), (64, 2), (72, 1)])
  func `widths that fit no vector register agree with plain doubles`(
    hidden: Int, heads: Int
  ) async throws {
    var checkpoint = TinyCheckpoint()
    (checkpoint.hidden, checkpoint.heads, checkpoint.intermediate) = (hidden, heads, 2 * hidden + 1)
    try await expectDoubles(checkpoint)
  }

  @Test(arguments: Pooling.Mode.allCases, [true, false])
  func `every pooling mode agrees with plain doubles, with and without the prompt`(
    mode: Pooling.Mode, includesPrompt: Bool
  ) async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.pooling = [mode]
    checkpoint.includesPrompt = includesPrompt
    try await expectDoubles(checkpoint, prompt: "w1 w2 ")
  }

  @Test func `several modes stand in a fixed order whatever the file says`() async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.pooling = [.lastToken, .mean, .firstToken]
    try await expectDoubles(checkpoint)
  }

  @Test func `a prompt longer than the limit leaves the closing token to pool`() async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.includesPrompt = false
    try await expectDoubles(checkpoint, prompt: String(repeating: "w4 ", count: 80))
  }

  @Test(arguments: ["Identity", "Tanh", "ReLU", "GELU", "SiLU"], [true, false])
  func `a Dense module agrees with plain doubles`(activation: String, hasBias: Bool) async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.pooling = [.mean, .max]
    checkpoint.dense = (outputs: 100, "torch.nn.modules.activation.\(activation)", hasBias)
    try await expectDoubles(checkpoint)
  }

  @Test(arguments: ["roberta", "xlm-roberta", "camembert"])
  func `positions behind the padding's id agree with plain doubles`(
    modelType: String
  ) async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.modelType = modelType
    // Rows 0 and 1 of the table lie before the first token's: the padding's id is 1.
    (checkpoint.positions, checkpoint.firstPosition) = (66, 2)
    try await expectDoubles(checkpoint)
  }

  @Test(arguments: [5, 16, 24])
  func `ELECTRA's narrower embeddings agree with plain doubles`(width: Int) async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.modelType = "electra"
    checkpoint.narrow = width < checkpoint.hidden ? width : nil
    checkpoint.extraConfig = [("embedding_size", .integer(width))]
    try await expectDoubles(checkpoint)
  }

  @Test func `old names of tensors are understood`() async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.prefix = "bert."
    checkpoint.hasOldNormNames = true
    try await expectDoubles(checkpoint)
  }

  // MARK: Bit for bit

  @Test(arguments: instructionSets)
  func `a vector does not depend on company, order, threads or batch size`(
    level: InstructionSet
  ) async throws {
    let checkpoint = TinyCheckpoint()
    let folder = try checkpoint.write()
    func embed(_ texts: [String], threads: Int, budget: Int) async throws -> Embeddings {
      let embedder = try checkpoint.embedder(in: folder) {
        $0.threads = threads
        $0.batchTokens = budget
        $0.instructionSet = level
      }
      return try await embedder.embed(EmbedRequest(texts: texts)).embeddings
    }
    let together = try await embed(Self.texts, threads: 1, budget: 256)
    for (threads, budget) in [(1, 1), (2, 17), (3, 64), (2, 384), (3, 100_000)] {
      #expect(try await embed(Self.texts, threads: threads, budget: budget) == together)
    }
    var random = SplitMix(state: 5)
    let order = Self.texts.indices.shuffled(using: &random)
    let shuffled = try await embed(order.map { Self.texts[$0] }, threads: 3, budget: 100)
    #expect(shuffled == together.rows(order))
    for row in stride(from: 0, to: Self.texts.count, by: 7) {
      let alone = try await embed([Self.texts[row]], threads: 2, budget: 384)
      #expect(alone == together.rows([row]))
    }
  }

  // MARK: Reports

  @Test func `tokens, truncated texts and progress are counted`() async throws {
    let checkpoint = TinyCheckpoint()
    let folder = try checkpoint.write()
    let embedder = try checkpoint.embedder(in: folder) {
      $0.threads = 2
      $0.batchTokens = 50
    }
    let progress = Mutex(0)
    var request = EmbedRequest(texts: Self.texts)
    request.onProgress = { count in progress.withLock { $0 += count } }
    let outcome = try await embedder.embed(request)
    #expect(outcome.tokens == Self.texts.reduce(0) { $0 + Self.ids($1).count })
    #expect(outcome.truncated == 12)
    #expect(progress.withLock { $0 } == Self.texts.count)
    #expect(outcome.embeddings.count == Self.texts.count)
  }

  @Test func `no texts give no vectors`() async throws {
    let checkpoint = TinyCheckpoint()
    let folder = try checkpoint.write()
    let outcome = try await checkpoint.embedder(in: folder).embed(EmbedRequest(texts: []))
    #expect(outcome.embeddings == Embeddings(dimensions: 24, values: []))
    #expect(outcome.tokens == 0)
  }

  @Test(arguments: [1, 2])
  func `a cancelled request ends as interrupted`(threads: Int) async throws {
    let checkpoint = TinyCheckpoint()
    let folder = try checkpoint.write()
    let embedder = try checkpoint.embedder(in: folder) {
      $0.threads = threads
      $0.batchTokens = 1
    }
    let (started, signal) = AsyncStream.makeStream(of: Void.self)
    var request = EmbedRequest(texts: Array(repeating: Self.texts, count: 30).flatMap(\.self))
    request.onProgress = { _ in signal.yield() }
    let task = Task { [request] in try await embedder.embed(request) }
    for await _ in started { break }
    task.cancel()
    let failure = await #expect(throws: Failure.self) { _ = try await task.value }
    #expect(failure?.code == .interrupted)
  }

  @Test func `a vector that overflows is refused, and the text named`() async throws {
    var checkpoint = TinyCheckpoint()
    checkpoint.normalizes = false
    checkpoint.dense = (outputs: 4, "Identity", false)
    let folder = try checkpoint.write()
    let huge = [Float](repeating: 3e38, count: 4 * checkpoint.hidden)
    try folder.write(
      TinyCheckpoint.file([("linear.weight", [4, checkpoint.hidden], huge)], "F32"),
      to: "2_Dense/model.safetensors")
    let embedder = try checkpoint.embedder(in: folder)
    let failure = await #expect(throws: Failure.self) {
      try await embedder.embed(EmbedRequest(texts: ["w1 w2"]))
    }
    #expect(failure?.message.hasPrefix("gives NaN or infinity for text 0: \"w1 w2\"") == true)
  }

  @Test func `the length limit comes from the option, the file, then the tables`() async throws {
    let checkpoint = TinyCheckpoint()
    let folder = try checkpoint.write()
    #expect(try checkpoint.embedder(in: folder).model.maxTokens == 64)
    try folder.write(#"{"model_max_length": 1e30}"#, to: "tokenizer_config.json")
    #expect(try checkpoint.embedder(in: folder).model.maxTokens == 64)
    try folder.write(#"{"model_max_length": 30}"#, to: "tokenizer_config.json")
    #expect(try checkpoint.embedder(in: folder).model.maxTokens == 30)
    try folder.write(#"{"max_seq_length": 40}"#, to: "sentence_bert_config.json")
    #expect(try checkpoint.embedder(in: folder).model.maxTokens == 40)
    #expect(try checkpoint.embedder(in: folder) { $0.maxTokens = 20 }.model.maxTokens == 20)
    for wrong in [2, 65] {
      let failure = #expect(throws: Failure.self) {
        try checkpoint.embedder(in: folder) { $0.maxTokens = wrong }
      }
      #expect(failure?.code == .usage)
    }
  }

  @Test func `the identity counts parameters and names the engine`() throws {
    let checkpoint = TinyCheckpoint()
    let folder = try checkpoint.write()
    let model = try checkpoint.embedder(in: folder) {
      $0.instructionSet = .portable
      $0.weightsHash = "abc"
    }.model
    #expect(model.parameters == checkpoint.tensors.reduce(0) { $0 + $1.values.count })
    #expect(model.embeddingParameters == TinyCheckpoint.vocabulary.count * 24)
    #expect(model.engine == "borda-local portable")
    #expect(model.settings == ["modules": "mean, normalize", "weights_sha256": "abc"])
  }
}
