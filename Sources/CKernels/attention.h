// Owns softmax attention of one sequence. Keys and values are packed into panels once for all heads
// that share them; then, for each head and each tile of query rows, scores, bias, mask, softmax and
// the weighted sum of the values follow each other while the tile's scores are in the first-level
// cache. Keys that no row of a tile sees are left out of the tile's products, panel by panel.

// Scores of a tile live in slabs of SLAB_DEPTH keys, the form in which the second product wants
// them; a long sequence has several slabs, one behind the other.
#define SLAB_SIZE (TILE_ROWS * SLAB_STRIDE)

// How far a token sees, to both sides, never more than the length.
typedef struct sight {
  size_t before, after;
} sight;

static sight sight_of(const ck_attention_shape *shape) {
  const size_t length = shape->length;
  switch (shape->mask) {
    case CK_MASK_FULL: return (sight){length, length};
    case CK_MASK_CAUSAL: return (sight){length, 0};
    case CK_MASK_WINDOW:
      return (sight){smaller(shape->before, length), smaller(shape->after, length)};
  }
  __builtin_unreachable();
}

// Token i sees the keys from first_seen to before end_seen.
INLINE size_t first_seen(sight see, size_t i) { return i > see.before ? i - see.before : 0; }
INLINE size_t end_seen(sight see, size_t i, size_t length) {
  return smaller(length, i + see.after + 1);
}

// Where the parts of the scratch memory begin; the scores come first.
typedef struct attention_room {
  size_t queries, keys, values, bias, end;
} attention_room;

static attention_room lay_out(const ck_attention_shape *shape) {
  const size_t length = shape->length, head_dim = shape->head_dim;
  const size_t whole = ceil_div(length, PANEL) * PANEL;
  attention_room room;
  room.queries = ceil_div(length, SLAB_DEPTH) * SLAB_SIZE;
  room.keys = room.queries + ceil_div(head_dim, SLAB_DEPTH) * SLAB_SIZE;
  room.values = room.keys + whole * head_dim;
  room.bias = room.values + ceil_div(head_dim, PANEL) * PANEL * length;
  room.end = room.bias + (shape->bias ? length + whole : 0);
  return room;
}

static size_t attention_scratch(ck_attention_shape shape) { return lay_out(&shape).end; }

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

// One head's bias for every distance: row[length - 1 + (j - i)] is what token i adds to key j. What
// lies behind the last distance is read with whole panels and hidden.
// bias: [2 * reach + 1]. row: [length + length rounded up to PANEL].
static void spread_bias(size_t length, size_t reach, const float *bias, float *row) {
  const size_t count = length + ceil_div(length, PANEL) * PANEL;
  for (size_t at = 0; at < count; at++) {
    // The place in a table of unlimited reach, moved by `length` to stay above zero.
    const size_t place = at + reach + 1;
    row[at] = bias[place > length ? smaller(place - length, 2 * reach) : 0];
  }
}

// The scores of one tile of queries: slabs of q k^T. queries: slabs of [rows, head_dim].
static void score_tile(size_t rows, size_t keys, size_t head_dim, const float *queries,
                       const float *panels, float *scores) {
  for (size_t j = 0; j < keys; j += PANEL) {
    float *at = scores + j / SLAB_DEPTH * SLAB_SIZE + j % SLAB_DEPTH;
    for (size_t d = 0; d < head_dim; d += SLAB_DEPTH)
      tile(rows, smaller(head_dim - d, SLAB_DEPTH), queries + d / SLAB_DEPTH * SLAB_SIZE,
           SLAB_STRIDE, panels + j * head_dim + d * PANEL, at, SLAB_STRIDE, PANEL, d > 0, NULL);
  }
}

// scores = scale scores + bias, for one row. bias: what the row's first key gets, and on.
static void bias_row(size_t keys, float scale, const float *bias, float *scores) {
  for (size_t done = 0; done < keys; done += SLAB_DEPTH, scores += SLAB_SIZE)
    for (size_t j = 0; j < smaller(keys - done, SLAB_DEPTH); j += CK_LANES)
      v_store(scores + j, v_fma(v_load(scores + j), (vf)scale, v_load(bias + done + j)));
}

// Puts -infinity, which weighs nothing, in front of key `first` and from key `end` to the end of
// the last panel.
INLINE void hide_row(size_t keys, size_t first, size_t end, float *scores) {
  const vf nothing = -__builtin_inff();
  const size_t whole = ceil_div(keys, PANEL) * PANEL;
  for (size_t j = 0; j < first; j += CK_LANES) {
    float *at = scores + j / SLAB_DEPTH * SLAB_SIZE + j % SLAB_DEPTH;
    v_store(at, first - j < CK_LANES ? v_splice(first - j, nothing, v_load(at)) : nothing);
  }
  for (size_t j = end / CK_LANES * CK_LANES; j < whole; j += CK_LANES) {
    float *at = scores + j / SLAB_DEPTH * SLAB_SIZE + j % SLAB_DEPTH;
    v_store(at, j < end ? v_splice(end - j, v_load(at), nothing) : nothing);
  }
}

