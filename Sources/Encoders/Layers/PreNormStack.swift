// The whole of a decoder-shaped model without its head: token table, layers, final norm. Llama,
// Mistral, Qwen 2, Qwen 3 and EuroBERT are this stack with parts of their own.

import Core
import Tensors

/// A token table, pre-norm layers with one rotation, and a final norm.
struct PreNormStack: Sendable {
  let sizes: StackSizes
  /// Numbers in all tensors below the model's root.
  let parameters: Int
  /// Shape [vocabulary, hidden].
  let words: Floats
  private let rotary: Rotary
  private let layers: [PreNormLayer]
  private let norm: RMSNorm
  private let kernels: Kernels

  /// Reads the tensors, named with `model.` in front where the file was saved with a head on top.
  ///
  /// `parts` says what each layer has. The head itself, `lm_head`, is not used.
  ///
  /// - Throws: `Failure` naming the tensor that is missing, has another shape, another type, or
  ///   holds NaN or infinity. Other tensors in the file are ignored.
  init(
    _ tensors: Safetensors, _ kernels: Kernels, _ sizes: StackSizes, _ rotary: Rotary,
    parts: [PreNormLayer.Parts]
  ) throws(Failure) {
    precondition(parts.count == sizes.layers, "\(parts.count) parts for \(sizes.layers) layers")
    let weights = Weights(
      tensors, prefixes: ["", "model."], mark: "embed_tokens.weight", kernels)
    self.sizes = sizes
    self.rotary = rotary
    self.kernels = kernels
    words = try weights.matrix("embed_tokens", sizes.vocabulary, sizes.hidden)
    var layers: [PreNormLayer] = []
    for (number, parts) in parts.enumerated() {
      layers.append(try PreNormLayer(weights.at("layers.\(number)"), sizes, parts))
    }
    self.layers = layers
    norm = try weights.rmsNorm("norm", width: sizes.hidden, epsilon: sizes.epsilon)
    parameters = weights.parameters(below: ["embed_tokens.", "layers.", "norm."])
  }

  /// Reserves the memory for batches of at most `maxTokens` tokens, the longest text `longest`.
  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    let shape = WorkspaceShape(
      hidden: sizes.hidden, attention: layers.first?.attention, rotary: [rotary],
      expanded: 2 * sizes.intermediate, gated: sizes.intermediate, isNormedFirst: true)
    return Workspace(shape, maxTokens: maxTokens, longest: longest, kernels: kernels)
  }

  /// Words, layer after layer, final norm; the trace sees the last layer's result after that norm.
  func forward(_ workspace: inout Workspace, trace: Trace?) {
    kernels.embed(ids: workspace.batch.ids, words: words, into: &workspace.hidden)
    for (number, layer) in layers.enumerated() {
      trace?(number, workspace.hidden)
      layer.forward(&workspace, kernels)
    }
    kernels.rmsNorm(&workspace.hidden, rows: workspace.batch.ids.count, norm)
    trace?(layers.count, workspace.hidden)
  }
}

/// An architecture that is such a stack and nothing else.
protocol PreNormArchitecture: Architecture {
  var stack: PreNormStack { get }
}

extension PreNormArchitecture {
  var hidden: Int { stack.sizes.hidden }
  /// Rotations go on without end; `max_position_embeddings` is what the model was trained with.
  var positions: Int? { nil }
  var vocabulary: Int { stack.sizes.vocabulary }
  var parameters: Int { stack.parameters }
  var embeddingParameters: Int { stack.words.count }

  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    stack.workspace(maxTokens: maxTokens, longest: longest)
  }

  func forward(_ workspace: inout Workspace, trace: Trace?) {
    stack.forward(&workspace, trace: trace)
  }
}
