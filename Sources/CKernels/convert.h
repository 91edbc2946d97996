// Owns conversion of half precision and bfloat16, and the check for non-finite values.

static void bf16_to_f32(size_t count, const uint16_t *in, float *out) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t bits = (uint32_t)in[i] << 16;
    __builtin_memcpy(out + i, &bits, sizeof bits);
  }
}

// Exponent and fraction move to their places in f32; a product with 2^112 corrects the exponent's
// bias and makes subnormal halves normal; infinity and NaN get their exponent back.
static void f16_to_f32(size_t count, const uint16_t *in, float *out) {
  for (size_t i = 0; i < count; i++) {
    const uint32_t half = in[i];
    const uint32_t magnitude = (half & 0x7fff) << 13;
    float value;
    __builtin_memcpy(&value, &magnitude, sizeof value);
    value *= 0x1p112f;
    uint32_t bits;
    __builtin_memcpy(&bits, &value, sizeof bits);
    const uint32_t special = 0x7f800000 | magnitude;
    bits = (half & 0x7c00) == 0x7c00 ? special : bits;
    bits |= (half & 0x8000) << 16;
    __builtin_memcpy(out + i, &bits, sizeof bits);
  }
}

static bool all_finite(size_t count, const float *x) {
  const size_t block = 4096;  // how often to look whether to stop
  for (size_t start = 0; start < count; start += block) {
    const size_t end = smaller(start + block, count);
    uint32_t found = 0;
    for (size_t i = start; i < end; i++) {
      uint32_t bits;
      __builtin_memcpy(&bits, x + i, sizeof bits);
      found |= (bits & 0x7f800000) == 0x7f800000;
    }
    if (found) return false;
  }
  return true;
}
