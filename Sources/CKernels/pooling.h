// Owns pooling of one sequence's rows and normalisation. Sums run over the rows in order, in
// double: pooling is a thousandth of the work, and a long text's mean should not drift.

#define POOL_COLUMNS 64  // columns summed together; their sums stay in the first-level cache

// out = (sum over i of (first_weight + i * step) x[i]) / (sum of these weights).
static void pool_weighted(size_t rows, size_t d, const float *x, size_t ldx, double first_weight,
                          double step, float *out) {
  const double total = (double)rows * (first_weight + step * (double)(rows - 1) / 2);
  for (size_t c = 0; c < d; c += POOL_COLUMNS) {
    const size_t columns = smaller(d - c, POOL_COLUMNS);
    double sum[POOL_COLUMNS] = {0};
    for (size_t i = 0; i < rows; i++) {
      const double weight = first_weight + step * (double)i;
      const float *row = x + i * ldx + c;
      // Two statements: contraction would round once on some levels, and only in some loops.
      for (size_t j = 0; j < columns; j++) {
        const double term = weight * (double)row[j];
        sum[j] += term;
      }
    }
    for (size_t j = 0; j < columns; j++) out[c + j] = (float)(sum[j] / total);
  }
}

static void mean_pool(size_t rows, size_t d, const float *x, size_t ldx, float *out) {
  pool_weighted(rows, d, x, ldx, 1, 0, out);
}

static void weighted_mean_pool(size_t rows, size_t d, const float *x, size_t ldx,
                               size_t first_weight, float *out) {
  pool_weighted(rows, d, x, ldx, (double)first_weight, 1, out);
}

// NaN wins over any number, as in the reference implementations.
static void max_pool(size_t rows, size_t d, const float *x, size_t ldx, float *out) {
  for (size_t j = 0; j < d; j++) out[j] = x[j];
  for (size_t i = 1; i < rows; i++)
    for (size_t j = 0; j < d; j++) {
      const float value = x[i * ldx + j];
      out[j] = out[j] >= value || out[j] != out[j] ? out[j] : value;
    }
}

static void l2_normalize(size_t rows, size_t d, float *x, size_t ldx) {
  for (size_t i = 0; i < rows; i++) {
    float *row = x + i * ldx;
    double squares[8] = {0};
    for (size_t j = 0; j < d; j++) squares[j % 8] += (double)row[j] * (double)row[j];
    double total = 0;
    for (int lane = 0; lane < 8; lane++) total += squares[lane];
    const double norm = __builtin_elementwise_sqrt(total);
    // Written so that a NaN norm stays NaN.
    const double divisor = norm < 1e-12 ? 1e-12 : norm;
    for (size_t j = 0; j < d; j++) row[j] = (float)((double)row[j] / divisor);
  }
}
