// Owns softmax attention of one sequence. Per head: keys and values are packed into panels once;
// then, for each tile of query rows, scores, softmax and the weighted sum of the values follow each
// other while the tile's scores are in the first-level cache.
//
// A mask, an additive bias or a window would act in `weigh_tile`, on the scores of one tile;
// grouped heads would share one packing of keys and values among several query heads.

// Scores of a tile live in slabs of SLAB_DEPTH keys, the form in which the second product wants
// them; a long sequence has several slabs, one behind the other.
#define SLAB_SIZE (TILE_ROWS * SLAB_STRIDE)

static size_t attention_scratch(ck_attention_shape shape) {
  const size_t keys = ceil_div(shape.length, PANEL) * PANEL * shape.head_dim;
  const size_t values = ceil_div(shape.head_dim, PANEL) * PANEL * shape.length;
  const size_t slabs = ceil_div(shape.length, SLAB_DEPTH) + ceil_div(shape.head_dim, SLAB_DEPTH);
  return keys + values + slabs * SLAB_SIZE;
}

// Copies v [length, head_dim] into panels of columns, each [length, PANEL], zeros where columns are
// missing.
static void pack_values(size_t length, size_t head_dim, const float *v, size_t ldv, float *panels) {
  for (size_t c = 0; c < head_dim; c += CK_LANES) {
    const size_t n = smaller(head_dim - c, CK_LANES);
    float *out = panels + c / PANEL * PANEL * length + c % PANEL;
    for (size_t i = 0; i < length; i++)
      v_store(out + i * PANEL, v_load_some(v + i * ldv + c, n));
    if (c % PANEL == 0 && n + c == head_dim)
      for (size_t i = 0; i < length; i++) v_store(out + i * PANEL + CK_LANES, (vf)0.0f);
  }
}

// The scores of one tile of queries: slabs of q k^T. queries: slabs of [rows, head_dim]. What the
// last panel has beyond the last key becomes -infinity, which weighs nothing.
static void score_tile(size_t rows, size_t length, size_t head_dim, const float *queries,
                       const float *keys, float *scores) {
  for (size_t j = 0; j < length; j += PANEL) {
    float *at = scores + j / SLAB_DEPTH * SLAB_SIZE + j % SLAB_DEPTH;
    for (size_t d = 0; d < head_dim; d += SLAB_DEPTH)
      tile(rows, smaller(head_dim - d, SLAB_DEPTH), queries + d / SLAB_DEPTH * SLAB_SIZE,
           SLAB_STRIDE, keys + j * head_dim + d * PANEL, at, SLAB_STRIDE, PANEL, d > 0, NULL);
  }
  const size_t inside = length % PANEL;
  if (inside == 0) return;
  const vf nothing = -__builtin_inff();
  const size_t base = length - inside;
  float *panel = scores + base / SLAB_DEPTH * SLAB_SIZE + base % SLAB_DEPTH;
  for (size_t r = 0; r < rows; r++, panel += SLAB_STRIDE) {
    float *edge = panel + inside / CK_LANES * CK_LANES;
    v_store(edge, v_splice(inside % CK_LANES, v_load(edge), nothing));
    if (inside < CK_LANES) v_store(panel + CK_LANES, nothing);
  }
}

// The largest score of one row. Here and below a row ends with its last whole panel.
INLINE float top_score(size_t length, const float *scores) {
  vf left = -__builtin_inff(), right = left;
  for (size_t done = 0; done < length; done += SLAB_DEPTH, scores += SLAB_SIZE)
    for (size_t j = 0; j < smaller(length - done, SLAB_DEPTH); j += PANEL) {
      left = v_max(left, v_load(scores + j));
      right = v_max(right, v_load(scores + j + CK_LANES));
    }
  return v_largest(v_max(left, right));
}

// Turns one row of scores into e^(scale (score - top)) and returns the sum of these weights.
// A weight's error is below 2e-7 of the row's largest, which is 1.
INLINE float weigh(size_t length, float scale, float top, float *scores) {
  const vf factor = scale * LOG2_E, shift = -top * (scale * LOG2_E);
  vf left = 0.0f, right = 0.0f;
  for (size_t done = 0; done < length; done += SLAB_DEPTH, scores += SLAB_SIZE)
    for (size_t j = 0; j < smaller(length - done, SLAB_DEPTH); j += PANEL) {
      const vf a = v_exp2(v_fma(v_load(scores + j), factor, shift));
      const vf b = v_exp2(v_fma(v_load(scores + j + CK_LANES), factor, shift));
      v_store(scores + j, a);
      v_store(scores + j + CK_LANES, b);
      left += a;
      right += b;
    }
  return v_sum(left + right);
}

