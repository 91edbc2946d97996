// Owns the measurement of a decoder's layer, Llama-shaped: attention with grouped heads and a
// causal mask, and which part of the whole layer's time goes where. One thread, every level,
// against the peak of the core measured in the same moments.

#include <math.h>

#include "measure.h"

#define ROUNDS 9
#define SHARE 0.2e9  // floating-point operations of one timing at the portable level

static size_t repetitions(ck_isa isa, double flop) {
  return (size_t)(SHARE * (isa == CK_ISA_PORTABLE ? 1 : 8) / flop) + 1;
}

// Pairs of tokens that see each other.
static double pairs(ck_attention_shape shape) {
  double sum = 0;
  for (size_t i = 0; i < shape.length; i++) {
    const size_t before = shape.mask == CK_MASK_WINDOW ? shape.before : shape.length;
    const size_t after = shape.mask == CK_MASK_WINDOW ? shape.after
                         : shape.mask == CK_MASK_CAUSAL ? 0
                                                        : shape.length;
    const size_t first = i > before ? i - before : 0;
    const size_t end = i + after + 1 < shape.length ? i + after + 1 : shape.length;
    sum += (double)(end - first);
  }
  return sum;
}

static double attention_flop(ck_attention_shape shape) {
  return 4 * pairs(shape) * (double)(shape.heads * shape.head_dim);
}

static void attention(ck_isa isa, const char *name, ck_attention_shape shape) {
  const size_t kv_heads = shape.kv_heads ? shape.kv_heads : shape.heads;
  const size_t hidden = shape.heads * shape.head_dim, keys = kv_heads * shape.head_dim;
  const size_t ld = hidden + 2 * keys;
  float *x = numbers(shape.length * ld), *out = numbers(shape.length * hidden);
  float *scratch = numbers(ck_attention_scratch(isa, shape));
  const double flop = attention_flop(shape);
  const size_t times = repetitions(isa, flop);
  double seconds[ROUNDS], shares[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    const double best = peak(isa), start = cpu_seconds();
    for (size_t i = 0; i < times; i++)
      ck_attention(isa, shape, x, ld, x + hidden, ld, x + hidden + keys, ld, out, hidden, scratch);
    seconds[round] = (cpu_seconds() - start) / (double)times;
    shares[round] = flop / seconds[round] / 1e9 / best;
  }
  printf("| %s, %zu tokens | %.1f | %.1f %% |\n", name, shape.length,
         flop / median(seconds, ROUNDS) / 1e9, 100 * median(shares, ROUNDS));
  fflush(stdout);
  free(x), free(out), free(scratch);
}

enum { products, attends, norms, turns, gates, parts };
static const char *const names[parts] = {"linear layers", "attention", "norms", "rotary", "gate"};

