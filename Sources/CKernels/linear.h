// Owns the linear layer: packing its weight, the loops around the tile, the epilogue; and the gate
// that multiplies its two halves.

// Floats of the weight that serve all rows before the next ones are read: 640 KiB, so that
// they stay in the second-level cache.
#define GROUP_SIZE (160 * 1024)

#define CACHE_LINE 16  // floats

static size_t packed_size(size_t n, size_t k) { return ceil_div(n, PANEL) * PANEL * k; }

// Parts of nearly equal size, at most SLAB_DEPTH, into which the depth of a product is cut.
INLINE size_t depth_parts(size_t k) { return k > 0 ? ceil_div(k, SLAB_DEPTH) : 1; }

// packed: for each part of the depth, for each PANEL outputs, a panel [depth of the part, PANEL].
// That is the order of use: the end of a panel is followed by the panel that comes next.
static void pack_weights(size_t n, size_t k, const float *weight, size_t ldw, float *packed) {
  const size_t parts = depth_parts(k);
  for (size_t p = 0; p < parts; p++) {
    const size_t k0 = part_start(k, parts, p), depth = part_start(k, parts, p + 1) - k0;
    for (size_t j = 0; j < n; j += PANEL, packed += depth * PANEL)
      pack_transposed(smaller(n - j, PANEL), depth, weight + j * ldw + k0, ldw, packed);
  }
}

// What happens to a tile after its last product, and where; as in ck_linear.
typedef struct epilogue {
  ck_activation activation;
  const float *residual;
  size_t ldr;
  float *y;
  size_t ldy;
} epilogue;

INLINE void finish_with(ck_activation activation, const epilogue *e, size_t row, size_t rows,
                        size_t column, size_t columns) {
  for (size_t j = column; j < column + columns; j += CK_LANES) {
    const size_t n = smaller(column + columns - j, CK_LANES);
    for (size_t r = row; r < row + rows; r++) {
      float *at = e->y + r * e->ldy + j;
      vf y = activate(activation, v_load_some(at, n));
      if (e->residual) y += v_load_some(e->residual + r * e->ldr + j, n);
      v_store_some(at, y, n);
    }
  }
}

// Applies activation and residual to a tile that has just been stored and is still in the
// first-level cache. Doing it here rather than in registers keeps it out of every tile height and
// costs one load and one store per vector.
static void finish(const epilogue *e, size_t row, size_t rows, size_t column, size_t columns) {
#define FINISH_CASE(which) \
  case which: \
    finish_with(which, e, row, rows, column, columns); \
    break;
  switch (e->activation) {
    case CK_ACTIVATION_NONE:
      if (e->residual) finish_with(CK_ACTIVATION_NONE, e, row, rows, column, columns);
      break;
    FINISH_CASE(CK_ACTIVATION_GELU)
    FINISH_CASE(CK_ACTIVATION_GELU_TANH)
    FINISH_CASE(CK_ACTIVATION_RELU)
    FINISH_CASE(CK_ACTIVATION_TANH)
    FINISH_CASE(CK_ACTIVATION_SILU)
  }
#undef FINISH_CASE
}

// Asks for rows of a matrix in advance. What the loops below walk over comes in short pieces of
// many rows, a pattern that the processor does not foresee.
INLINE void prefetch(size_t rows, size_t columns, const float *x, size_t ldx) {
  for (size_t r = 0; r < rows; r++)
    for (size_t j = 0; j < columns; j += CACHE_LINE) __builtin_prefetch(x + r * ldx + j);
}

// Outermost a group of panels, which stay in the second-level cache; then the depth; then tiles of
// rows; innermost the panels of the group.
static void linear(size_t m, size_t n, size_t k, const float *x, size_t ldx, const float *packed,
                   const float *bias, ck_activation activation, const float *residual, size_t ldr,
                   float *y, size_t ldy) {
  const epilogue after = {activation, residual, ldr, y, ldy};
  // Everything is cut into parts of nearly equal size: 15 rows are 8 + 7, not 14 + 1.
  const size_t tiles = ceil_div(m, TILE_ROWS), panels = ceil_div(n, PANEL), depths = depth_parts(k);
  const size_t groups = ceil_div(panels * PANEL * (k / depths + 1), GROUP_SIZE);
  const bool copies = is_crowded(ldx);
  const size_t lda = copies ? SLAB_STRIDE : ldx;
  float slab[TILE_ROWS * SLAB_STRIDE] __attribute__((aligned(64)));

  for (size_t g = 0; g < groups; g++) {
    const size_t j0 = part_start(panels, groups, g), j1 = part_start(panels, groups, g + 1);
    for (size_t p = 0; p < depths; p++) {
      const size_t k0 = part_start(k, depths, p), depth = part_start(k, depths, p + 1) - k0;
      const bool closes = p + 1 == depths;
      for (size_t t = 0; t < tiles; t++) {
        const size_t row = part_start(m, tiles, t), rows = part_start(m, tiles, t + 1) - row;
        const bool more = t + 1 < tiles;
        const float *corner_of_x = x + row * ldx + k0;
        if (copies) fill_slab(rows, depth, corner_of_x, ldx, slab);
        const float *a = copies ? slab : corner_of_x;
        for (size_t j = j0; j < j1; j++) {
          const size_t column = j * PANEL, columns = smaller(n - column, PANEL);
          float *corner = y + row * ldy + column;

          // Where the next tile goes, what this one's epilogue adds, a share of the next rows.
          if (j + 1 < j1)
            prefetch(rows, columns, corner + PANEL, ldy);
          else if (more)
            prefetch(rows, columns, y + (row + rows) * ldy + j0 * PANEL, ldy);
          if (closes && residual) prefetch(rows, columns, residual + row * ldr + column, ldr);
          if (more) {
            const size_t from = part_start(depth, j1 - j0, j - j0);
            const size_t to = part_start(depth, j1 - j0, j - j0 + 1);
            prefetch(rows, to - from, x + (row + rows) * ldx + k0 + from, ldx);
          }

          const float *panel = packed + (k0 * panels + depth * j) * PANEL;
          tile(rows, depth, a, lda, panel, corner, ldy, columns, p > 0,
               closes && bias ? bias + column : NULL);
          if (closes) finish(&after, row, rows, column, columns);
        }
      }
    }
  }
}

INLINE void gate_with(ck_activation activation, size_t m, size_t d, const float *x, size_t ldx,
                      float *y, size_t ldy) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < d; j += CK_LANES) {
      const size_t n = smaller(d - j, CK_LANES);
      const float *at = x + i * ldx + j;
      const vf open = activate(activation, v_load_some(at, n));
      v_store_some(y + i * ldy + j, open * v_load_some(at + d, n), n);
    }
}

static void gate(size_t m, size_t d, const float *x, size_t ldx, ck_activation activation, float *y,
                 size_t ldy) {
#define GATE_CASE(which) \
  case which: \
    gate_with(which, m, d, x, ldx, y, ldy); \
    break;
  switch (activation) {
    GATE_CASE(CK_ACTIVATION_NONE)
    GATE_CASE(CK_ACTIVATION_GELU)
    GATE_CASE(CK_ACTIVATION_GELU_TANH)
    GATE_CASE(CK_ACTIVATION_RELU)
    GATE_CASE(CK_ACTIVATION_TANH)
    GATE_CASE(CK_ACTIVATION_SILU)
  }
#undef GATE_CASE
}
