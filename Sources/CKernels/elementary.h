// Owns the elementary functions of one vector: 2^t, GELU, tanh, SiLU; and the choice of activation.
//
// The coefficients are minimax fits made for these kernels by linear programming on Chebyshev
// points; no table was taken from elsewhere.

// 2^t, relative error below 2e-7; zero far below -127 (and at -infinity), infinity from 128.
// 2^t = 2^n 2^f with n the nearest integer; 2^f is a polynomial on [-1/2, 1/2], exactly 1 at 0.
INLINE vf v_exp2(vf t) {
#if defined(CK_LEVEL_AVX512)
  const vf n = _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  t = v_min((vf)128.0f, v_max((vf)-127.0f, t));
  // Adding 1.5 * 2^23 leaves n in the low bits of the sum's significand.
  const vf shifted = t + 0x1.8p23f;
  const vf n = shifted - 0x1.8p23f;
#endif
  const vf f = t - n;
  vf p = 0.00015353357593994588f;
  p = v_fma(p, f, (vf)0.0013398878509178758f);
  p = v_fma(p, f, (vf)0.009618437848985195f);
  p = v_fma(p, f, (vf)0.055503323674201965f);
  p = v_fma(p, f, (vf)0.24022647738456726f);
  p = v_fma(p, f, (vf)0.6931471824645996f);
  p = v_fma(p, f, (vf)1.0f);
#if defined(CK_LEVEL_AVX512)
  return _mm512_scalef_ps(p, n);
#else
  // A product, not an addition to the exponent bits: NaN must stay NaN.
  return p * as_float((as_int(shifted) << 23) + 0x3f800000);
#endif
}

// x times the normal distribution function of x.
// = max(x, 0) - a N(-a), a = |x|, and N(-a) = 2^Q(a): the logarithm of the tail is so smooth that a
// polynomial of degree 8 gives the product to 2e-8 up to a = 6. Beyond, Q falls ever faster; at
// a = 14 the power is zero.
INLINE vf v_gelu(vf x) {
  const vf a = v_min((vf)14.0f, v_max(-x, x));
  // Even and odd terms apart: two short chains instead of a long one.
  const vf w = a * a;
  vf even = v_fma((vf)-1.1461851272542845e-06f, w, (vf)-8.673961565364152e-05f);
  vf odd = v_fma((vf)1.8827067833626643e-05f, w, (vf)-0.0003825127496384084f);
  even = v_fma(even, w, (vf)0.0073935119435191154f);
  odd = v_fma(odd, w, (vf)-0.05273384600877762f);
  even = v_fma(even, w, (vf)-0.4591248035430908f);
  odd = v_fma(odd, w, (vf)-1.1511163711547852f);
  even = v_fma(even, w, (vf)-0.9999997615814209f);
  const vf t = v_fma(odd, a, even);
  return v_fma(-a, v_exp2(t), v_max((vf)0.0f, x));
}

#define LOG2_E 1.4426950408889634f

// x/2 (1 + tanh(y)) = x / (1 + e^-2y), y = sqrt(2 / pi) (x + 0.044715 x^3).
INLINE vf v_gelu_tanh(vf x) {
  const float linear = -2.0f * LOG2_E * 0.7978845608028654f;
  const vf t = x * v_fma(x * x, (vf)(linear * 0.044715f), (vf)linear);
  return x / (v_exp2(t) + 1.0f);
}

// 1 - 2 / (e^2x + 1).
INLINE vf v_tanh(vf x) { return 1.0f - 2.0f / (v_exp2(x * (2.0f * LOG2_E)) + 1.0f); }

// x / (1 + e^-x).
INLINE vf v_silu(vf x) { return x / (v_exp2(x * -LOG2_E) + 1.0f); }

// Meant for a constant `activation`: then nothing of the choice remains.
INLINE vf activate(ck_activation activation, vf x) {
  switch (activation) {
    case CK_ACTIVATION_NONE: return x;
    case CK_ACTIVATION_GELU: return v_gelu(x);
    case CK_ACTIVATION_GELU_TANH: return v_gelu_tanh(x);
    case CK_ACTIVATION_RELU: return v_max((vf)0.0f, x);
    case CK_ACTIVATION_TANH: return v_tanh(x);
    case CK_ACTIVATION_SILU: return v_silu(x);
  }
  __builtin_unreachable();
}
