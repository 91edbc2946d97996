// The seam between evaluation and models: texts in, vectors out. Evaluation sees nothing else.

/// Which side of a search a text stands on; symmetric tasks have no role.
package enum Role: String, Sendable, Hashable, CaseIterable {
  case query, document
}

/// Texts to embed, and what they are for.
package struct EmbedRequest: Sendable {
  /// The texts, untouched: no trimming, no normalisation.
  package var texts: [String]
  /// nil in symmetric tasks (STS, bitext, classification, clustering, pairs).
  package var role: Role?
  /// Name and type of the task, for embedders that choose a prompt by it; nil outside a task.
  package var task: TaskContext?
  /// Stands verbatim before every text.
  ///
  /// Set by `Prompted`, empty otherwise.
  package var prompt: String
  /// Called now and then with the number of texts finished since the last call.
  package var onProgress: (@Sendable (_ texts: Int) -> Void)?

  package init(
    texts: [String], role: Role? = nil, task: TaskContext? = nil, prompt: String = "",
    onProgress: (@Sendable (_ texts: Int) -> Void)? = nil
  ) {
    self.texts = texts
    self.role = role
    self.task = task
    self.prompt = prompt
    self.onProgress = onProgress
  }
}

/// What a prompt may depend on.
package struct TaskContext: Sendable, Hashable {
  package let name: String
  package let type: TaskType
  /// What the task's file says of prompts; only models with instructions ask for it.
  package let prompt: TaskPrompt?

  package init(name: String, type: TaskType, prompt: TaskPrompt? = nil) {
    self.name = name
    self.type = type
    self.prompt = prompt
  }

  package init(_ task: TaskDefinition) {
    self.init(name: task.name, type: task.type, prompt: task.prompt)
  }
}

/// What one text was to the model.
package struct TextCost: Sendable, Hashable {
  /// Tokens that go through the model, special tokens included; 0 where there are none.
  package var tokens: Int
  /// Whether the text was longer than the model's limit and lost its end.
  package var isTruncated: Bool

  package init(tokens: Int, isTruncated: Bool = false) {
    self.tokens = tokens
    self.isTruncated = isTruncated
  }
}

/// Vectors in the order of the request's texts, with what happened on the way.
package struct EmbedOutcome: Sendable {
  /// [texts, dimensions].
  package var embeddings: Embeddings
  /// What each text was to the model, [texts]; the same whether its vector was computed or kept.
  package var costs: [TextCost]
  /// How many texts needed no work: their vectors were kept from an earlier request, or belong to an
  /// equal text of this one.
  package var cached: Int
  /// Whether `costs` is what each text cost; false where only totals are known and are shared out.
  package var tellsEachText = true

  /// Tokens of all texts.
  package var tokens: Int { costs.reduce(0) { $0 + $1.tokens } }
  /// How many texts lost their end.
  package var truncated: Int { costs.count(where: \.isTruncated) }

  package init(embeddings: Embeddings, costs: [TextCost], cached: Int = 0) {
    precondition(
      costs.count == embeddings.count,
      "what \(costs.count) texts cost beside \(embeddings.count) vectors")
    self.embeddings = embeddings
    self.costs = costs
    self.cached = cached
  }

  /// The outcome of a model that tells totals only, as servers do.
  ///
  /// They are shared out evenly, the remainder to the first texts: the same texts have the same
  /// totals again, whoever keeps their vectors.
  package init(embeddings: Embeddings, tokens: Int, truncated: Int) {
    let count = max(embeddings.count, 1)
    let (share, rest) = tokens.quotientAndRemainder(dividingBy: count)
    let costs = (0..<embeddings.count).map { text in
      TextCost(tokens: share + (text < rest ? 1 : 0), isTruncated: text < truncated)
    }
    self.init(embeddings: embeddings, costs: costs)
    tellsEachText = tokens == 0 && truncated == 0
  }
}

/// Turns texts into vectors: a local checkpoint, a server, stored vectors, or a decorator of one.
///
/// A text's vector must not depend on the texts beside it, on their order or on the number of
/// threads. Every returned value is finite.
package protocol Embedder: Sendable {
  /// Who this is; stable for the life of the embedder, recorded with every result.
  var model: ModelIdentity { get }

  /// Embeds the texts of a request.
  ///
  /// - Throws: `Failure` naming the text, file or server; `.interrupted` when the task is
  ///   cancelled (checked between batches).
  func embed(_ request: EmbedRequest) async throws(Failure) -> EmbedOutcome

  /// Counts the tokens that `embed` would send through the model for a request, and embeds nothing.
  ///
  /// - Returns: what each text costs, [texts]; nil for an embedder without a tokenizer on this machine, and when the task is
  ///   cancelled.
  func countTokens(_ request: EmbedRequest) async -> [TextCost]?

  /// What the embedder takes of this machine's memory while it embeds texts of up to
  /// `longestText` tokens.
  func memory(longestText tokens: Int) -> EmbedderMemory
}

extension Embedder {
  package func countTokens(_ request: EmbedRequest) async -> [TextCost]? { nil }
  package func memory(longestText tokens: Int) -> EmbedderMemory { EmbedderMemory() }
}

/// Memory of an embedder, in bytes.
package struct EmbedderMemory: Sendable, Equatable {
  /// Weights and tables, as long as the embedder lives.
  package var weights: Int
  /// What its workers compute in, all together.
  package var workspaces: Int

  package init(weights: Int = 0, workspaces: Int = 0) {
    self.weights = weights
    self.workspaces = workspaces
  }

  package var total: Int { weights + workspaces }
}

/// How two vectors are compared when a task asks for "the model's own similarity".
package enum Similarity: String, Sendable, Hashable {
  case cosine, dot
}

/// The facts about a model that results record.
package struct ModelIdentity: Sendable, Hashable {
  /// `org/name`, as mteb writes it.
  package var name: String
  /// A commit, or a hash of the weights; `no_revision_available` is never written by Borda.
  package var revision: String
  package var dimensions: Int
  /// Longest input in tokens, special tokens included; nil without a limit.
  package var maxTokens: Int?
  package var similarity: Similarity
  /// Total number of parameters; nil if unknown.
  package var parameters: Int?
  /// Parameters in the token embedding table; nil if unknown.
  package var embeddingParameters: Int?
  /// Numeric type of the computation: `float32`.
  package var dtype: String
  /// What computed the vectors, for instance `borda-local avx512`.
  package var engine: String
  /// Everything else that can change a vector (pooling, weights hash), key by key.
  package var settings: [String: String]

  package init(
    name: String, revision: String, dimensions: Int, maxTokens: Int? = nil,
    similarity: Similarity = .cosine, parameters: Int? = nil, embeddingParameters: Int? = nil,
    dtype: String = "float32", engine: String, settings: [String: String] = [:]
  ) {
    self.name = name
    self.revision = revision
    self.dimensions = dimensions
    self.maxTokens = maxTokens
    self.similarity = similarity
    self.parameters = parameters
    self.embeddingParameters = embeddingParameters
    self.dtype = dtype
    self.engine = engine
    self.settings = settings
  }
}
