// Owns the table through which the public functions reach one level's code: one entry for each
// function of ckernels.h that takes an isa, with the same arguments less that one.

#ifndef CK_KERNELS_H
#define CK_KERNELS_H

#include "ckernels.h"

typedef struct ck_kernels {
  void (*f16_to_f32)(size_t, const uint16_t *, float *);
  void (*bf16_to_f32)(size_t, const uint16_t *, float *);
  bool (*all_finite)(size_t, const float *);
  size_t (*packed_size)(size_t, size_t);
  void (*pack_weights)(size_t, size_t, const float *, size_t, float *);
  void (*linear)(size_t, size_t, size_t, const float *, size_t, const float *, const float *,
                 ck_activation, const float *, size_t, float *, size_t);
  void (*gate)(size_t, size_t, const float *, size_t, ck_activation, float *, size_t);
  void (*embed_sum)(size_t, size_t, const float *, const int32_t *, float, const float *,
                    const float *, const int32_t *, float *, size_t);
  void (*add)(size_t, size_t, const float *, size_t, const float *, size_t, float *, size_t);
  void (*layer_norm)(size_t, size_t, const float *, size_t, const float *, const float *, float,
                     float *, size_t);
  void (*rms_norm)(size_t, size_t, size_t, const float *, size_t, const float *, float, float *,
                   size_t);
  void (*rotate)(size_t, size_t, size_t, size_t, const int32_t *, const float *, float *, size_t);
  size_t (*attention_scratch)(ck_attention_shape);
  void (*attention)(ck_attention_shape, const float *, size_t, const float *, size_t,
                    const float *, size_t, float *, size_t, float *);
  void (*mean_pool)(size_t, size_t, const float *, size_t, float *);
  void (*max_pool)(size_t, size_t, const float *, size_t, float *);
  void (*weighted_mean_pool)(size_t, size_t, const float *, size_t, size_t, float *);
  void (*l2_normalize)(size_t, size_t, float *, size_t);
  void (*topk_update)(size_t, size_t, const float *, size_t, int32_t, size_t, float *, int32_t *,
                      int32_t *, float *);
  void (*topk_sort)(size_t, size_t, float *, int32_t *, const int32_t *);
} ck_kernels;

extern const ck_kernels ck_kernels_portable;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avx512;
#endif

#endif
