// The only file that calls C: it turns matrices into pointers and checks every shape first. What a
// kernel computes is written in CKernels/include/ckernels.h.

internal import CKernels
package import Core

/// What a linear layer applies to its result, element by element.
package enum Activation: Sendable, Hashable {
  case none
  /// x/2 (1 + erf(x / √2))
  case gelu
  /// The tanh approximation of GELU, 2e-4 away from it.
  case geluTanh
  case relu
  case tanh
}

/// A linear layer x ↦ x Wᵀ + b, ready for the kernels.
package struct Linear: Sendable {
  /// Shape [outputs, inputs].
  package let weights: PackedWeights
  /// Shape [outputs], or nil for none.
  package let bias: Floats?

  package init(weights: PackedWeights, bias: Floats?) {
    if let bias {
      precondition(
        bias.count == weights.outputs,
        "a bias of [\(bias.count)] for a weight of [\(weights.outputs), \(weights.inputs)]")
    }
    self.weights = weights
    self.bias = bias
  }
}

/// Layer norm over the last dimension: (x - mean) / √(variance + epsilon) · scale + shift.
package struct LayerNorm: Sendable {
  /// Shape [width].
  package let scale: Floats
  /// Shape [width].
  package let shift: Floats
  package let epsilon: Float

  package init(scale: Floats, shift: Floats, epsilon: Float) {
    precondition(
      scale.count == shift.count, "norm scale [\(scale.count)], shift [\(shift.count)]")
    self.scale = scale
    self.shift = shift
    self.epsilon = epsilon
  }
}

