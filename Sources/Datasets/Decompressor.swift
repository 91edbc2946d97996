// Compressed files: read by the programs that every system has for it, and not without end.

import Core
import Foundation

/// How many bytes may come out of a file: what makes data sets, and not what fills a disk or a
/// memory from a file of a few kilobytes.
struct ExpansionLimit {
  /// Texts shrink to a third or a tenth, very uniform ones to a fiftieth.
  static let factor = 100
  /// Small files may be more uniform.
  static let floor = 256 << 20

  private let subject: String
  private let limit: Int
  private var taken = 0

  /// - Parameters:
  ///   - size: of the file, in bytes
  ///   - subject: the file, for the failure
  init(size: Int, subject: String) {
    let product = size.multipliedReportingOverflow(by: Self.factor)
    limit = max(Self.floor, product.overflow ? .max : product.partialValue)
    self.subject = subject
  }

  /// - Throws: `.malformed` when more than the limit has come out
  mutating func take(_ count: Int) throws(Failure) {
    taken += count
    guard taken <= limit else {
      throw Failure(
        .malformed, subject,
        "expands to more than \(limit >> 20) MiB, over \(Self.factor) times its size",
        hint: "check what it is; if it is meant so, unpack it and put the unpacked file there")
    }
  }
}

/// Decompression by a program of the system.
struct Decompressor {
  private let name: String

  init(_ compression: FileFormat.Compression) {
    name =
      switch compression {
      case .gzip: "gzip"
      case .zstd: "zstd"
      }
  }

  nonisolated(nonsending) func eachBlock(
    of file: URL, _ body: nonisolated(nonsending) ([UInt8]) async throws(Failure) -> Void
  ) async throws(Failure) {
    let subject = FilePaths.display(file)
    guard let program = Subprogram.find(name) else {
      throw Failure(
        .missing, name, "needed to read '\(subject)'",
        hint: "install \(name) so that it is on PATH, or decompress the file")
    }
    var limit = ExpansionLimit(size: try DataFile(file).size, subject: subject)
    let ending = try await Subprogram(program: program).run(
      ["-dc", "--", file.path(percentEncoded: false)], subject: subject
    ) { block throws(Failure) in
      try limit.take(block.count)
      try await body(block)
    }
    guard ending.isSuccess else {
      throw Failure(
        .malformed, subject, "cannot be decompressed", hint: "download the file again",
        cause: ending.words)
    }
  }
}
