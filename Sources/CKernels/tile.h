// Owns the register tile, C [rows, PANEL] = A [rows, depth] B [depth, PANEL] + bias, and packing.
// All matrix products of the library are made of this one kernel.
//
// Determinism: an element of C is a sum over blocks of at most SLAB_DEPTH columns of A, each one chain
// of fused multiply-adds in ascending order from zero; the same in every tile height. Chains from
// zero and their sum lose fewer bits than one chain over thousands of columns would.

#define PANEL (2 * CK_LANES)  // columns of a panel: two vectors

// Rows of the tallest tile. Its accumulators, one row of B and one element of A fill the register
// file: 28 + 2 + 1 of 32 on AVX-512, 12 + 2 + 1 of 16 on AVX2.
#if defined(CK_LEVEL_AVX512)
#define TILE_ROWS 14
#elif defined(__aarch64__)
#define TILE_ROWS 12
#else
#define TILE_ROWS 6
#endif

// A is read where it is, at any row stride, unless the stride puts all rows in the same cache set:
// then it is copied into a slab first. The stride of a slab is no multiple of 4 KiB.
#define SLAB_DEPTH 384
#define SLAB_STRIDE (SLAB_DEPTH + 16)

// The panel streams from the second-level cache or beyond; rows of B to ask for in advance.
// Reaching past the panel's end is harmless and usually finds the next panel.
#define PREFETCH_AHEAD 48

// Where part `index` of `parts` equal parts of `count` begins.
INLINE size_t part_start(size_t count, size_t parts, size_t index) { return count * index / parts; }

// Adds `steps` steps of the product. at: rows 0, 3, 6, ... of A, moved on by as many columns.
INLINE void tile_steps(const int steps, const int rows, const float **at, size_t lda,
                       const float *b, vf sum[][2]) {
  // Without these empty statements the compiler holds an address for each row, and for lack of
  // registers spills accumulators.
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r += 3) __asm__("" : "+r"(at[r / 3]));
#pragma clang loop unroll(full)
  for (int k = 0; k < steps; k++) {
    __builtin_prefetch(b + (k + PREFETCH_AHEAD) * PANEL);
    __builtin_prefetch(b + (k + PREFETCH_AHEAD) * PANEL + CK_LANES);
    const vf b0 = v_load(b + k * PANEL), b1 = v_load(b + k * PANEL + CK_LANES);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const vf x = at[r / 3][(size_t)(r % 3) * lda + (size_t)k];
      sum[r][0] = v_fma(x, b0, sum[r][0]);
      sum[r][1] = v_fma(x, b1, sum[r][1]);
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r += 3) at[r / 3] += steps;
}

INLINE void tile_of_rows(const int rows, size_t depth, const float *a, size_t lda, const float *b,
                         float *c, size_t ldc, size_t columns, bool resume, const float *bias) {
  const size_t left = smaller(columns, CK_LANES), right = smaller(columns - left, CK_LANES);
  vf sum[TILE_ROWS][2];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    sum[r][0] = sum[r][1] = 0.0f;
  }
  // One register addresses three rows: the two others lie one and two strides further.
  const float *at[(TILE_ROWS + 2) / 3];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r += 3) at[r / 3] = a + (size_t)r * lda;
  size_t k = 0;
  for (; k + 4 <= depth; k += 4) tile_steps(4, rows, at, lda, b + k * PANEL, sum);
  for (; k < depth; k++) tile_steps(1, rows, at, lda, b + k * PANEL, sum);
  vf bias0 = 0.0f, bias1 = 0.0f;
  if (bias) bias0 = v_load_some(bias, left);
  if (bias && right > 0) bias1 = v_load_some(bias + CK_LANES, right);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    float *row = c + (size_t)r * ldc;
    if (resume) sum[r][0] += v_load_some(row, left);
    if (resume && right > 0) sum[r][1] += v_load_some(row + CK_LANES, right);
    v_store_some(row, sum[r][0] + bias0, left);
    if (right > 0) v_store_some(row + CK_LANES, sum[r][1] + bias1, right);
  }
}

// C = A B + bias, or C = C + A B + bias to resume a product whose depth was cut.
// a: [rows <= TILE_ROWS, depth]. b: panel [depth, PANEL].
// c: [rows, columns <= PANEL]; the other columns of the product are dropped.
// bias: [columns], or NULL. It is added last: a large one must not cost the sums their last digits.
static void tile(size_t rows, size_t depth, const float *a, size_t lda, const float *b, float *c,
                 size_t ldc, size_t columns, bool resume, const float *bias) {
#define TILE_CASE(n) \
  case n: \
    tile_of_rows(n, depth, a, lda, b, c, ldc, columns, resume, bias); \
    break;
  switch (rows) {
    TILE_CASE(1)
    TILE_CASE(2)
    TILE_CASE(3)
    TILE_CASE(4)
    TILE_CASE(5)
    TILE_CASE(6)
#if TILE_ROWS > 6
    TILE_CASE(7)
    TILE_CASE(8)
    TILE_CASE(9)
    TILE_CASE(10)
    TILE_CASE(11)
    TILE_CASE(12)
#endif
#if TILE_ROWS > 12
    TILE_CASE(13)
    TILE_CASE(14)
#endif
  }
#undef TILE_CASE
}

// Whether rows at this stride compete for few sets of the first-level cache, which repeats its sets
// every 4 KiB.
INLINE bool is_crowded(size_t ld) {
  const size_t period = 1024, off = ld % period;
  return off < 32 || off > period - 32;
}

// Copies x [rows, depth <= SLAB_DEPTH] into a slab.
INLINE void fill_slab(size_t rows, size_t depth, const float *x, size_t ldx, float *slab) {
  for (size_t r = 0; r < rows; r++)
    for (size_t k = 0; k < depth; k += CK_LANES) {
      const size_t n = smaller(depth - k, CK_LANES);
      v_store_some(slab + r * SLAB_STRIDE + k, v_load_some(x + r * ldx + k, n), n);
    }
}

// panel[k * PANEL + j] = w[j, k]: up to PANEL rows of a row-major matrix turned into one panel,
// zeros where rows are missing. w: [rows <= PANEL, depth]. panel: [depth, PANEL].
static void pack_transposed(size_t rows, size_t depth, const float *w, size_t ldw, float *panel) {
  for (size_t half = 0; half < PANEL; half += CK_LANES) {
    const size_t present = rows > half ? smaller(rows - half, CK_LANES) : 0;
    for (size_t k = 0; k < depth; k += CK_LANES) {
      const size_t width = smaller(depth - k, CK_LANES);
      const float *corner = w + half * ldw + k;
      vf block[CK_LANES];
      if (present == CK_LANES && width == CK_LANES) {
#pragma clang loop unroll(full)
        for (size_t j = 0; j < CK_LANES; j++) block[j] = v_load(corner + j * ldw);
      } else {
        for (size_t j = 0; j < CK_LANES; j++)
          block[j] = j < present ? v_load_first(corner + j * ldw, width) : (vf)0.0f;
      }
      v_transpose(block);
      float *out = panel + k * PANEL + half;
      if (width == CK_LANES) {
#pragma clang loop unroll(full)
        for (size_t i = 0; i < CK_LANES; i++) v_store(out + i * PANEL, block[i]);
      } else {
        for (size_t i = 0; i < width; i++) v_store(out + i * PANEL, block[i]);
      }
    }
  }
}
