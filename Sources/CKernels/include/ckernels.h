// The contract of the C kernels: everything an f32 encoder computes on the CPU.
//
// Conventions, valid for every function below:
//   - Matrices are row-major f32. `[rows, cols]` gives the shape; `ld...` is the distance between
//     the starts of two rows, in floats, and at least `cols`. Counts are elements, never bytes.
//   - Nothing is allocated, printed or remembered. Scratch memory is the caller's; its size comes
//     from the `..._scratch` function next to the one that needs it.
//   - Any alignment is allowed; 64 bytes is fastest. Counts of zero are allowed and do nothing.
//   - Unless a function says otherwise, what it writes must not overlap what it reads.
//   - Shapes and ids are trusted: the caller checks them.
//   - Determinism: for one `isa`, the bits of a result row depend on that row's own inputs only,
//     never on the other rows of the call, on their number or on the row's place among them.
//     Different `isa` levels differ in the last bits.
//   - NaN and infinity spread as in plain arithmetic; nothing is clamped away silently.

#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Instruction sets

// The level of the processor that a function may use. Ordered: higher is faster.
typedef enum ck_isa {
  CK_ISA_PORTABLE = 0,  // plain C; NEON on arm64, SSE2 on x86-64
  CK_ISA_AVX2 = 1,      // AVX2, FMA
  CK_ISA_AVX512 = 2,    // AVX-512 F, BW, DQ, VL
} ck_isa;

// The highest level this processor runs. Cheap, but meant to be asked once and kept.
ck_isa ck_best_isa(void);

// Whether this processor runs `isa`. Passing an unsupported level to any function is a trap.
bool ck_isa_supported(ck_isa isa);

// "AVX-512", "AVX2" or "portable"; a constant string.
const char *ck_isa_name(ck_isa isa);

// MARK: Conversions and checks

// out[i] = in[i], exactly; `in` holds IEEE half-precision bits. in, out: [count].
void ck_f16_to_f32(ck_isa isa, size_t count, const uint16_t *in, float *out);

// out[i] = in[i], exactly; `in` holds bfloat16 bits. in, out: [count].
void ck_bf16_to_f32(ck_isa isa, size_t count, const uint16_t *in, float *out);

// Whether no element is infinite or NaN. x: [count].
bool ck_all_finite(ck_isa isa, size_t count, const float *x);

// MARK: Linear layers

// Floats that `ck_pack_weights` writes for a weight of shape [n, k].
size_t ck_packed_size(ck_isa isa, size_t n, size_t k);

// Reorders a linear layer's weight for `ck_linear` at the same `isa`.
// weight: [n, k] with row stride ldw, as PyTorch stores it (one row per output).
// packed: [ck_packed_size(isa, n, k)].
void ck_pack_weights(ck_isa isa, size_t n, size_t k, const float *weight, size_t ldw,
                     float *packed);

// What is applied to x W^T + bias, elementwise.
typedef enum ck_activation {
  CK_ACTIVATION_NONE = 0,
  CK_ACTIVATION_GELU = 1,       // x/2 (1 + erf(x / sqrt 2)); error below 1e-7 max(1, |x|)
  CK_ACTIVATION_GELU_TANH = 2,  // the tanh approximation, as "gelu_new" and "gelu_pytorch_tanh"
  CK_ACTIVATION_RELU = 3,
  CK_ACTIVATION_TANH = 4,  // absolute error below 2e-7
  CK_ACTIVATION_SILU = 5,  // x / (1 + e^-x); error below 2e-7 max(1, |x|)
} ck_activation;

// y = activation(x W^T + bias) + residual.
// x: [m, k]. packed: W [n, k] through ck_pack_weights. bias: [n], or NULL for none.
// residual: [m, n], or NULL for none. y: [m, n]; overlaps neither x nor residual.
void ck_linear(ck_isa isa, size_t m, size_t n, size_t k, const float *x, size_t ldx,
               const float *packed, const float *bias, ck_activation activation,
               const float *residual, size_t ldr, float *y, size_t ldy);

// y = activation(gate) * value, where x holds the two side by side, the gate first.
// x: [m, 2 * d]. y: [m, d].
void ck_gate(ck_isa isa, size_t m, size_t d, const float *x, size_t ldx, ck_activation activation,
             float *y, size_t ldy);

// MARK: Sums

// out[i] = (scale * word[ids[i]] + type) + position[positions[i]], the order of the reference BERT.
// word: [vocabulary, d], position: [places, d], both dense (row stride d). ids, positions: [m].
// type: [d]. `type`, and `position` with `positions`, may be NULL: then they add nothing.
// out: [m, d] with row stride ldo.
void ck_embed_sum(ck_isa isa, size_t m, size_t d, const float *word, const int32_t *ids,
                  float scale, const float *type, const float *position, const int32_t *positions,
                  float *out, size_t ldo);

// z = x + y. x, y, z: [m, d]; z may be x or y.
void ck_add(ck_isa isa, size_t m, size_t d, const float *x, size_t ldx, const float *y, size_t ldy,
            float *z, size_t ldz);

// MARK: Norms

