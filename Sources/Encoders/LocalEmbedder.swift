// The local engine: texts to tokens, tokens to batches, batches through the model on every core,
// vectors back in the order of the texts.

package import Core
import Foundation
import Synchronization
package import Tensors
import Tokenizers

/// Embeds texts with a checkpoint on this machine's processor.
///
/// A text's vector is the same to the last bit whether it is embedded alone or with others, in
/// whatever order, and with any number of threads. It depends on the instruction set in its last
/// bits.
package struct LocalEmbedder: Embedder {
  /// What a caller may choose.
  package struct Options: Sendable {
    /// Workers, one thread each; nil for one per core.
    package var threads: Int?
    /// nil for the best this processor has.
    package var instructionSet: InstructionSet?
    /// Longest text in tokens; nil for what the checkpoint says.
    package var maxTokens: Int?
    /// Leading dimensions to keep; nil for what the checkpoint says.
    package var dimensions: Int?
    /// Divides every result by its norm at the very end, beyond the checkpoint's own modules.
    package var normalizesResult = false
    /// SHA-256 of the weights, recorded with results; nil leaves it out.
    package var weightsHash: String?
    /// Further facts that can change a vector, recorded with results.
    package var settings: [String: String] = [:]
    /// Tokens that go through the model at once; changes speed and memory, never a result.
    package var batchTokens = 384

    package init() {}
  }

  /// Raised whenever the vectors of any checkpoint change in any bit: vectors that a cache holds of
  /// another version are then not used.
  package static let vectorsVersion = "1"

  package let model: ModelIdentity
  /// Prompts that the checkpoint carries.
  package let prompts: Prompts
  /// The kind of the tokenizer's model, such as `WordPiece`.
  package var tokenizerKind: String { tokenizer.kind }
  private let tokenizer: Tokenizer
  private let encoder: any Architecture
  private let head: Head
  /// nil where nothing limits a text.
  private let maxTokens: Int?
  /// Static models give a text without tokens the zero vector; attention needs one to attend to.
  private let allowsEmptyTexts: Bool
  private let threads: Int
  private let batchTokens: Int

  /// Reads the weights and the tokenizer of a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: its small files, already read.
  ///   - name: `org/name`, as results record it.
  ///   - revision: a commit or a hash of the weights.
  ///   - options: what a caller may choose.
  /// - Throws: `Failure` naming the file, and the key or tensor in it.
  package init(
    _ checkpoint: Checkpoint, name: String, revision: String, options: Options = Options()
  ) throws(Failure) {
    let kernels = try Kernels(options.instructionSet ?? .best)
    let folder = checkpoint.transformerFolder
    encoder = try Self.encoder(checkpoint, kernels)
    head = try Head(
      checkpoint, hidden: encoder.hidden, kept: options.dimensions,
      normalizesResult: options.normalizesResult, kernels: kernels)
    let tokenizer = try Tokenizer(
      folder: folder, lowercasesFirst: checkpoint.lowercasesFirst)
    self.tokenizer = checkpoint.isStatic ? tokenizer.withoutSpecialTokens() : tokenizer
    guard tokenizer.vocabularySize <= encoder.vocabulary else {
      throw Failure(
        .malformed, FilePaths.display(folder.appending(path: "config.json")),
        "vocab_size is \(encoder.vocabulary), but the tokenizer has ids up to"
          + " \(tokenizer.vocabularySize - 1)",
        hint: "check that tokenizer and weights belong to the same model")
    }
    maxTokens = try Self.maxTokens(options, checkpoint, self.tokenizer, encoder)
    allowsEmptyTexts = checkpoint.isStatic
    prompts = checkpoint.prompts
    threads = max(1, options.threads ?? ProcessInfo.processInfo.activeProcessorCount)
    batchTokens = max(1, options.batchTokens)
    var settings = ["modules": head.description]
    settings["weights_sha256"] = options.weightsHash
    settings.merge(options.settings) { $1 }
    model = ModelIdentity(
      name: name, revision: revision, dimensions: head.dimensions, maxTokens: maxTokens,
      similarity: checkpoint.similarity, parameters: encoder.parameters + head.parameters,
      embeddingParameters: encoder.embeddingParameters, dtype: "float32",
      engine: "borda-local \(kernels.instructionSet)", settings: settings)
  }

  private static func encoder(
    _ checkpoint: Checkpoint, _ kernels: Kernels
  ) throws(Failure) -> any Architecture {
    let folder = checkpoint.transformerFolder
    if checkpoint.isStatic {
      return try StaticEmbedding(try checkpoint.tensors(in: folder), kernels)
    }
    // Without an average the configuration is read first, and its faults are named first.
    let mean = try checkpoint.average.map { _ throws(Failure) in
      try checkpoint.tensors(in: folder)
    }
    return try Architectures.load(folder, kernels, tensors: mean)
  }

  /// The longest text: the option, else `sentence_bert_config.json`, else what tokenizer and
  /// `max_position_embeddings` allow together.
  ///
  /// Only a table of positions is a limit that nothing may exceed; rotations go on without end. A
  /// static model has no limit of its own.
  private static func maxTokens(
    _ options: Options, _ checkpoint: Checkpoint, _ tokenizer: Tokenizer,
    _ encoder: any Architecture
  ) throws(Failure) -> Int? {
    let special = tokenizer.specialTokenCount
    let positions = encoder.positions
    func checked(_ wanted: Int, _ code: Failure.Code, _ source: String) throws(Failure) -> Int {
      guard wanted > special, wanted <= positions ?? .max else {
        let most =
          positions.map { " to \($0) tokens (max_position_embeddings)" } ?? " tokens or more"
        throw Failure(
          code, checkpoint.name,
          "\(source) is \(wanted), but texts can have \(special + 1)\(most), of which \(special) are"
            + " special ones")
      }
      return wanted
    }
    if let wanted = options.maxTokens { return try checked(wanted, .usage, "--max-tokens") }
    if checkpoint.isStatic {
      return try StaticEmbedding.truncation(beside: checkpoint.transformerFolder)
    }
    if let wanted = checkpoint.maxTokens {
      return try checked(wanted, .malformed, "max_seq_length in sentence_bert_config.json")
    }
    // A tokenizer without a limit says something like 1e30, which it takes for none.
    let limits = [tokenizer.declaredMaxTokens, positions, try Self.statedPositions(checkpoint)]
    guard let least = limits.compactMap({ $0 }).min() else { return nil }
    return try checked(least, .malformed, "model_max_length")
  }

  /// `max_position_embeddings` of `config.json`; -1 means none, as XLNet's does.
  private static func statedPositions(_ checkpoint: Checkpoint) throws(Failure) -> Int? {
    let file = checkpoint.transformerFolder.appending(path: "config.json")
    let stated = try ConfigFile(file).integer("max_position_embeddings", in: -1...(1 << 40))
    return stated.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The token ids of every text as the model gets them.
  ///
  /// - Returns: nil when the task is cancelled before the end.
  func tokenize(_ texts: [String], prompt: String) async -> TokenizedTexts? {
    await TokenizedTexts.tokenize(
      texts, prompt: prompt, with: tokenizer, maxTokens: maxTokens, threads: threads)
  }

  package func countTokens(_ request: EmbedRequest) async -> [TextCost]? {
    await tokenize(request.texts, prompt: request.prompt)?.costs
  }

  package func memory(longestText tokens: Int) -> EmbedderMemory {
    let longest = max(1, min(tokens, maxTokens ?? tokens))
    let rows = max(longest, batchTokens)
    // Most of a workspace grows with its rows; one for very long texts is not reserved to be asked.
    let sample = min(rows, 4096)
    let workspace = encoder.workspace(maxTokens: sample, longest: min(longest, sample))
    let bytes = Double(workspace.byteCount) * Double(rows) / Double(sample)
    return EmbedderMemory(
      weights: 4 * (encoder.parameters + head.parameters), workspaces: threads * Int(bytes))
  }

  package func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome {
    guard let tokenized = await tokenize(request.texts, prompt: request.prompt) else {
      throw interruption
    }
    if !allowsEmptyTexts, let empty = tokenized.lengths.firstIndex(of: 0) {
      throw Failure(
        .unsupported, model.name,
        "text \(empty) has no tokens: \(Self.shown(request.texts[empty]))",
        hint: "the tokenizer adds no special tokens, so an empty text cannot be embedded")
    }
    let job = EmbeddingJob(
      texts: tokenized, plan: BatchPlan(lengths: tokenized.lengths, budget: batchTokens),
      prompt: request.prompt.isEmpty ? 0 : tokenizer.promptLength(request.prompt),
      dimensions: head.dimensions)
    let failure = await inParallel(job.plan.batches.count, threads: threads) {
      next async throws(Failure) in
      try await work(on: job, of: request, next)
    }
    if let failure { throw failure }
    if Task.isCancelled { throw interruption }
    return EmbedOutcome(
      embeddings: Embeddings(dimensions: head.dimensions, values: job.takeValues()),
      costs: tokenized.costs)
  }

  /// One worker: its own memory, batch after batch.
  private func work(
    on job: EmbeddingJob, of request: EmbedRequest, _ next: () async -> Int?
  ) async throws(Failure) {
    guard var number = await next() else { return }
    let longest = max(1, job.texts.longest)
    let rows = max(longest, min(batchTokens, job.texts.tokens + job.plan.order.count))
    var workspace = encoder.workspace(maxTokens: rows, longest: longest)
    var vectors = head.workspace(texts: min(rows, job.plan.order.count))
    while true {
      let texts = job.plan.order[job.plan.batches[number]]
      workspace.batch.removeAll()
      for text in texts { workspace.batch.append(job.texts.ids(of: text)) }
      encoder.forward(&workspace)
      head.compute(workspace.batch, workspace.hidden, prompt: job.prompt, in: &vectors)
      if let place = head.firstNonFinite(workspace.batch, in: vectors) {
        let text = texts[texts.startIndex + place]
        throw Failure(
          .unusable, model.name,
          "gives NaN or infinity for text \(text): \(Self.shown(request.texts[text]))")
      }
      job.values.withLock { values in
        for (place, text) in texts.enumerated() {
          head.copy(place, from: vectors, to: text, of: &values)
        }
      }
      request.onProgress?(texts.count)
      guard let following = await next() else { return }
      number = following
    }
  }

  private var interruption: Failure {
    Failure(.interrupted, model.name, "stopped while embedding")
  }

  /// A text as messages show it: in quotes, cut after 60 characters.
  static func shown(_ text: String) -> String { ShownText.of(text) }
}

/// One request on its way through the workers.
private final class EmbeddingJob: Sendable {
  let texts: TokenizedTexts
  let plan: BatchPlan
  /// Leading tokens of every text that belong to the prompt.
  let prompt: Int
  /// The vectors, [texts, dimensions], filled batch by batch.
  let values: Mutex<[Float]>

  init(texts: TokenizedTexts, plan: BatchPlan, prompt: Int, dimensions: Int) {
    self.texts = texts
    self.plan = plan
    self.prompt = prompt
    values = Mutex(Array(repeating: 0, count: texts.lengths.count * dimensions))
  }

  /// The finished values; leaves nothing behind.
  func takeValues() -> [Float] {
    values.withLock { values in
      defer { values = [] }
      return values
    }
  }
}
