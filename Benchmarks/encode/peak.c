// Prints one core's f32 multiply-add peak in GFLOP per CPU second: the best of several short runs of
// independent vector FMA chains. Build: cc -O3 -march=native -ffp-contract=fast peak.c
#include <stdio.h>
#include <time.h>

#ifdef __AVX512F__
#define LANES 16
#elif defined(__AVX__)
#define LANES 8
#else
#define LANES 4
#endif
typedef float vector __attribute__((vector_size(LANES * sizeof(float))));

static double cpu_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

int main(void) {
    enum { chains = 12, steps = 10 * 1000 * 1000, runs = 7 };  // 12 chains cover two FMA units of latency 4
    volatile float seed = 0.5f;
    const vector factor = seed + (vector){0}, addend = seed + (vector){0};
    double best = 0;
    float sink = 0;
    for (int run = 0; run < runs; run++) {
        vector sums[chains];
        for (int c = 0; c < chains; c++) sums[c] = addend + (float)c;
        const double start = cpu_seconds();
        for (int step = 0; step < steps; step++) {
#pragma GCC unroll 12
            for (int c = 0; c < chains; c++) sums[c] = sums[c] * factor + addend;
        }
        const double rate = 2.0 * LANES * chains * steps / (cpu_seconds() - start) / 1e9;
        if (rate > best) best = rate;
        for (int c = 0; c < chains; c++) sink += sums[c][0];
    }
    printf("%.1f\n", best);
    return sink == 12345.0f;  // keeps the sums alive
}
