// Which level of the processor the kernels use: found once, or chosen by a caller.

internal import CKernels
package import Core

/// A level of the processor; higher is faster, and results differ in the last bits between levels.
package enum InstructionSet: String, Sendable, Hashable, CaseIterable {
  /// Plain C: NEON on arm64, SSE2 on x86-64.
  case portable
  /// AVX2 with FMA.
  case avx2
  /// AVX-512 F, BW, DQ, VL.
  case avx512

  /// The highest level of this processor, asked once.
  package static let best: InstructionSet =
    allCases.last { $0.isSupported } ?? .portable

  /// Whether this processor has it.
  package var isSupported: Bool { ck_isa_supported(kernelLevel) }

  /// Checks that this processor has the level.
  ///
  /// - Throws: `.usage`, naming the levels that it does have.
  package func checkSupport() throws(Failure) {
    if isSupported { return }
    let names = InstructionSet.allCases.filter(\.isSupported).map(\.rawValue)
    throw Failure(
      .usage, rawValue, "this processor lacks the instruction set",
      hint: "use one of \(names.joined(separator: ", "))")
  }

  var kernelLevel: ck_isa {
    switch self {
    case .portable: CK_ISA_PORTABLE
    case .avx2: CK_ISA_AVX2
    case .avx512: CK_ISA_AVX512
    }
  }
}
