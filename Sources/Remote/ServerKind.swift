// The protocols that embedding servers speak.

/// How to ask a server for vectors.
package enum ServerKind: String, Sendable, Hashable, CaseIterable {
  /// `POST /v1/embeddings`: OpenAI, vLLM, llama.cpp, infinity, Ollama and others.
  case openAI = "openai"
  /// text-embeddings-inference: `GET /info`, `POST /embed`.
  case tei
  /// Ollama's own `POST /api/embed`.
  case ollama
}
