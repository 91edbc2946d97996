// Kernels on embeddings, the currency between layers.

package import Core

extension Kernels {
  /// Each vector divided by max(its Euclidean norm, 1e-12), in float32.
  package func normalized(_ embeddings: Embeddings) -> Embeddings {
    var matrix = Matrix(rows: embeddings.count, columns: embeddings.dimensions)
    matrix.assign(embeddings.values)
    normalize(&matrix, rows: 0..<embeddings.count, width: embeddings.dimensions)
    return Embeddings(
      dimensions: embeddings.dimensions, values: matrix.copy(rows: embeddings.count))
  }
}
