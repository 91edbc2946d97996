// Owns plain sums of rows: token embeddings, residuals.

static void embed_sum(size_t m, size_t d, const float *word, const int32_t *ids, float scale,
                      const float *type, const float *position, const int32_t *positions,
                      float *out, size_t ldo) {
  for (size_t i = 0; i < m; i++) {
    const float *token = word + (size_t)ids[i] * d;
    const float *place = position ? position + (size_t)positions[i] * d : NULL;
    for (size_t j = 0; j < d; j += CK_LANES) {
      const size_t n = smaller(d - j, CK_LANES);
      vf sum = v_load_some(token + j, n) * scale;
      if (type) sum += v_load_some(type + j, n);
      if (place) sum += v_load_some(place + j, n);
      v_store_some(out + i * ldo + j, sum, n);
    }
  }
}

static void add(size_t m, size_t d, const float *x, size_t ldx, const float *y, size_t ldy,
                float *z, size_t ldz) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < d; j += CK_LANES) {
      const size_t n = smaller(d - j, CK_LANES);
      const vf sum = v_load_some(x + i * ldx + j, n) + v_load_some(y + i * ldy + j, n);
      v_store_some(z + i * ldz + j, sum, n);
    }
}
