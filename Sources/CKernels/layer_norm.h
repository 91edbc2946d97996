// Owns what happens to one row between the products: embedding sums and layer norm.

static void embed_sum(size_t m, size_t d, const float *word, const int32_t *ids, const float *type,
                      const float *position, const int32_t *positions, float *out, size_t ldo) {
  for (size_t i = 0; i < m; i++) {
    const float *token = word + (size_t)ids[i] * d;
    const float *place = position ? position + (size_t)positions[i] * d : NULL;
    for (size_t j = 0; j < d; j += CK_LANES) {
      const size_t n = smaller(d - j, CK_LANES);
      vf sum = v_load_some(token + j, n);
      if (type) sum += v_load_some(type + j, n);
      if (place) sum += v_load_some(place + j, n);
      v_store_some(out + i * ldo + j, sum, n);
    }
  }
}

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
