// Kernels that add rows: token embeddings, residuals.

internal import CKernels

extension Kernels {
  /// out[i] = words[ids[i]] · scale.
  ///
  /// words: [vocabulary, width]; out: [ids, width].
  package func embed(
    ids: [Int32], words: Floats, scale: Float = 1, into out: inout Matrix
  ) {
    precondition(
      words.columns == out.columns && ids.count <= out.rows,
      "\(ids.count) ids of [\(words.rows), \(words.columns)] into [\(out.rows), \(out.columns)]")
    checkIndices(ids, below: words.rows)
    ids.withUnsafeBufferPointer { ids in
      ck_embed_sum(
        isa, ids.count, out.columns, words.base, ids.baseAddress, scale, nil, nil, nil, out.base,
        out.columns)
    }
  }

  /// out[i] = words[ids[i]] + types[0] + places[positions[i]].
  ///
  /// Each table: [count, width]; one that is nil adds nothing. out: [ids, width].
  package func embed(
    ids: [Int32], positions: [Int32], words: Floats, types: Floats?, places: Floats?,
    into out: inout Matrix
  ) {
    let width = out.columns
    precondition(
      [words, types, places].allSatisfy { ($0?.columns ?? width) == width },
      "tables of widths \([words, types, places].map { $0?.columns }) into \(width)")
    precondition(
      ids.count <= out.rows && types?.rows != 0 && (places == nil || ids.count == positions.count),
      "\(ids.count) ids, \(positions.count) positions into \(out.rows) rows")
    checkIndices(ids, below: words.rows)
    if let places { checkIndices(positions, below: places.rows) }
    ids.withUnsafeBufferPointer { ids in
      positions.withUnsafeBufferPointer { positions in
        ck_embed_sum(
          isa, ids.count, width, words.base, ids.baseAddress, 1, types?.base, places?.base,
          positions.baseAddress, out.base, width)
      }
    }
  }

  /// z = x + y for the first `rows` rows, all [rows, width].
  package func add(
    _ x: borrowing Matrix, _ y: borrowing Matrix, rows: Int, into z: inout Matrix
  ) {
    precondition(
      x.columns == z.columns && y.columns == z.columns
        && rows >= 0 && rows <= x.rows && rows <= y.rows && rows <= z.rows,
      "\(rows) rows of [\(x.rows), \(x.columns)] and [\(y.rows), \(y.columns)]"
        + " into [\(z.rows), \(z.columns)]")
    ck_add(isa, rows, z.columns, x.base, x.columns, y.base, y.columns, z.base, z.columns)
  }
}
