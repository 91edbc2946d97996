// What comes after the transformer: pooling, the further modules of the checkpoint, cutting to the
// leading dimensions.

import Core
import Foundation
import Tensors

/// Turns the token vectors of a batch into one vector for each text.
struct Head: Sendable {
  private enum Step: Sendable {
    case normalize
    case dense(Linear, Activation)
    case layerNorm(LayerNorm)
  }

  let pooling: Pooling
  private let steps: [Step]
  private let kernels: Kernels
  /// Width of the widest vector on the way.
  private let widest: Int
  /// Numbers in the weights of all steps.
  let parameters: Int
  /// Width of the result.
  let dimensions: Int
  /// Whether results are divided by their norm after cutting, beyond the checkpoint's own steps.
  private let normalizesResult: Bool

  /// Reads what a checkpoint has after its transformer, whose token vectors have width `hidden`.
  ///
  /// `kept` is how many leading dimensions to keep; nil keeps what the checkpoint says. Cutting
  /// comes after the checkpoint's steps, so a normalised vector is then no longer of norm 1.
  ///
  /// - Throws: `Failure` naming the module whose configuration or weights are wrong.
  init(
    _ checkpoint: Checkpoint, hidden: Int, kept: Int?, normalizesResult: Bool, kernels: Kernels
  ) throws(Failure) {
    let pooling =
      switch checkpoint.pooling {
      case .chosen(let chosen): chosen
      case .file(let url): try Pooling(try ConfigFile(url), width: hidden)
      }
    var width = pooling.width(over: hidden)
    var widest = width
    var steps: [Step] = []
    var parameters = 0
    for step in checkpoint.steps {
      switch step {
      case .normalize: steps.append(.normalize)
      case .dense(let folder):
        let (linear, activation) = try Self.dense(checkpoint, folder, inputs: width, kernels)
        steps.append(.dense(linear, activation))
        width = linear.weights.outputs
        widest = max(widest, width)
        parameters += linear.weights.inputs * width + (linear.bias?.count ?? 0)
      case .layerNorm(let folder):
        steps.append(.layerNorm(try Self.layerNorm(checkpoint, folder, width: width, kernels)))
        parameters += 2 * width
      }
    }
    if let kept, kept < 1 || kept > width {
      throw Failure(
        .usage, checkpoint.name, "cannot keep \(kept) of \(width) dimensions",
        hint: "ask for 1 to \(width)")
    }
    self.pooling = pooling
    self.steps = steps
    self.kernels = kernels
    self.widest = widest
    self.parameters = parameters
    // A checkpoint that keeps more than there is keeps all, as slicing does in Python.
    dimensions = kept ?? min(checkpoint.keptDimensions ?? width, width)
    self.normalizesResult = normalizesResult
  }

  /// `mean, dense tanh, normalize`: what results record.
  var description: String {
    let names = steps.map { step in
      switch step {
      case .normalize: "normalize"
      case .dense(_, .none): "dense"
      case .dense(_, let activation): "dense \(activation)"
      case .layerNorm: "layer norm"
      }
    }
    let last = normalizesResult ? ["normalize at the end"] : []
    return ([pooling.description] + names + last).joined(separator: ", ")
  }

  private static func dense(
    _ checkpoint: Checkpoint, _ folder: URL, inputs: Int, _ kernels: Kernels
  ) throws(Failure) -> (Linear, Activation) {
    let config = try ConfigFile(folder.appending(path: "config.json"))
    let range = 1...(1 << 20)
    guard let stated = try config.integer("in_features", in: range),
      let outputs = try config.integer("out_features", in: range)
    else { throw Failure(.malformed, config.name, "Dense needs in_features and out_features") }
    guard stated == inputs else {
      throw config.wrong("in_features", "of Dense is \(stated), but its input has \(inputs)")
    }
    for key in ["module_input_name", "module_output_name"] {
      if let name = try config.string(key), name != "sentence_embedding" {
        throw config.unsupported(key, "of Dense is '\(name)'")
      }
    }
    if try config.bool("use_residual", fallback: false) {
      throw config.unsupported("use_residual", "of Dense is true")
    }
    let activation = try activation(config)
    let weights = try checkpoint.tensors(in: folder)
    let weight = try weights.tensor("linear.weight").floats([outputs, inputs], kernels)
    var bias: Floats?
    if try config.bool("bias", fallback: true) {
      bias = try weights.tensor("linear.bias").floats([outputs], kernels)
    }
    return (Linear(weights: PackedWeights(weight, for: kernels), bias: bias), activation)
  }

