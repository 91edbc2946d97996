// Owns the norms of one row: layer norm and RMS norm.

// Two passes, and a correction: the second pass also sums the deviations, which are zero but for
// the rounding of the mean. A row with a mean far from zero keeps its accuracy that way.
static void layer_norm_row(size_t d, const float *x, const float *gamma, const float *beta,
                           float eps, float *y) {
  const float count = (float)d;

  vf sum = 0.0f;
  for (size_t j = 0; j < d; j += CK_LANES) sum += v_load_some(x + j, smaller(d - j, CK_LANES));
  const vf mean = v_sum(sum) / count;

  vf off = 0.0f, square = 0.0f;
  for (size_t j = 0; j < d; j += CK_LANES) {
    const size_t n = smaller(d - j, CK_LANES);
    vf delta = v_load_some(x + j, n) - mean;
    if (n < CK_LANES) delta = v_splice(n, delta, (vf)0.0f);
    off += delta;
    square = v_fma(delta, delta, square);
  }
  const float drift = v_sum(off) / count;
  const float variance = v_sum(square) / count - drift * drift;
  const vf shift = drift, factor = 1.0f / __builtin_elementwise_sqrt(variance + eps);

  for (size_t j = 0; j < d; j += CK_LANES) {
    const size_t n = smaller(d - j, CK_LANES);
    const vf unit = ((v_load_some(x + j, n) - mean) - shift) * factor;
    const vf add = beta ? v_load_some(beta + j, n) : (vf)0.0f;
    v_store_some(y + j, v_fma(unit, v_load_some(gamma + j, n), add), n);
  }
}

static void layer_norm(size_t m, size_t d, const float *x, size_t ldx, const float *gamma,
                       const float *beta, float eps, float *y, size_t ldy) {
  for (size_t i = 0; i < m; i++) layer_norm_row(d, x + i * ldx, gamma, beta, eps, y + i * ldy);
}

// y = x / sqrt(mean of squares + eps) * gamma. Four chains of sums: a long row neither waits for
// one nor gathers its rounding in one.
INLINE void rms_norm_slice(size_t d, const float *x, const float *gamma, float eps, float *y) {
  vf sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
  size_t j = 0;
  for (; j + 4 * CK_LANES <= d; j += 4 * CK_LANES)
#pragma clang loop unroll(full)
    for (int chain = 0; chain < 4; chain++) {
      const vf part = v_load(x + j + (size_t)chain * CK_LANES);
      sums[chain] = v_fma(part, part, sums[chain]);
    }
  for (; j < d; j += CK_LANES) {
    const vf part = v_load_some(x + j, smaller(d - j, CK_LANES));
    sums[0] = v_fma(part, part, sums[0]);
  }
  const float mean = v_sum((sums[0] + sums[1]) + (sums[2] + sums[3])) / (float)d;
  const vf factor = 1.0f / __builtin_elementwise_sqrt(mean + eps);
  for (j = 0; j < d; j += CK_LANES) {
    const size_t n = smaller(d - j, CK_LANES);
    v_store_some(y + j, v_load_some(x + j, n) * factor * v_load_some(gamma + j, n), n);
  }
}

static void rms_norm(size_t m, size_t slices, size_t d, const float *x, size_t ldx,
                     const float *gamma, float eps, float *y, size_t ldy) {
  for (size_t i = 0; i < m; i++)
    for (size_t s = 0; s < slices; s++)
      rms_norm_slice(d, x + i * ldx + s * d, gamma, eps, y + i * ldy + s * d);
}
