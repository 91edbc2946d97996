// Owns rotary positions: pairs of numbers of a slice, turned by an angle that grows with the
// token's place.

// Outside the vectors of cosines and sines, inside the slices: each angle is read once per token.
static void rotate(size_t m, size_t slices, size_t d, size_t half, const int32_t *positions,
                   const float *turns, float *x, size_t ldx) {
  for (size_t i = 0; i < m; i++) {
    const float *turn = turns + (size_t)positions[i] * 2 * half;
    for (size_t j = 0; j < half; j += CK_LANES) {
      const size_t n = smaller(half - j, CK_LANES);
      const vf cosine = v_load_some(turn + j, n), sine = v_load_some(turn + half + j, n);
      for (size_t s = 0; s < slices; s++) {
        float *first = x + i * ldx + s * d + j, *second = first + half;
        const vf a = v_load_some(first, n), b = v_load_some(second, n);
        // Whole products first, so that the two results round alike.
        const vf b_sine = b * sine, a_sine = a * sine;
        v_store_some(first, v_fma(a, cosine, -b_sine), n);
        v_store_some(second, v_fma(b, cosine, a_sine), n);
      }
    }
  }
}
