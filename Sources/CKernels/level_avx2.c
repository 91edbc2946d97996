// Owns the AVX2 level: eight lanes with fused multiply-add.

#if defined(__x86_64__)

#include <immintrin.h>

#include "kernels.h"

#define CK_LANES 8
#define CK_LEVEL_AVX2
#define CK_TABLE ck_kernels_avx2

// The target is set here and not by a compiler flag: one binary serves every processor.
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "rooms.h"
#pragma clang attribute pop

#endif
