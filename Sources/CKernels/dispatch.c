// Owns the choice of level: the public functions, each a jump through the table of its isa.

#include "kernels.h"

bool ck_isa_supported(ck_isa isa) {
  switch (isa) {
    case CK_ISA_PORTABLE:
      return true;
#if defined(__x86_64__)
    case CK_ISA_AVX2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case CK_ISA_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    default:
      return false;
  }
}

ck_isa ck_best_isa(void) {
  if (ck_isa_supported(CK_ISA_AVX512)) return CK_ISA_AVX512;
  if (ck_isa_supported(CK_ISA_AVX2)) return CK_ISA_AVX2;
  return CK_ISA_PORTABLE;
}

const char *ck_isa_name(ck_isa isa) {
  switch (isa) {
    case CK_ISA_PORTABLE: return "portable";
    case CK_ISA_AVX2: return "AVX2";
    case CK_ISA_AVX512: return "AVX-512";
  }
  return "unknown";
}

static const ck_kernels *level(ck_isa isa) {
  switch (isa) {
    case CK_ISA_PORTABLE: return &ck_kernels_portable;
#if defined(__x86_64__)
    case CK_ISA_AVX2: return &ck_kernels_avx2;
    case CK_ISA_AVX512: return &ck_kernels_avx512;
#else
    default: break;
#endif
  }
  __builtin_trap();
}

void ck_f16_to_f32(ck_isa isa, size_t count, const uint16_t *in, float *out) {
  level(isa)->f16_to_f32(count, in, out);
}

void ck_bf16_to_f32(ck_isa isa, size_t count, const uint16_t *in, float *out) {
  level(isa)->bf16_to_f32(count, in, out);
}

bool ck_all_finite(ck_isa isa, size_t count, const float *x) {
  return level(isa)->all_finite(count, x);
}

size_t ck_packed_size(ck_isa isa, size_t n, size_t k) { return level(isa)->packed_size(n, k); }

void ck_pack_weights(ck_isa isa, size_t n, size_t k, const float *weight, size_t ldw,
                     float *packed) {
  level(isa)->pack_weights(n, k, weight, ldw, packed);
}

void ck_linear(ck_isa isa, size_t m, size_t n, size_t k, const float *x, size_t ldx,
               const float *packed, const float *bias, ck_activation activation,
               const float *residual, size_t ldr, float *y, size_t ldy) {
  level(isa)->linear(m, n, k, x, ldx, packed, bias, activation, residual, ldr, y, ldy);
}

void ck_gate(ck_isa isa, size_t m, size_t d, const float *x, size_t ldx, ck_activation activation,
             float *y, size_t ldy) {
  level(isa)->gate(m, d, x, ldx, activation, y, ldy);
}

void ck_embed_sum(ck_isa isa, size_t m, size_t d, const float *word, const int32_t *ids,
                  float scale, const float *type, const float *position, const int32_t *positions,
                  float *out, size_t ldo) {
  level(isa)->embed_sum(m, d, word, ids, scale, type, position, positions, out, ldo);
}

void ck_add(ck_isa isa, size_t m, size_t d, const float *x, size_t ldx, const float *y, size_t ldy,
            float *z, size_t ldz) {
  level(isa)->add(m, d, x, ldx, y, ldy, z, ldz);
}

void ck_layer_norm(ck_isa isa, size_t m, size_t d, const float *x, size_t ldx, const float *gamma,
                   const float *beta, float eps, float *y, size_t ldy) {
  level(isa)->layer_norm(m, d, x, ldx, gamma, beta, eps, y, ldy);
}

void ck_rms_norm(ck_isa isa, size_t m, size_t slices, size_t d, const float *x, size_t ldx,
                 const float *gamma, float eps, float *y, size_t ldy) {
  level(isa)->rms_norm(m, slices, d, x, ldx, gamma, eps, y, ldy);
}

void ck_rotate(ck_isa isa, size_t m, size_t slices, size_t d, size_t half, const int32_t *positions,
               const float *turns, float *x, size_t ldx) {
  level(isa)->rotate(m, slices, d, half, positions, turns, x, ldx);
}

size_t ck_attention_scratch(ck_isa isa, ck_attention_shape shape) {
  return level(isa)->attention_scratch(shape);
}

void ck_attention(ck_isa isa, ck_attention_shape shape, const float *q, size_t ldq,
                  const float *k, size_t ldk, const float *v, size_t ldv, float *out, size_t ldo,
                  float *scratch) {
  level(isa)->attention(shape, q, ldq, k, ldk, v, ldv, out, ldo, scratch);
}

void ck_mean_pool(ck_isa isa, size_t rows, size_t d, const float *x, size_t ldx, float *out) {
  level(isa)->mean_pool(rows, d, x, ldx, out);
}

void ck_max_pool(ck_isa isa, size_t rows, size_t d, const float *x, size_t ldx, float *out) {
  level(isa)->max_pool(rows, d, x, ldx, out);
}

void ck_weighted_mean_pool(ck_isa isa, size_t rows, size_t d, const float *x, size_t ldx,
                           size_t first_weight, float *out) {
  level(isa)->weighted_mean_pool(rows, d, x, ldx, first_weight, out);
}

void ck_l2_normalize(ck_isa isa, size_t rows, size_t d, float *x, size_t ldx) {
  level(isa)->l2_normalize(rows, d, x, ldx);
}

void ck_topk_update(ck_isa isa, size_t rows, size_t queries, const float *scores, size_t lds,
                    int32_t first_id, size_t k, float *best_scores, int32_t *best_ids,
                    int32_t *counts, float *thresholds) {
  level(isa)->topk_update(rows, queries, scores, lds, first_id, k, best_scores, best_ids, counts,
                          thresholds);
}

void ck_topk_sort(ck_isa isa, size_t queries, size_t k, float *best_scores, int32_t *best_ids,
                  const int32_t *counts) {
  level(isa)->topk_sort(queries, k, best_scores, best_ids, counts);
}