// One layer over one text: hidden 1024, 16 heads over 8, intermediate 3072.
static void layer(ck_isa isa, size_t m) {
  enum { hidden = 1024, heads = 16, kv_heads = 8, width = 64, wide = 3072 };
  enum { keys = kv_heads * width, ld = hidden + 2 * keys };
  const ck_attention_shape shape = {
      .length = m, .heads = heads, .kv_heads = kv_heads, .head_dim = width, .scale = 0.125f,
      .mask = CK_MASK_CAUSAL};
  const size_t outputs[4] = {ld, hidden, 2 * wide, hidden};
  const size_t inputs[4] = {hidden, hidden, hidden, wide};
  double flop = attention_flop(shape), spent[ROUNDS][parts] = {0}, seconds[ROUNDS], shares[ROUNDS];
  float *packed[4];
  for (int i = 0; i < 4; i++) {
    float *weight = numbers(outputs[i] * inputs[i]);
    for (size_t j = 0; j < outputs[i] * inputs[i]; j++) weight[j] *= 0.02f;
    packed[i] = numbers(ck_packed_size(isa, outputs[i], inputs[i]));
    ck_pack_weights(isa, outputs[i], inputs[i], weight, inputs[i], packed[i]);
    free(weight);
    flop += 2.0 * (double)m * (double)outputs[i] * (double)inputs[i];
  }
  float *x = numbers(m * hidden), *normed = numbers(m * hidden), *qkv = numbers(m * ld);
  float *context = numbers(m * hidden), *middle = numbers(m * hidden);
  float *expanded = numbers(m * 2 * wide), *gated = numbers(m * wide), *gamma = numbers(hidden);
  float *angles = numbers(m * width), *scratch = numbers(ck_attention_scratch(isa, shape));
  int32_t *places = malloc(m * sizeof *places);
  if (!places) abort();
  for (size_t i = 0; i < m; i++) places[i] = (int32_t)i;

  const size_t times = repetitions(isa, flop);
  for (int round = 0; round < ROUNDS; round++) {
    const double best = peak(isa), start = cpu_seconds();
    double last = start;
#define CHARGE(part) \
  do { \
    const double now = cpu_seconds(); \
    spent[round][part] += now - last; \
    last = now; \
  } while (0)
    for (size_t i = 0; i < times; i++) {
      ck_rms_norm(isa, m, 1, hidden, x, hidden, gamma, 1e-6f, normed, hidden);
      CHARGE(norms);
      ck_linear(isa, m, ld, hidden, normed, hidden, packed[0], NULL, CK_ACTIVATION_NONE, NULL, 0,
                qkv, ld);
      CHARGE(products);
      ck_rotate(isa, m, heads + kv_heads, width, width / 2, places, angles, qkv, ld);
      CHARGE(turns);
      ck_attention(isa, shape, qkv, ld, qkv + hidden, ld, qkv + hidden + keys, ld, context, hidden,
                   scratch);
      CHARGE(attends);
      ck_linear(isa, m, hidden, hidden, context, hidden, packed[1], NULL, CK_ACTIVATION_NONE, x,
                hidden, middle, hidden);
      CHARGE(products);
      ck_rms_norm(isa, m, 1, hidden, middle, hidden, gamma, 1e-6f, normed, hidden);
      CHARGE(norms);
      ck_linear(isa, m, 2 * wide, hidden, normed, hidden, packed[2], NULL, CK_ACTIVATION_NONE, NULL,
                0, expanded, 2 * wide);
      CHARGE(products);
      ck_gate(isa, m, wide, expanded, 2 * wide, CK_ACTIVATION_SILU, gated, wide);
      CHARGE(gates);
      ck_linear(isa, m, hidden, wide, gated, wide, packed[3], NULL, CK_ACTIVATION_NONE, middle,
                hidden, x, hidden);
      CHARGE(products);
    }
    seconds[round] = (cpu_seconds() - start) / (double)times;
    shares[round] = flop / seconds[round] / 1e9 / best;
    for (int part = 0; part < parts; part++) spent[round][part] /= seconds[round] * (double)times;
  }
  printf("| layer of 1024, 16 heads over 8, %zu tokens | %.1f | %.1f %% |\n\nOf its time:", m,
         flop / median(seconds, ROUNDS) / 1e9, 100 * median(shares, ROUNDS));
  for (int part = 0; part < parts; part++) {
    double one[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) one[round] = spent[round][part];
    printf("%s %s %.1f %%", part ? "," : "", names[part], 100 * median(one, ROUNDS));
  }
  printf(".\n");
  fflush(stdout);
  for (int i = 0; i < 4; i++) free(packed[i]);
  free(x), free(normed), free(qkv), free(context), free(middle), free(expanded), free(gated);
  free(gamma), free(angles), free(scratch), free(places);
}

int main(void) {
  for (int level = CK_ISA_AVX512; level >= CK_ISA_PORTABLE; level--) {
    const ck_isa isa = (ck_isa)level;
    if (!ck_isa_supported(isa)) continue;
    printf("\n### decoder, %s\n\n| shape | GFLOP/s | of peak |\n|---|--:|--:|\n", ck_isa_name(isa));
    ck_attention_shape shape = {.heads = 12, .head_dim = 32, .scale = 0.17f};
    const size_t lengths[] = {16, 64, 128, 512, 2048};
    for (int i = 0; i < 5; i++) {
      shape.length = lengths[i];
      attention(isa, "attention, 12 heads of 32", shape);
    }
    shape = (ck_attention_shape){
        .heads = 16, .kv_heads = 8, .head_dim = 64, .scale = 0.125f, .mask = CK_MASK_CAUSAL};
    for (int i = 1; i < 5; i++) {
      shape.length = lengths[i];
      attention(isa, "causal attention, 16 heads over 8 of 64", shape);
    }
    shape.mask = CK_MASK_WINDOW;
    shape.before = shape.after = 64;
    attention(isa, "window of 64 to both sides, 16 heads over 8 of 64", shape);
    layer(isa, 512);
  }
}
