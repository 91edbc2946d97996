// Owns what the benchmarks need: the clock, medians, test numbers, the peak of one core.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ckernels.h"

// CPU time of this thread: other work on the machine does not count.
static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// Sorts the values.
static inline double median(double *values, size_t count) {
  qsort(values, count, sizeof *values, ascending);
  return values[count / 2];
}

// Numbers between -1 and 1, the same on every run, at a 64-byte boundary.
static float *numbers(size_t count) {
  float *memory = aligned_alloc(64, (count * sizeof(float) + 127) / 64 * 64);
  if (!memory) abort();
  for (size_t i = 0; i < count; i++) memory[i] = (float)(rand() % 2001 - 1000) / 1000.0f;
  return memory;
}

// GFLOP per CPU second of vector multiply-adds in 12 independent chains, with nothing to load.
#define PEAK(name, lanes, target, constraint) \
  target __attribute__((noinline)) static double name(void) { \
    typedef float vector __attribute__((ext_vector_type(lanes))); \
    vector sums[12], x = 0.999f, y = 1e-4f; \
    for (int c = 0; c < 12; c++) sums[c] = (float)c; \
    const long steps = 400000; \
    const double start = cpu_seconds(); \
    for (long i = 0; i < steps; i++) { \
      __asm__ volatile("" : constraint(x), constraint(y)); \
      for (int c = 0; c < 12; c++) sums[c] = sums[c] * x + y; \
    } \
    const double seconds = cpu_seconds() - start; \
    vector total = 0.0f; \
    for (int c = 0; c < 12; c++) total += sums[c]; \
    volatile float sink = total[0]; \
    (void)sink; \
    return 2.0 * lanes * 12 * (double)steps / seconds / 1e9; \
  }

#if defined(__x86_64__)
PEAK(peak_avx512, 16, __attribute__((target("avx512f,avx512vl,fma"))), "+v")
PEAK(peak_avx2, 8, __attribute__((target("avx2,fma"))), "+x")
PEAK(peak_portable, 4, , "+x")
#else
PEAK(peak_portable, 4, , "+w")
#endif

static inline double peak(ck_isa isa) {
#if defined(__x86_64__)
  if (isa == CK_ISA_AVX512) return peak_avx512();
  if (isa == CK_ISA_AVX2) return peak_avx2();
#endif
  (void)isa;
  return peak_portable();
}
