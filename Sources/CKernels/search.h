// Owns the running top k of an exact search: a filter over tiles of scores in front of small heaps.

// Whether entry a = (score, id) is worse than entry b: lower score, or equal score and higher id.
INLINE bool is_worse(float a_score, int32_t a_id, float b_score, int32_t b_id) {
  return a_score < b_score || (a_score == b_score && a_id > b_id);
}

// Moves the entry down from `place` until no child is worse than it. The heap's root is its worst.
INLINE void sift_down(size_t count, size_t place, float score, int32_t id, float *scores,
                      int32_t *ids) {
  for (;;) {
    size_t child = 2 * place + 1;
    if (child >= count) break;
    if (child + 1 < count && is_worse(scores[child + 1], ids[child + 1], scores[child], ids[child]))
      child++;
    if (!is_worse(scores[child], ids[child], score, id)) break;
    scores[place] = scores[child];
    ids[place] = ids[child];
    place = child;
  }
  scores[place] = score;
  ids[place] = id;
}

INLINE void sift_up(size_t place, float score, int32_t id, float *scores, int32_t *ids) {
  while (place > 0) {
    const size_t parent = (place - 1) / 2;
    if (!is_worse(score, id, scores[parent], ids[parent])) break;
    scores[place] = scores[parent];
    ids[place] = ids[parent];
    place = parent;
  }
  scores[place] = score;
  ids[place] = id;
}

// Offers one document to one query's list.
static void topk_offer(float score, int32_t id, size_t k, float *scores, int32_t *ids,
                       int32_t *count, float *threshold) {
  const size_t filled = (size_t)*count;
  if (filled < k) {
    sift_up(filled, score, id, scores, ids);
    *count = (int32_t)(filled + 1);
    if (filled + 1 == k) *threshold = scores[0];
  } else if (is_worse(scores[0], ids[0], score, id)) {
    sift_down(k, 0, score, id, scores, ids);
    *threshold = scores[0];
  }
}

// A score below its query's threshold cannot enter the list; nearly all are, so whole vectors of
// queries are turned away with one comparison.
static void topk_update(size_t rows, size_t queries, const float *scores, size_t lds,
                        int32_t first_id, size_t k, float *best_scores, int32_t *best_ids,
                        int32_t *counts, float *thresholds) {
  if (k == 0) return;
  for (size_t r = 0; r < rows; r++)
    for (size_t q = 0; q < queries; q += CK_LANES) {
      const size_t n = smaller(queries - q, CK_LANES);
      const float *row = scores + r * lds + q;
      uint32_t passed = v_at_least(v_load_some(row, n), v_load_some(thresholds + q, n));
      passed &= (1u << n) - 1u;
      for (; passed; passed &= passed - 1) {
        const size_t lane = (size_t)__builtin_ctz(passed), i = q + lane;
        topk_offer(row[lane], first_id + (int32_t)r, k, best_scores + i * k, best_ids + i * k,
                   counts + i, thresholds + i);
      }
    }
}

// Takes the worst entry off the heap again and again, filling the list from its end.
static void topk_sort(size_t queries, size_t k, float *best_scores, int32_t *best_ids,
                      const int32_t *counts) {
  for (size_t q = 0; q < queries; q++) {
    float *scores = best_scores + q * k;
    int32_t *ids = best_ids + q * k;
    for (size_t last = (size_t)counts[q]; last-- > 1;) {
      const float score = scores[last];
      const int32_t id = ids[last];
      scores[last] = scores[0];
      ids[last] = ids[0];
      sift_down(last, 0, score, id, scores, ids);
    }
  }
}