/// The kernels at one level of the processor.
///
/// For one level, the bits of a result row depend on that row's inputs alone: not on the rows
/// beside it, their number or its place. Wrong shapes stop the program, naming both.
package struct Kernels: Sendable {
  package let instructionSet: InstructionSet
  private let isa: ck_isa

  /// - Throws: `.usage` where the processor lacks the level.
  package init(_ instructionSet: InstructionSet = .best) throws(Failure) {
    try instructionSet.checkSupport()
    self.init(supported: instructionSet)
  }

  private init(supported instructionSet: InstructionSet) {
    self.instructionSet = instructionSet
    isa = instructionSet.kernelLevel
  }

  /// The level that every processor has, for what is done once per file.
  static let portable = Kernels(supported: .portable)

  // MARK: Weights

  /// Numbers that a packed weight of shape [outputs, inputs] takes.
  func packedSize(outputs: Int, inputs: Int) -> Int { ck_packed_size(isa, outputs, inputs) }

  /// Packs [outputs, inputs] into `memory` of `packedSize` numbers.
  func pack(_ weight: Floats, into memory: UnsafeMutablePointer<Float>) {
    ck_pack_weights(isa, weight.rows, weight.columns, weight.base, weight.columns, memory)
  }

  /// f32 from `count` half-precision numbers at any address.
  func convertF16(_ bytes: UnsafeRawPointer, count: Int, into out: UnsafeMutablePointer<Float>) {
    ck_f16_to_f32(isa, count, bytes.assumingMemoryBound(to: UInt16.self), out)
  }

  /// f32 from `count` bfloat16 numbers at any address.
  func convertBF16(_ bytes: UnsafeRawPointer, count: Int, into out: UnsafeMutablePointer<Float>) {
    ck_bf16_to_f32(isa, count, bytes.assumingMemoryBound(to: UInt16.self), out)
  }

  // MARK: Checks

  /// Whether no number is infinite or NaN.
  package func areFinite(_ numbers: Floats) -> Bool {
    ck_all_finite(isa, numbers.count, numbers.base)
  }

  /// Whether no number is infinite or NaN.
  package func areFinite(_ numbers: [Float]) -> Bool {
    numbers.withUnsafeBufferPointer { ck_all_finite(isa, $0.count, $0.baseAddress) }
  }

  /// Whether no number of these rows is infinite or NaN.
  package func areFinite(_ matrix: borrowing Matrix, rows: Range<Int>) -> Bool {
    checkRows(rows, of: matrix)
    let first = matrix.base + rows.lowerBound * matrix.columns
    return ck_all_finite(isa, rows.count * matrix.columns, first)
  }

  // MARK: Layers

  /// y = activation(x Wᵀ + b) for the first `rows` rows.
  ///
  /// x: [rows, inputs], y: [rows, outputs].
  package func linear(
    _ x: borrowing Matrix, rows: Int, _ layer: Linear, _ activation: Activation = .none,
    into y: inout Matrix
  ) {
    check(layer, rows, x.rows, x.columns, y.rows, y.columns)
    ck_linear(
      isa, rows, y.columns, x.columns, x.base, x.columns, layer.weights.base, layer.bias?.base,
      code(activation), nil, 0, y.base, y.columns)
  }

  /// y = x Wᵀ + b + residual for the first `rows` rows.
  ///
  /// residual and y: [rows, outputs].
  package func linear(
    _ x: borrowing Matrix, rows: Int, _ layer: Linear, adding residual: borrowing Matrix,
    into y: inout Matrix
  ) {
    check(layer, rows, x.rows, x.columns, y.rows, y.columns)
    precondition(
      residual.columns == y.columns && residual.rows >= rows,
      "residual [\(residual.rows), \(residual.columns)] for [\(rows), \(y.columns)]")
    ck_linear(
      isa, rows, y.columns, x.columns, x.base, x.columns, layer.weights.base, layer.bias?.base,
      CK_ACTIVATION_NONE, residual.base, residual.columns, y.base, y.columns)
  }

  /// Dot products of vectors with packed vectors: y[i, j] = x[rows[i]] · packed[j].
  ///
  /// x: [count, dimensions] of which `rows` are taken. y: at least [rows, packed].
  package func products(
    _ x: Embeddings, rows: Range<Int>, _ packed: PackedWeights, into y: inout Matrix
  ) {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= x.count, "\(rows) of \(x.count)")
    checkPacked(packed, rows.count, rows.count, x.dimensions, y.rows, y.columns)
    x.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      ck_linear(
        isa, rows.count, packed.outputs, x.dimensions, base + rows.lowerBound * x.dimensions,
        x.dimensions, packed.base, nil, CK_ACTIVATION_NONE, nil, 0, y.base, y.columns)
    }
  }

  /// out[i] = words[ids[i]] + types[0] + places[positions[i]].
  ///
  /// Each table: [count, width]; out: [ids, width].
  package func embed(
    ids: [Int32], positions: [Int32], words: Floats, types: Floats, places: Floats,
    into out: inout Matrix
  ) {
    let width = out.columns
    precondition(
      words.columns == width && types.columns == width && places.columns == width,
      "tables of widths \(words.columns), \(types.columns), \(places.columns) into \(width)")
    precondition(
      ids.count == positions.count && ids.count <= out.rows && types.rows > 0,
      "\(ids.count) ids, \(positions.count) positions into \(out.rows) rows")
    checkIndices(ids, below: words.rows)
    checkIndices(positions, below: places.rows)
    ids.withUnsafeBufferPointer { ids in
      positions.withUnsafeBufferPointer { positions in
        ck_embed_sum(
          isa, ids.count, width, words.base, ids.baseAddress, types.base, places.base,
          positions.baseAddress, out.base, width)
      }
    }
  }

  /// Normalises the first `rows` rows of x, [rows, width], in place.
  package func layerNorm(_ x: inout Matrix, rows: Int, _ norm: LayerNorm) {
    precondition(
      norm.scale.count == x.columns && rows <= x.rows,
      "norm [\(norm.scale.count)] over [\(rows)] of [\(x.rows), \(x.columns)]")
    ck_layer_norm(
      isa, rows, x.columns, x.base, x.columns, norm.scale.base, norm.shift.base, norm.epsilon,
      x.base, x.columns)
  }

  // MARK: Attention

  /// Numbers of scratch memory that `attention` needs for a sequence of this length.
  package func attentionScratch(length: Int, heads: Int, headWidth: Int) -> Int {
    ck_attention_scratch(isa, shape(length, heads, headWidth))
  }

  /// Attention of one sequence's tokens to each other, scaled by 1 / √headWidth.
  ///
  /// qkv: [tokens, 3 · heads · headWidth], queries, keys and values side by side; `tokens` are the
  /// sequence's rows. out: the same rows, [tokens, heads · headWidth].
  package func attention(
    _ qkv: borrowing Matrix, tokens: Range<Int>, heads: Int, scratch: inout Matrix,
    into out: inout Matrix
  ) {
    let hidden = out.columns
    precondition(
      heads > 0 && hidden % heads == 0 && qkv.columns == 3 * hidden,
      "\(heads) heads, qkv width \(qkv.columns) into width \(hidden)")
    checkRows(tokens, of: qkv)
    checkRows(tokens, of: out)
    let shape = shape(tokens.count, heads, hidden / heads)
    let needed = ck_attention_scratch(isa, shape)
    precondition(
      needed <= scratch.rows * scratch.columns,
      "scratch of \(scratch.rows * scratch.columns) numbers, \(needed) needed")
    let stride = qkv.columns
    let q = qkv.base + tokens.lowerBound * stride
    ck_attention(
      isa, shape, q, stride, q + hidden, stride, q + 2 * hidden, stride,
      out.base + tokens.lowerBound * hidden, hidden, scratch.base)
  }

  private func shape(_ length: Int, _ heads: Int, _ headWidth: Int) -> ck_attention_shape {
    var shape = ck_attention_shape()
    shape.length = length
    shape.heads = heads
    shape.head_dim = headWidth
    shape.scale = 1 / Float(headWidth).squareRoot()
    return shape
  }

  // MARK: Pooling: rows of x, [tokens, width], into out[row, column ..< column + width]

  /// The mean of the rows.
  package func meanPool(
    _ x: borrowing Matrix, rows: Range<Int>, into out: inout Matrix, row: Int, column: Int
  ) {
    let target = poolTarget(x, rows, out, row, column)
    let first = x.base + rows.lowerBound * x.columns
    ck_mean_pool(isa, rows.count, x.columns, first, x.columns, target)
  }

  /// The largest value of each column.
  package func maxPool(
    _ x: borrowing Matrix, rows: Range<Int>, into out: inout Matrix, row: Int, column: Int
  ) {
    let target = poolTarget(x, rows, out, row, column)
    let first = x.base + rows.lowerBound * x.columns
    ck_max_pool(isa, rows.count, x.columns, first, x.columns, target)
  }

  /// The mean of the rows, the first weighted by `firstWeight`, each next one by 1 more.
  package func weightedMeanPool(
    _ x: borrowing Matrix, rows: Range<Int>, firstWeight: Int, into out: inout Matrix, row: Int,
    column: Int
  ) {
    precondition(firstWeight > 0, "first weight \(firstWeight)")
    let target = poolTarget(x, rows, out, row, column)
    let first = x.base + rows.lowerBound * x.columns
    ck_weighted_mean_pool(isa, rows.count, x.columns, first, x.columns, firstWeight, target)
  }

  /// Divides each of these rows, as far as `width`, by its Euclidean norm.
  package func normalize(_ x: inout Matrix, rows: Range<Int>, width: Int) {
    checkRows(rows, of: x)
    precondition(width <= x.columns, "width \(width) of [\(x.rows), \(x.columns)]")
    ck_l2_normalize(isa, rows.count, width, x.base + rows.lowerBound * x.columns, x.columns)
  }

  // MARK: Search

  /// Offers a block of scores, [rows, queries], to the lists of the best.
  ///
  /// Only `TopHits` calls it.
  func updateTop(
    scores: borrowing Matrix, rows: Int, queries: Int, firstID: Int32, lists: inout TopHits.Lists
  ) {
    precondition(
      rows <= scores.rows && queries <= scores.columns,
      "scores [\(rows), \(queries)] of [\(scores.rows), \(scores.columns)]")
    let lengths = (lists.counts.count, lists.thresholds.count)
    let room = (lists.scores.count, lists.ids.count)
    precondition(
      lengths == (queries, queries) && room == (queries * lists.limit, queries * lists.limit),
      "\(queries) queries for lists of \(lengths) with \(lists.limit) places in \(room)")
    lists.scores.withUnsafeMutableBufferPointer { best in
      lists.ids.withUnsafeMutableBufferPointer { ids in
        lists.counts.withUnsafeMutableBufferPointer { counts in
          lists.thresholds.withUnsafeMutableBufferPointer { thresholds in
            ck_topk_update(
              isa, rows, queries, scores.base, scores.columns, firstID, lists.limit,
              best.baseAddress, ids.baseAddress, counts.baseAddress, thresholds.baseAddress)
          }
        }
      }
    }
  }

  /// Puts every list in order, best first.
  func sortTop(_ lists: inout TopHits.Lists) {
    lists.scores.withUnsafeMutableBufferPointer { best in
      lists.ids.withUnsafeMutableBufferPointer { ids in
        lists.counts.withUnsafeBufferPointer { counts in
          ck_topk_sort(
            isa, counts.count, lists.limit, best.baseAddress, ids.baseAddress, counts.baseAddress)
        }
      }
    }
  }

  // MARK: Shape checks

  private func check(
    _ layer: Linear, _ rows: Int, _ xRows: Int, _ xColumns: Int, _ yRows: Int, _ yColumns: Int
  ) {
    checkPacked(layer.weights, rows, xRows, xColumns, yRows, yColumns)
    precondition(
      yColumns == layer.weights.outputs,
      "result width \(yColumns) for \(layer.weights.outputs) outputs")
  }

  private func checkPacked(
    _ packed: PackedWeights, _ rows: Int, _ xRows: Int, _ xColumns: Int, _ yRows: Int,
    _ yColumns: Int
  ) {
    precondition(
      rows >= 0 && rows <= xRows && rows <= yRows && xColumns == packed.inputs
        && yColumns >= packed.outputs,
      "\(rows) rows of [\(xRows), \(xColumns)] times [\(packed.outputs), \(packed.inputs)]"
        + " into [\(yRows), \(yColumns)]")
    precondition(
      packed.instructionSet == instructionSet,
      "weights packed for \(packed.instructionSet), used by \(instructionSet)")
  }

  private func checkRows(_ rows: Range<Int>, of matrix: borrowing Matrix) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= matrix.rows,
      "rows \(rows) of [\(matrix.rows), \(matrix.columns)]")
  }

  private func checkIndices(_ indices: [Int32], below limit: Int) {
    // UInt32: a negative index becomes a huge one.
    let largest = indices.reduce(UInt32(0)) { max($0, UInt32(bitPattern: $1)) }
    precondition(
      indices.isEmpty || Int(largest) < limit, "index \(largest) in a table of \(limit) rows")
  }

  private func poolTarget(
    _ x: borrowing Matrix, _ rows: Range<Int>, _ out: borrowing Matrix, _ row: Int, _ column: Int
  ) -> UnsafeMutablePointer<Float> {
    checkRows(rows, of: x)
    precondition(!rows.isEmpty, "pooling over no tokens")
    precondition(
      row >= 0 && row < out.rows && column >= 0 && column + x.columns <= out.columns,
      "\(x.columns) numbers at [\(row), \(column)] of [\(out.rows), \(out.columns)]")
    return out.base + row * out.columns + column
  }

  private func code(_ activation: Activation) -> ck_activation {
    switch activation {
    case .none: CK_ACTIVATION_NONE
    case .gelu: CK_ACTIVATION_GELU
    case .geluTanh: CK_ACTIVATION_GELU_TANH
    case .relu: CK_ACTIVATION_RELU
    case .tanh: CK_ACTIVATION_TANH
    }
  }
}
