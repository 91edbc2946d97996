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

/// Vectors in the order of the request's texts, with what happened on the way.
package struct EmbedOutcome: Sendable {
  /// [texts, dimensions].
  package var embeddings: Embeddings
  /// Tokens that went through the model, special tokens included; 0 where there are none.
  package var tokens: Int
  /// How many texts were longer than the model's limit and lost their end.
  package var truncated: Int

  package init(embeddings: Embeddings, tokens: Int, truncated: Int) {
    self.embeddings = embeddings
    self.tokens = tokens
    self.truncated = truncated
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