// Scores to weights and their sums, for the rows of a tile. Two loops, because a row's steps wait
// for each other: the processor finds more to do at once in the same step of several rows.
static void weigh_tile(size_t rows, size_t length, float scale, float *scores, float *sums) {
  float tops[TILE_ROWS];
  for (size_t r = 0; r < rows; r++) tops[r] = top_score(length, scores + r * SLAB_STRIDE);
  for (size_t r = 0; r < rows; r++)
    sums[r] = weigh(length, scale, tops[r], scores + r * SLAB_STRIDE);
}

// out = weights v / sums. weights: slabs of [rows, length]. values: panels of [length, PANEL].
static void mix_tile(size_t rows, size_t length, size_t head_dim, const float *weights,
                     const float *values, const float *sums, float *out, size_t ldo) {
  for (size_t c = 0; c < head_dim; c += PANEL)
    for (size_t j = 0; j < length; j += SLAB_DEPTH)
      tile(rows, smaller(length - j, SLAB_DEPTH), weights + j / SLAB_DEPTH * SLAB_SIZE,
           SLAB_STRIDE, values + c * length + j * PANEL, out + c, ldo,
           smaller(head_dim - c, PANEL), j > 0, NULL);
  for (size_t r = 0; r < rows; r++) {
    const vf part = 1.0f / sums[r];
    for (size_t c = 0; c < head_dim; c += CK_LANES) {
      float *at = out + r * ldo + c;
      const size_t n = smaller(head_dim - c, CK_LANES);
      v_store_some(at, v_load_some(at, n) * part, n);
    }
  }
}

// One head's columns of the arguments of ck_attention.
typedef struct head_columns {
  const float *q, *k, *v;
  size_t ldq, ldk, ldv;
  float *out;
  size_t ldo;
} head_columns;

// `last`: no head follows in the next columns.
static void attend_head(ck_attention_shape shape, head_columns at, bool last, float *scratch) {
  const size_t length = shape.length, head_dim = shape.head_dim;
  float *scores = scratch;
  float *queries = scores + ceil_div(length, SLAB_DEPTH) * SLAB_SIZE;
  float *keys = queries + ceil_div(head_dim, SLAB_DEPTH) * SLAB_SIZE;
  float *values = keys + ceil_div(length, PANEL) * PANEL * head_dim;

  for (size_t j = 0; j < length; j += PANEL)
    pack_transposed(smaller(length - j, PANEL), head_dim, at.k + j * at.ldk, at.ldk,
                    keys + j * head_dim);
  pack_values(length, head_dim, at.v, at.ldv, values);

  const size_t tiles = ceil_div(length, TILE_ROWS);
  for (size_t t = 0; t < tiles; t++) {
    const size_t row = part_start(length, tiles, t);
    const size_t rows = part_start(length, tiles, t + 1) - row;
    const float *q = at.q + row * at.ldq;
    float *out = at.out + row * at.ldo;
    float sums[TILE_ROWS];
    for (size_t d = 0; d < head_dim; d += SLAB_DEPTH)
      fill_slab(rows, smaller(head_dim - d, SLAB_DEPTH), q + d, at.ldq,
                queries + d / SLAB_DEPTH * SLAB_SIZE);

    // While the tile is computed, fetch where it goes and a share of what the next head reads.
    prefetch(rows, head_dim, out, at.ldo);
    if (!last) {
      prefetch(rows, head_dim, at.k + row * at.ldk + head_dim, at.ldk);
      prefetch(rows, head_dim, at.v + row * at.ldv + head_dim, at.ldv);
      prefetch(rows, head_dim, q + head_dim, at.ldq);
    }
    score_tile(rows, length, head_dim, queries, keys, scores);
    weigh_tile(rows, length, shape.scale, scores, sums);
    mix_tile(rows, length, head_dim, scores, values, sums, out, at.ldo);
  }
}

static void attention(ck_attention_shape shape, const float *q, size_t ldq, const float *k,
                      size_t ldk, const float *v, size_t ldv, float *out, size_t ldo,
                      float *scratch) {
  for (size_t h = 0; h < shape.heads; h++) {
    const size_t c = h * shape.head_dim;
    const head_columns at = {q + c, k + c, v + c, ldq, ldk, ldv, out + c, ldo};
    attend_head(shape, at, h + 1 == shape.heads, scratch);
  }
}
