// Owns the AVX-512 level: sixteen lanes with fused multiply-add.

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels.h"

#define CK_LANES 16
#define CK_LEVEL_AVX512
#define CK_TABLE ck_kernels_avx512

// The target is set here and not by a compiler flag: one binary serves every processor.
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "rooms.h"
#pragma clang attribute pop

#endif
