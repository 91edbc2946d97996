// What the engine asks of a model architecture: its sizes, memory to work in, and token vectors.

import Tensors

/// Sees the token vectors [tokens, hidden] after the embeddings (0) and after each layer (1, …).
typealias Trace = (_ layer: Int, _ hidden: borrowing Matrix) -> Void

/// A transformer, or what stands in its place: token ids in, one vector for each token out.
///
/// A conforming type is one file that reads its `config.json` and weights and computes, top to
/// bottom in the order of execution; `Architectures` lists it.
protocol Architecture: Sendable {
  /// Width of a token vector.
  var hidden: Int { get }
  /// The longest text in tokens, or nil where the model sets no limit.
  var positions: Int? { get }
  /// Token ids have to be below this.
  var vocabulary: Int { get }
  /// Numbers in all weights of the model; heads for training left out.
  var parameters: Int { get }
  /// Numbers in the table of tokens.
  var embeddingParameters: Int { get }

  /// Reserves the memory for batches of at most `maxTokens` tokens, the longest text `longest`.
  func workspace(maxTokens: Int, longest: Int) -> Workspace

  /// Computes the token vectors of `workspace.batch` into the first rows of `workspace.hidden`.
  ///
  /// A token's vector depends on its own text only, bit for bit. Allocates nothing.
  func forward(_ workspace: inout Workspace, trace: Trace?)
}

extension Architecture {
  func forward(_ workspace: inout Workspace) { forward(&workspace, trace: nil) }
}
