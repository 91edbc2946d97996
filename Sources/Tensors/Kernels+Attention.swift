// Kernels of attention: rotary positions, then every token's weighted sum of the values it sees.

internal import CKernels

extension Kernels {
  /// Rotary positions, in place: the first numbers of each head turn in pairs.
  ///
  /// Of the first 2 · angles numbers of a head of x [rows, …], number j of the first half and
  /// number j of the second half turn together: (a, b) becomes (a cos - b sin, b cos + a sin).
  ///
  /// - Parameters:
  ///   - x: Queries and keys, side by side.
  ///   - rows: How many rows of x, from the first on.
  ///   - columns: The heads within x, whole heads of `headWidth`.
  ///   - headWidth: Numbers of a head, at least 2 · angles; those beyond stay.
  ///   - positions: For each row its place in its text.
  ///   - table: The angles of each place.
  package func rotateHeads(
    _ x: inout Matrix, rows: Int, columns: Range<Int>, headWidth: Int, positions: [Int32],
    _ table: RotaryTable
  ) {
    checkSlices(columns, of: headWidth, rows, x)
    precondition(
      2 * table.angles <= headWidth, "\(2 * table.angles) numbers to turn of \(headWidth)")
    precondition(positions.count >= rows, "\(positions.count) positions for \(rows) rows")
    checkIndices(positions, below: table.length)
    positions.withUnsafeBufferPointer { positions in
      ck_rotate(
        isa, rows, columns.count / headWidth, headWidth, table.angles, positions.baseAddress,
        table.turns.base, x.base + columns.lowerBound, x.columns)
    }
  }

  /// Numbers of scratch memory that `attention` needs for a sequence of this length.
  package func attentionScratch(length: Int, _ shape: AttentionShape) -> Int {
    ck_attention_scratch(isa, kernelShape(length, shape))
  }

  /// Attention of one sequence's tokens to each other.
  ///
  /// projections: [tokens, projectionWidth], queries, keys and values side by side; `tokens` are
  /// the sequence's rows. out: the same rows, [tokens, contextWidth].
  package func attention(
    _ projections: borrowing Matrix, tokens: Range<Int>, _ shape: AttentionShape,
    scratch: inout Matrix, into out: inout Matrix
  ) {
    let stride = projections.columns
    precondition(
      stride == shape.projectionWidth && out.columns == shape.contextWidth,
      "\(shape.heads) and \(shape.keyValueHeads) heads of \(shape.headWidth) need"
        + " [\(shape.projectionWidth)] and [\(shape.contextWidth)],"
        + " not [\(stride)] and [\(out.columns)]")
    checkRows(tokens, of: projections)
    checkRows(tokens, of: out)
    let kernelShape = kernelShape(tokens.count, shape)
    let needed = ck_attention_scratch(isa, kernelShape)
    precondition(
      needed <= scratch.rows * scratch.columns,
      "scratch of \(scratch.rows * scratch.columns) numbers, \(needed) needed")
    let queries = projections.base + tokens.lowerBound * stride
    let keys = queries + shape.contextWidth
    let values = keys + shape.keyValueHeads * shape.headWidth
    ck_attention(
      isa, kernelShape, queries, stride, keys, stride, values, stride,
      out.base + tokens.lowerBound * out.columns, out.columns, scratch.base)
  }

  private func kernelShape(_ length: Int, _ shape: AttentionShape) -> ck_attention_shape {
    precondition(
      shape.heads > 0 && shape.keyValueHeads > 0 && shape.headWidth > 0
        && shape.heads % shape.keyValueHeads == 0,
      "\(shape.heads) heads over \(shape.keyValueHeads) of keys, width \(shape.headWidth)")
    var kernel = ck_attention_shape()
    kernel.length = length
    kernel.heads = shape.heads
    kernel.kv_heads = shape.keyValueHeads
    kernel.head_dim = shape.headWidth
    kernel.scale = shape.scale
    switch shape.mask {
    case .full: kernel.mask = CK_MASK_FULL
    case .causal: kernel.mask = CK_MASK_CAUSAL
    case .window(let before, let after):
      precondition(before >= 0 && after >= 0, "a window of \(before) before and \(after) after")
      kernel.mask = CK_MASK_WINDOW
      kernel.before = before
      kernel.after = after
    }
    if let bias = shape.bias {
      precondition(
        bias.table.rows == shape.heads,
        "a bias of [\(bias.table.rows), \(bias.table.columns)] for \(shape.heads) heads")
      kernel.bias = bias.table.base
      kernel.reach = bias.reach
    }
    return kernel
  }
}