// y = (x - mean) / sqrt(variance + eps) * gamma + beta, per row; the variance is the biased one.
// x, y: [m, d]; y may be x. gamma, beta: [d]; beta may be NULL for none.
void ck_layer_norm(ck_isa isa, size_t m, size_t d, const float *x, size_t ldx, const float *gamma,
                   const float *beta, float eps, float *y, size_t ldy);

// y = x / sqrt(mean of squares + eps) * gamma, for each slice of d numbers by itself.
// x, y: [m, slices * d]; y may be x. gamma: [d], the same for every slice.
void ck_rms_norm(ck_isa isa, size_t m, size_t slices, size_t d, const float *x, size_t ldx,
                 const float *gamma, float eps, float *y, size_t ldy);

// MARK: Attention

// Rotary positions, in place: in each slice, number j of the first half and number j of the second
// half of its first 2 * half numbers turn together, (a, b) to (a cos - b sin, b cos + a sin).
// x: [m, slices * d], 2 * half <= d. turns: [places, 2 * half], dense; the row positions[i], which
// token i uses, holds `half` cosines and then `half` sines. positions: [m].
void ck_rotate(ck_isa isa, size_t m, size_t slices, size_t d, size_t half, const int32_t *positions,
               const float *turns, float *x, size_t ldx);

// Which tokens a token sees.
typedef enum ck_mask {
  CK_MASK_FULL = 0,    // all of its sequence
  CK_MASK_CAUSAL = 1,  // itself and those before it
  CK_MASK_WINDOW = 2,  // token i those from i - before to i + after
} ck_mask;

// One sequence's attention. Set every field you do not know to zero: zero means "off".
typedef struct ck_attention_shape {
  size_t length;    // tokens of the sequence
  size_t heads;     // head h owns columns [h * head_dim, (h + 1) * head_dim) of q and out
  size_t kv_heads;  // divides heads; head h reads k and v of head h / (heads / kv_heads).
                    // Zero means as many as heads
  size_t head_dim;  // any positive number; 32, 64 and 128 are the fast ones
  float scale;      // positive; applied to q k^T before the softmax, usually 1 / sqrt(head_dim)
  ck_mask mask;
  size_t before, after;  // for CK_MASK_WINDOW; any size
  // Added to the scaled scores: head h, token i, seen token j get
  // bias[h * (2 * reach + 1) + reach + (j - i)], j - i cut to -reach ... reach. NULL for none.
  const float *bias;
  size_t reach;
} ck_attention_shape;

// Floats of scratch that `ck_attention` needs for this shape; grows with the length. Of `bias` it
// looks only at whether there is one.
size_t ck_attention_scratch(ck_isa isa, ck_attention_shape shape);

// out = softmax(scale q k^T + bias) v per head, over the tokens of the sequence that the mask
// shows.
// q: [length, heads * head_dim]; k, v: [length, kv_heads * head_dim]; all three may be column
// blocks of one matrix. out: [length, heads * head_dim].
// scratch: [ck_attention_scratch(isa, shape)], contents free before and after.
// A hidden token weighs zero; NaN or infinity in its v may spread nevertheless.
void ck_attention(ck_isa isa, ck_attention_shape shape, const float *q, size_t ldq,
                  const float *k, size_t ldk, const float *v, size_t ldv, float *out, size_t ldo,
                  float *scratch);

// MARK: Pooling, one sequence per call

// out = mean of the rows. x: [rows, d], out: [d]; rows > 0.
void ck_mean_pool(ck_isa isa, size_t rows, size_t d, const float *x, size_t ldx, float *out);

// out = the largest value of each column. x: [rows, d], out: [d]; rows > 0.
void ck_max_pool(ck_isa isa, size_t rows, size_t d, const float *x, size_t ldx, float *out);

// out = mean of the rows, row i weighted by first_weight + i (SGPT: first_weight 1 at the first
// token of the sequence). x: [rows, d], out: [d]; rows > 0, first_weight > 0.
void ck_weighted_mean_pool(ck_isa isa, size_t rows, size_t d, const float *x, size_t ldx,
                           size_t first_weight, float *out);

// Each row divided by max(its Euclidean norm, 1e-12), in place. x: [rows, d].
void ck_l2_normalize(ck_isa isa, size_t rows, size_t d, float *x, size_t ldx);

// MARK: Exact search

// Keeps, for each query, the k best documents seen so far: higher score first, and of equal scores
// the lower document id. The result does not depend on how the documents are cut into blocks or
// in which order the blocks come. NaN scores are never kept.
//
// scores: [rows, queries]; row r belongs to document first_id + r. This is what ck_linear gives
// for x = documents and packed = queries.
// best_scores: [queries, k], best_ids: [queries, k], counts: [queries], all dense; counts start at
// zero and say how many of the k are filled. Each list is a binary heap, worst entry first, until
// ck_topk_sort. thresholds: [queries], start at -infinity.
void ck_topk_update(ck_isa isa, size_t rows, size_t queries, const float *scores, size_t lds,
                    int32_t first_id, size_t k, float *best_scores, int32_t *best_ids,
                    int32_t *counts, float *thresholds);

// Puts each list in order, best first. After it, ck_topk_update must not be called on these lists.
void ck_topk_sort(ck_isa isa, size_t queries, size_t k, float *best_scores, int32_t *best_ids,
                  const int32_t *counts);

#ifdef __cplusplus
}
#endif

#endif
