// Owns the measurement of linear layers and encoder layers: one thread, every level, against the
// peak of the core measured in the same moments.

#include <math.h>

#include "measure.h"

#define ROUNDS 9
#define SHARE 0.1e9  // floating-point operations of one timing at the portable level

static void print_row(const char *name, double flop, double *seconds, double *shares) {
  const double rate = flop / median(seconds, ROUNDS) / 1e9;
  printf("| %s | %.1f | %.1f %% |\n", name, rate, 100 * median(shares, ROUNDS));
  fflush(stdout);
}

static size_t repetitions(ck_isa isa, double flop) {
  return (size_t)(SHARE * (isa == CK_ISA_PORTABLE ? 1 : 8) / flop) + 1;
}

static void linear(ck_isa isa, size_t m, size_t k, size_t n, ck_activation activation,
                   bool has_residual) {
  float *x = numbers(m * k), *weight = numbers(n * k), *bias = numbers(n), *y = numbers(m * n);
  float *residual = numbers(m * n), *packed = numbers(ck_packed_size(isa, n, k));
  ck_pack_weights(isa, n, k, weight, k, packed);
  const double flop = 2.0 * (double)m * (double)n * (double)k;
  const size_t times = repetitions(isa, flop);
  double seconds[ROUNDS], shares[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    const double best = peak(isa), start = cpu_seconds();
    for (size_t i = 0; i < times; i++)
      ck_linear(isa, m, n, k, x, k, packed, bias, activation, has_residual ? residual : NULL, n, y,
                n);
    seconds[round] = (cpu_seconds() - start) / (double)times;
    shares[round] = flop / seconds[round] / 1e9 / best;
  }
  char name[80];
  snprintf(name, sizeof name, "[%zu, %zu] to %zu%s%s", m, k, n,
           activation == CK_ACTIVATION_GELU ? ", GELU" : "", has_residual ? ", residual" : "");
  print_row(name, flop, seconds, shares);
  free(x), free(weight), free(bias), free(y), free(residual), free(packed);
}

// One BERT layer over sequences of these lengths, end to end without padding.
static void layer(ck_isa isa, const char *name, size_t hidden, size_t heads, size_t intermediate,
                  size_t count, const size_t *lengths) {
  size_t m = 0, longest = 0;
  double flop = 0;
  for (size_t i = 0; i < count; i++) {
    m += lengths[i];
    longest = lengths[i] > longest ? lengths[i] : longest;
    flop += 4.0 * (double)(lengths[i] * lengths[i] * hidden);
  }
  flop += 2.0 * (double)(m * (4 * hidden * hidden + 2 * hidden * intermediate));
  const size_t outputs[4] = {3 * hidden, hidden, intermediate, hidden};
  const size_t inputs[4] = {hidden, hidden, hidden, intermediate};
  float *packed[4], *bias = numbers(3 * hidden + intermediate), *ones = numbers(hidden);
  for (size_t i = 0; i < hidden; i++) ones[i] = 1;
  for (int i = 0; i < 4; i++) {
    float *weight = numbers(outputs[i] * inputs[i]);
    for (size_t j = 0; j < outputs[i] * inputs[i]; j++) weight[j] *= 0.05f;
    packed[i] = numbers(ck_packed_size(isa, outputs[i], inputs[i]));
    ck_pack_weights(isa, outputs[i], inputs[i], weight, inputs[i], packed[i]);
    free(weight);
  }
  ck_attention_shape shape = {.length = longest,
                              .heads = heads,
                              .head_dim = hidden / heads,
                              .scale = 1 / sqrtf((float)(hidden / heads))};
  float *x = numbers(m * hidden), *qkv = numbers(m * 3 * hidden), *context = numbers(m * hidden);
  float *middle = numbers(m * hidden), *wide = numbers(m * intermediate);
  float *scratch = numbers(ck_attention_scratch(isa, shape));

  const size_t times = repetitions(isa, flop);
  double seconds[ROUNDS], shares[ROUNDS];
  for (int round = 0; round < ROUNDS; round++) {
    const double best = peak(isa), start = cpu_seconds();
    for (size_t i = 0; i < times; i++) {
      const size_t d = hidden, ld = 3 * d;
      ck_linear(isa, m, ld, d, x, d, packed[0], bias, CK_ACTIVATION_NONE, NULL, 0, qkv, ld);
      size_t row = 0;
      for (size_t j = 0; j < count; row += lengths[j++]) {
        const float *q = qkv + row * ld;
        shape.length = lengths[j];
        ck_attention(isa, shape, q, ld, q + d, ld, q + 2 * d, ld, context + row * d, d, scratch);
      }
      ck_linear(isa, m, d, d, context, d, packed[1], bias, CK_ACTIVATION_NONE, x, d, middle, d);
      ck_layer_norm(isa, m, d, middle, d, ones, bias, 1e-12f, middle, d);
      ck_linear(isa, m, intermediate, d, middle, d, packed[2], bias, CK_ACTIVATION_GELU, NULL, 0,
                wide, intermediate);
      ck_linear(isa, m, d, intermediate, wide, intermediate, packed[3], bias, CK_ACTIVATION_NONE,
                middle, d, x, d);
      ck_layer_norm(isa, m, d, x, d, ones, bias, 1e-12f, x, d);
    }
    seconds[round] = (cpu_seconds() - start) / (double)times;
    shares[round] = flop / seconds[round] / 1e9 / best;
  }
  print_row(name, flop, seconds, shares);
  for (int i = 0; i < 4; i++) free(packed[i]);
  free(bias), free(ones), free(x), free(qkv), free(context), free(middle), free(wide);
  free(scratch);
}

int main(void) {
  for (int level = CK_ISA_AVX512; level >= CK_ISA_PORTABLE; level--) {
    const ck_isa isa = (ck_isa)level;
    if (!ck_isa_supported(isa)) continue;
    double peaks[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) peaks[i] = peak(isa);
    printf("\n### %s, peak %.1f GFLOP/s\n\n", ck_isa_name(isa), median(peaks, ROUNDS));
    printf("| shape | GFLOP/s | of peak |\n|---|--:|--:|\n");
    linear(isa, 512, 384, 1152, CK_ACTIVATION_NONE, false);
    linear(isa, 512, 384, 384, CK_ACTIVATION_NONE, true);
    linear(isa, 512, 384, 1536, CK_ACTIVATION_GELU, false);
    linear(isa, 512, 1536, 384, CK_ACTIVATION_NONE, true);
    linear(isa, 512, 768, 3072, CK_ACTIVATION_GELU, false);
    linear(isa, 512, 1024, 4096, CK_ACTIVATION_GELU, false);
    linear(isa, 512, 4096, 1024, CK_ACTIVATION_NONE, true);
    linear(isa, 10, 384, 1152, CK_ACTIVATION_NONE, false);
    const size_t mixed[] = {12, 20, 31, 40, 47, 49, 55, 62, 76, 98};
    const size_t half[] = {256, 256}, whole[] = {512};
    layer(isa, "layer of 384, 10 texts, mean 49 tokens", 384, 12, 1536, 10, mixed);
    layer(isa, "layer of 384, 2 texts of 256", 384, 12, 1536, 2, half);
    layer(isa, "layer of 384, 1 text of 512", 384, 12, 1536, 1, whole);
    layer(isa, "layer of 768, 10 texts, mean 49 tokens", 768, 12, 3072, 10, mixed);
    layer(isa, "layer of 1024, 10 texts, mean 49 tokens", 1024, 16, 4096, 10, mixed);
  }
}
