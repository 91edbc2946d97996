// Owns the measurement of exact search: the best 100 of 100,000 documents of 384 dimensions for
// 1,000 queries, at the best level, with several sizes of the block of documents.

#include <math.h>

#include "measure.h"

enum { queries = 1000, documents = 100000, width = 384, kept = 100 };

int main(void) {
  const ck_isa isa = ck_best_isa();
  float *asked = numbers((size_t)queries * width), *stored = numbers((size_t)documents * width);
  ck_l2_normalize(isa, queries, width, asked, width);
  ck_l2_normalize(isa, documents, width, stored, width);
  float *packed = numbers(ck_packed_size(isa, queries, width));
  float *best = numbers((size_t)queries * kept), *thresholds = numbers(queries);
  int32_t *ids = calloc((size_t)queries * kept, sizeof *ids);
  int32_t *counts = calloc(queries, sizeof *counts);
  if (!ids || !counts) abort();

  printf("\n### search, %s\n\n", ck_isa_name(isa));
  printf("| block | CPU seconds | products | lists |\n|--:|--:|--:|--:|\n");
  for (size_t block = 56; block <= 448; block *= 2) {
    float *scores = numbers(block * queries);
    for (size_t q = 0; q < queries; q++) thresholds[q] = -INFINITY, counts[q] = 0;
    double products = 0;
    const double start = cpu_seconds();
    ck_pack_weights(isa, queries, width, asked, width, packed);
    for (size_t first = 0; first < documents; first += block) {
      const size_t rows = documents - first < block ? documents - first : block;
      const double before = cpu_seconds();
      ck_linear(isa, rows, queries, width, stored + first * width, width, packed, NULL,
                CK_ACTIVATION_NONE, NULL, 0, scores, queries);
      products += cpu_seconds() - before;
      ck_topk_update(isa, rows, queries, scores, queries, (int32_t)first, kept, best, ids, counts,
                     thresholds);
    }
    ck_topk_sort(isa, queries, kept, best, ids, counts);
    const double all = cpu_seconds() - start;
    printf("| %zu | %.3f | %.3f | %.3f |\n", block, all, products, all - products);
    free(scores);
  }
}
