// Owns the vector of the level being compiled: its width, loads and stores, reductions, transpose.
// Included by the level files only, after they define CK_LANES and at most one of CK_LEVEL_AVX512
// and CK_LEVEL_AVX2.

typedef float vf __attribute__((ext_vector_type(CK_LANES)));
typedef int32_t vi __attribute__((ext_vector_type(CK_LANES)));

#define INLINE static inline __attribute__((always_inline))

INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
INLINE size_t ceil_div(size_t a, size_t b) { return (a + b - 1) / b; }

// Casts between vectors keep the bits; casts from a number fill all lanes.
INLINE vi as_int(vf v) { return (vi)v; }
INLINE vf as_float(vi v) { return (vf)v; }

INLINE vf v_load(const float *p) {
  vf v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

INLINE void v_store(float *p, vf v) { __builtin_memcpy(p, &v, sizeof v); }

#if defined(CK_LEVEL_AVX512)

INLINE vf v_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
// Minimum and maximum give b when either is NaN, on every level: put the data second.
INLINE vf v_max(vf a, vf b) { return _mm512_max_ps(a, b); }
INLINE vf v_min(vf a, vf b) { return _mm512_min_ps(a, b); }

INLINE __mmask16 first_lanes(size_t n) { return (__mmask16)((1u << n) - 1u); }
INLINE vf v_load_first(const float *p, size_t n) {
  return _mm512_maskz_loadu_ps(first_lanes(n), p);
}
INLINE void v_store_first(float *p, vf v, size_t n) {
  _mm512_mask_storeu_ps(p, first_lanes(n), v);
}
// The first n lanes of a, the others of b.
INLINE vf v_splice(size_t n, vf a, vf b) { return _mm512_mask_blend_ps(first_lanes(n), b, a); }
// Bit i tells whether lane i of a is at least lane i of b; false where either is NaN.
INLINE uint32_t v_at_least(vf a, vf b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }

#elif defined(CK_LEVEL_AVX2)

INLINE vf v_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
INLINE vf v_max(vf a, vf b) { return _mm256_max_ps(a, b); }
INLINE vf v_min(vf a, vf b) { return _mm256_min_ps(a, b); }

INLINE vi first_lanes(size_t n) {
  return (vi)(int32_t)n > (vi){0, 1, 2, 3, 4, 5, 6, 7};
}
INLINE vf v_load_first(const float *p, size_t n) {
  return _mm256_maskload_ps(p, (__m256i)first_lanes(n));
}
INLINE void v_store_first(float *p, vf v, size_t n) {
  _mm256_maskstore_ps(p, (__m256i)first_lanes(n), v);
}
INLINE vf v_splice(size_t n, vf a, vf b) {
  return _mm256_blendv_ps(b, a, as_float(first_lanes(n)));
}
INLINE uint32_t v_at_least(vf a, vf b) {
  return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ));
}

#else

// The compiler may contract this into one instruction where the processor has it (arm64).
INLINE vf v_fma(vf a, vf b, vf c) { return a * b + c; }
INLINE vf v_select(vi mask, vf a, vf b) {
  return as_float((mask & as_int(a)) | (~mask & as_int(b)));
}
INLINE vf v_max(vf a, vf b) { return v_select(a > b, a, b); }
INLINE vf v_min(vf a, vf b) { return v_select(a < b, a, b); }

INLINE vf v_load_first(const float *p, size_t n) {
  vf v = 0.0f;
  for (size_t i = 0; i < n; i++) v[i] = p[i];
  return v;
}
INLINE void v_store_first(float *p, vf v, size_t n) {
  for (size_t i = 0; i < n; i++) p[i] = v[i];
}
INLINE vf v_splice(size_t n, vf a, vf b) {
  return v_select((vi)(int32_t)n > (vi){0, 1, 2, 3}, a, b);
}
INLINE uint32_t v_at_least(vf a, vf b) {
  const vi bit = (a >= b) & (vi){1, 2, 4, 8};
  return (uint32_t)(bit[0] | bit[1] | bit[2] | bit[3]);
}

#endif

// The same, when n is usually a whole vector.
INLINE vf v_load_some(const float *p, size_t n) {
  return n == CK_LANES ? v_load(p) : v_load_first(p, n);
}
INLINE void v_store_some(float *p, vf v, size_t n) {
  if (n == CK_LANES)
    v_store(p, v);
  else
    v_store_first(p, v, n);
}

// Sum and maximum over the lanes, always by the same tree of halves.

typedef float v4 __attribute__((ext_vector_type(4)));
typedef float v8 __attribute__((ext_vector_type(8)));

INLINE float v_sum(vf v) {
#if CK_LANES == 16
  v8 eight = v.lo + v.hi;
  v4 four = eight.lo + eight.hi;
#elif CK_LANES == 8
  v4 four = v.lo + v.hi;
#else
  v4 four = v;
#endif
  return (four.x + four.z) + (four.y + four.w);
}

INLINE float v_largest(vf v) {
#if defined(CK_LEVEL_AVX512) || defined(CK_LEVEL_AVX2)
#if defined(CK_LEVEL_AVX512)
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
#else
  const __m256 eight = v;
#endif
  __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  four = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
#else
  const float left = v[0] > v[2] ? v[0] : v[2], right = v[1] > v[3] ? v[1] : v[3];
  return left > right ? left : right;
#endif
}

#if CK_LANES == 16
#define LANES_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define LANES_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif CK_LANES == 8
#define LANES_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define LANES_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define LANES_LOW 0, 4, 1, 5
#define LANES_HIGH 2, 6, 3, 7
#endif

// v[i][j] becomes v[j][i]. Interleaving row i with row i + CK_LANES / 2 rotates the bits of an
// element's (row, lane) index by one place; log2(CK_LANES) rounds swap row and lane.
INLINE void v_transpose(vf v[CK_LANES]) {
#pragma clang loop unroll(full)
  for (int round = 1; round < CK_LANES; round *= 2) {
    vf next[CK_LANES];
#pragma clang loop unroll(full)
    for (int i = 0; i < CK_LANES / 2; i++) {
      next[2 * i] = __builtin_shufflevector(v[i], v[i + CK_LANES / 2], LANES_LOW);
      next[2 * i + 1] = __builtin_shufflevector(v[i], v[i + CK_LANES / 2], LANES_HIGH);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < CK_LANES; i++) v[i] = next[i];
  }
}
