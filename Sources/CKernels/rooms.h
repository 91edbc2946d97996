// Owns the order of the rooms: every level compiles the same text below with its own vectors.

#include "lanes.h"
#include "elementary.h"
#include "tile.h"
#include "linear.h"
#include "sums.h"
#include "norms.h"
#include "rotary.h"
#include "attention.h"
#include "pooling.h"
#include "convert.h"
#include "search.h"

const ck_kernels CK_TABLE = {
    .f16_to_f32 = f16_to_f32,
    .bf16_to_f32 = bf16_to_f32,
    .all_finite = all_finite,
    .packed_size = packed_size,
    .pack_weights = pack_weights,
    .linear = linear,
    .gate = gate,
    .embed_sum = embed_sum,
    .add = add,
    .layer_norm = layer_norm,
    .rms_norm = rms_norm,
    .rotate = rotate,
    .attention_scratch = attention_scratch,
    .attention = attention,
    .mean_pool = mean_pool,
    .max_pool = max_pool,
    .weighted_mean_pool = weighted_mean_pool,
    .l2_normalize = l2_normalize,
    .topk_update = topk_update,
    .topk_sort = topk_sort,
};