// The same where every row of a tile sees all keys: only the rest of the last panel is hidden.
static void hide_rest(size_t rows, size_t keys, float *scores) {
  const size_t inside = keys % PANEL, base = keys - inside;
  if (inside == 0) return;
  const vf nothing = -__builtin_inff();
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

// out = weights v / sums. weights: slabs of [rows, keys]. values: panels of [length, PANEL] from
// the first of the keys on.
static void mix_tile(size_t rows, size_t keys, size_t length, size_t head_dim,
                     const float *weights, const float *values, const float *sums, float *out,
                     size_t ldo) {
  for (size_t c = 0; c < head_dim; c += PANEL)
    for (size_t j = 0; j < keys; j += SLAB_DEPTH)
      tile(rows, smaller(keys - j, SLAB_DEPTH), weights + j / SLAB_DEPTH * SLAB_SIZE, SLAB_STRIDE,
           values + c * length + j * PANEL, out + c, ldo, smaller(head_dim - c, PANEL), j > 0,
           NULL);
  for (size_t r = 0; r < rows; r++) {
    const vf part = 1.0f / sums[r];
    for (size_t c = 0; c < head_dim; c += CK_LANES) {
      float *at = out + r * ldo + c;
      const size_t n = smaller(head_dim - c, CK_LANES);
      v_store_some(at, v_load_some(at, n) * part, n);
    }
  }
}

// One head's columns of the arguments of ck_attention, and what comes after them: the next head's
// columns where another one follows, else NULL.
typedef struct head_columns {
  const float *q, *next_q, *next_k, *next_v;
  size_t ldq, ldk, ldv;
  float *out;
  size_t ldo;
} head_columns;

// One head over keys and values that are packed already.
static void attend_head(const ck_attention_shape *shape, const float *bias,
                        const head_columns *at, float *scratch) {
  const size_t length = shape->length, head_dim = shape->head_dim;
  const attention_room room = lay_out(shape);
  const sight see = sight_of(shape);
  float *scores = scratch, *queries = scratch + room.queries, *distances = scratch + room.bias;
  if (bias) spread_bias(length, shape->reach, bias, distances);

  const size_t tiles = ceil_div(length, TILE_ROWS);
  for (size_t t = 0; t < tiles; t++) {
    const size_t row = part_start(length, tiles, t), end = part_start(length, tiles, t + 1);
    const size_t rows = end - row;
    float *out = at->out + row * at->ldo;
    for (size_t d = 0; d < head_dim; d += SLAB_DEPTH)
      fill_slab(rows, smaller(head_dim - d, SLAB_DEPTH), at->q + row * at->ldq + d, at->ldq,
                queries + d / SLAB_DEPTH * SLAB_SIZE);

    // While the tile is computed, fetch where it goes and a share of what the next head reads.
    prefetch(rows, head_dim, out, at->ldo);
    if (at->next_q) prefetch(rows, head_dim, at->next_q + row * at->ldq, at->ldq);
    if (at->next_k) prefetch(rows, head_dim, at->next_k + row * at->ldk, at->ldk);
    if (at->next_v) prefetch(rows, head_dim, at->next_v + row * at->ldv, at->ldv);

    // All that one of the rows sees, from the start of a panel.
    const size_t from = first_seen(see, row) / PANEL * PANEL;
    const size_t keys = end_seen(see, end - 1, length) - from;
    float sums[TILE_ROWS];
    score_tile(rows, keys, head_dim, queries, scratch + room.keys + from * head_dim, scores);
    if (bias)
      for (size_t r = 0; r < rows; r++)
        bias_row(keys, shape->scale, distances + (length - 1 - row - r) + from,
                 scores + r * SLAB_STRIDE);
    if (first_seen(see, end - 1) <= from && end_seen(see, row, length) == from + keys)
      hide_rest(rows, keys, scores);
    else
      for (size_t r = 0; r < rows; r++)
        hide_row(keys, first_seen(see, row + r) - from, end_seen(see, row + r, length) - from,
                 scores + r * SLAB_STRIDE);
    weigh_tile(rows, keys, bias ? 1.0f : shape->scale, scores, sums);
    mix_tile(rows, keys, length, head_dim, scores, scratch + room.values + from * PANEL, sums, out,
             at->ldo);
  }
}

static void attention(ck_attention_shape shape, const float *q, size_t ldq, const float *k,
                      size_t ldk, const float *v, size_t ldv, float *out, size_t ldo,
                      float *scratch) {
  const size_t length = shape.length, head_dim = shape.head_dim;
  const size_t shared = shape.kv_heads > 0 ? shape.heads / shape.kv_heads : 1;
  const attention_room room = lay_out(&shape);
  for (size_t h = 0; h < shape.heads; h++) {
    const size_t c = h * head_dim, kv = h / shared * head_dim;
    if (h % shared == 0) {
      for (size_t j = 0; j < length; j += PANEL)
        pack_transposed(smaller(length - j, PANEL), head_dim, k + j * ldk + kv, ldk,
                        scratch + room.keys + j * head_dim);
      pack_values(length, head_dim, v + kv, ldv, scratch + room.values);
    }
    const bool more = h + 1 < shape.heads, packs_next = more && (h + 1) % shared == 0;
    const head_columns at = {
        q + c,
        more ? q + c + head_dim : NULL,
        packs_next ? k + kv + head_dim : NULL,
        packs_next ? v + kv + head_dim : NULL,
        ldq,
        ldk,
        ldv,
        out + c,
        ldo,
    };
    attend_head(&shape, shape.bias ? shape.bias + h * (2 * shape.reach + 1) : NULL, &at, scratch);
  }
}