  /// PyTorch's layer norm, whose epsilon is not in the file.
  private static func layerNorm(
    _ checkpoint: Checkpoint, _ folder: URL, width: Int, _ kernels: Kernels
  ) throws(Failure) -> LayerNorm {
    let config = try ConfigFile(folder.appending(path: "config.json"))
    guard try config.integer("dimension", in: 1...(1 << 20)) == width else {
      throw config.wrong("dimension", "of LayerNorm should be \(width), the width of its input")
    }
    let weights = try checkpoint.tensors(in: folder)
    return LayerNorm(
      scale: try weights.tensor("norm.weight").floats([width], kernels),
      shift: try weights.tensor("norm.bias").floats([width], kernels), epsilon: 1e-5)
  }

  /// A Python path such as `torch.nn.modules.activation.Tanh`; absent means Tanh.
  private static func activation(_ config: ConfigFile) throws(Failure) -> Activation {
    let name = try config.string("activation_function") ?? "Tanh"
    switch name.split(separator: ".").last {
    case "Identity": return .none
    case "Tanh": return .tanh
    case "ReLU": return .relu
    case "GELU": return .gelu
    case "SiLU": return .silu
    default:
      throw config.unsupported(
        "activation_function", "of Dense is '\(name)'",
        hint: "Borda has Identity, Tanh, ReLU, GELU and SiLU")
    }
  }

  // MARK: Computing

  /// The memory of one worker: two buffers that steps read and write in turn.
  struct Workspace: ~Copyable {
    fileprivate var current: Matrix
    fileprivate var other: Matrix
    fileprivate let texts: Int
  }

  /// Reserves the memory for batches of at most `texts` texts.
  func workspace(texts: Int) -> Workspace {
    Workspace(
      current: Matrix(rows: texts, columns: widest),
      other: Matrix(rows: steps.isEmpty ? 0 : texts, columns: widest), texts: texts)
  }

  /// Computes the vectors of a batch whose token vectors are the first rows of `hidden`.
  ///
  /// `prompt` is how many leading tokens of every text belong to the prompt.
  func compute(
    _ batch: TokenBatch, _ hidden: borrowing Matrix, prompt: Int, in workspace: inout Workspace
  ) {
    let rows = 0..<batch.count
    workspace.current.reshape(
      rows: workspace.texts, columns: pooling.width(over: hidden.columns))
    for text in rows {
      pooling.pool(
        hidden, tokens: batch.tokens(of: text), prompt: prompt, kernels: kernels,
        into: &workspace.current, row: text)
    }
    for step in steps {
      switch step {
      case .normalize:
        kernels.normalize(
          &workspace.current, rows: rows, width: workspace.current.columns)
      case .dense(let linear, let activation):
        workspace.other.reshape(rows: workspace.texts, columns: linear.weights.outputs)
        kernels.linear(
          workspace.current, rows: batch.count, linear, activation, into: &workspace.other)
        swap(&workspace.current, &workspace.other)
      case .layerNorm(let norm):
        kernels.layerNorm(&workspace.current, rows: batch.count, norm)
      }
    }
    if normalizesResult {
      kernels.normalize(&workspace.current, rows: rows, width: dimensions)
    }
  }

  /// The first text of the batch whose vector holds NaN or infinity, or nil.
  func firstNonFinite(_ batch: TokenBatch, in workspace: borrowing Workspace) -> Int? {
    if kernels.areFinite(workspace.current, rows: 0..<batch.count) { return nil }
    for text in 0..<batch.count
    where !kernels.areFinite(workspace.current, rows: text..<text + 1) {
      return text
    }
    return nil
  }

  /// Copies a text's vector into an array of rows of `dimensions`.
  func copy(_ text: Int, from workspace: borrowing Workspace, to row: Int, of rows: inout [Float]) {
    workspace.current.copyRow(text, width: dimensions, into: &rows, at: row * dimensions)
  }
}
