// The encoders that are BERT in the order of computation: summed embeddings, their norm, post-norm
// layers. They differ in names, in how positions come in, and in the feed-forward part.

import Core
import Tensors

/// An architecture whose computation is a `PostNormEncoder`.
protocol PostNormArchitecture: Architecture {
  var encoder: PostNormEncoder { get }
}

extension PostNormArchitecture {
  var hidden: Int { encoder.sizes.hidden }
  var positions: Int? { encoder.longest }
  var vocabulary: Int { encoder.sizes.vocabulary }
  var parameters: Int { encoder.parameters }
  var embeddingParameters: Int { encoder.words.count }

  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    encoder.workspace(maxTokens: maxTokens, longest: longest)
  }

  func forward(_ workspace: inout Workspace, trace: Trace?) {
    encoder.forward(&workspace, trace: trace)
  }
}

/// Embeddings and post-norm layers, ready to compute.
struct PostNormEncoder: Sendable {
  /// How a token's place in its text comes in.
  enum Positions: Sendable {
    /// Rows of a learned table, from 0 on.
    case table
    /// Rows of a learned table, counted as RoBERTa does.
    case counted(PositionCount)
    /// Queries and keys turn; there is no table.
    case rotary(Rotary)
  }

  let sizes: EncoderSizes
  let positions: Positions
  /// Numbers in all weights; the unused pooler counts, heads for training do not.
  let parameters: Int
  /// Shape [vocabulary, hidden], as of all tables; the columns are fewer where `widening` follows.
  let words: Floats
  /// Shape [tokenTypes, hidden], or nil where there are none; every token gets row 0.
  private let types: Floats?
  /// Shape [positions, hidden], or nil where positions rotate.
  private let places: Floats?
  private let embeddingNorm: LayerNorm
  /// From the tables' width to `hidden`, or nil where it is the same.
  private let widening: Linear?
  private let layers: [PostNormLayer]
  private let kernels: Kernels

  /// The longest text in tokens that a table of positions has rows for; nil without a table.
  var longest: Int? {
    switch positions {
    case .table: sizes.positions
    case .counted(let count): count.longest(rows: sizes.positions)
    case .rotary: nil
    }
  }
}

// MARK: Weights

extension PostNormEncoder {
  /// A tensor that every such checkpoint has, by which `Weights` finds the prefix.
  static let mark = "embeddings.word_embeddings.weight"

  /// Where a checkpoint keeps what is not the same everywhere.
  struct Layout {
    /// The norm of the embeddings.
    var embeddingNorm = "embeddings.LayerNorm"
    /// What stands before a layer's number.
    var layers = "encoder.layer"
    /// What widens the embeddings, where their tables are narrower than the layers.
    var widening = "embeddings_project"
    /// The parts of a layer.
    let layer: PostNormLayer.Names
  }

  /// Reads and packs the weights.
  ///
  /// - Parameters:
  ///   - weights: the tensors of the checkpoint.
  ///   - layout: their names.
  ///   - sizes: their sizes.
  ///   - positions: how places come in.
  ///   - bias: what every layer's attention adds for the distance of two tokens.
  /// - Throws: `Failure` naming the tensor that is missing, has another shape, another type, or
  ///   holds NaN or infinity, or that stands in a layer without a use.
  init(
    _ weights: Weights, _ layout: Layout, _ sizes: EncoderSizes, _ positions: Positions,
    bias: RelativeBias? = nil
  ) throws(Failure) {
    let width = sizes.narrow ?? sizes.hidden
    var rotation: Int?
    var places: Floats?
    let embeddings = weights.at("embeddings")
    words = try embeddings.matrix("word_embeddings", sizes.vocabulary, width)
    if case .rotary = positions {
      rotation = 0
    } else {
      places = try embeddings.matrix("position_embeddings", sizes.positions, width)
    }
    self.places = places
    types =
      sizes.tokenTypes == 0
      ? nil : try embeddings.matrix("token_type_embeddings", sizes.tokenTypes, width)
    embeddingNorm = try weights.layerNorm(
      layout.embeddingNorm, width: width, epsilon: sizes.epsilon)
    widening =
      sizes.narrow == nil
      ? nil : try weights.linear(layout.widening, outputs: sizes.hidden, inputs: width)
    var layers: [PostNormLayer] = []
    for number in 0..<sizes.layers {
      layers.append(
        try PostNormLayer(
          weights.at("\(layout.layers).\(number)"), layout.layer, sizes, rotation: rotation,
          bias: bias))
    }
    self.layers = layers
    self.sizes = sizes
    self.positions = positions
    kernels = weights.kernels
    parameters = weights.parameters(
      below: ["embeddings", "emb_ln.", "encoder.", "transformer.", "pooler."])
  }
}

// MARK: Forward

extension PostNormEncoder {
  /// Memory for batches of at most `maxTokens` tokens, the longest text `longest`.
  func workspace(maxTokens: Int, longest: Int) -> Workspace {
    var shape = layers[0].workspaceShape
    if case .rotary(let rotary) = positions { shape.rotary = [rotary] }
    return Workspace(shape, maxTokens: maxTokens, longest: longest, kernels: kernels)
  }

  /// Computes the token vectors of the workspace's batch.
  func forward(_ workspace: inout Workspace, trace: Trace?) {
    var rows = workspace.batch.positions
    if case .counted(let count) = positions {
      count.count(in: &workspace)
      rows = workspace.positions
    }
    if let widening {
      // The memory between attention and feed-forward part has nothing to hold yet.
      let capacity = workspace.middle.rows
      workspace.middle.reshape(rows: capacity, columns: widening.weights.inputs)
      embed(workspace.batch.ids, rows, into: &workspace.middle)
      kernels.linear(
        workspace.middle, rows: rows.count, widening, into: &workspace.hidden)
      workspace.middle.reshape(rows: capacity, columns: sizes.hidden)
    } else {
      embed(workspace.batch.ids, rows, into: &workspace.hidden)
    }
    trace?(0, workspace.hidden)
    for (number, layer) in layers.enumerated() {
      layer.forward(&workspace, kernels)
      trace?(number + 1, workspace.hidden)
    }
  }

  private func embed(_ ids: [Int32], _ positions: [Int32], into x: inout Matrix) {
    kernels.embed(
      ids: ids, positions: positions, words: words, types: types, places: places, into: &x)
    kernels.layerNorm(&x, rows: ids.count, embeddingNorm)
  }
}
