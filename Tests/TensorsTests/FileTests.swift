// Mapped files and NumPy arrays: what is read, and what is refused.

import Core
import Foundation
import TestSupport
import Testing

@testable import Tensors

@Suite struct MappedFileTests {
  @Test func `a file is read whole, an empty one too`() async throws {
    try await withTemporaryFolder { folder in
      let file = try folder.write("a", "hello")
      #expect(try MappedFile.contents(of: file, sizeLimit: 5) == Array("hello".utf8))
      let empty = try MappedFile(try folder.write("empty", ""))
      #expect(empty.count == 0 && empty.bytes(0..<0) == [])
    }
  }

  @Test(arguments: [
    ("nothing", 9, Failure.Code.missing, "does not exist"), ("below", 9, .malformed, "a folder"),
    ("circle", 9, .malformed, "circle"), ("below/a", 4, .malformed, "too large"),
    ("below/a/b", 9, .missing, "does not exist"),
  ])
  func `what is no regular file, or too large, is refused`(
    name: String, limit: Int, code: Failure.Code, word: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("below/a", "hello")
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "circle").path(percentEncoded: false),
        withDestinationPath: "circle")
      let failure = #expect(throws: Failure.self) {
        try MappedFile(folder.appending(path: name), sizeLimit: limit)
      }
      #expect(failure?.code == code)
      #expect(failure?.message.contains(word) == true)
    }
  }

  @Test func `a deleted file stays readable`() async throws {
    let file = try await withTemporaryFolder { try MappedFile(try $0.write("a", "hello")) }
    #expect(file.bytes(1..<3) == Array("el".utf8))
  }
}

@Suite struct NumpyFileTests {
  /// Reads bytes as a file.
  private func read(_ bytes: [UInt8]) async throws -> NumpyFile {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "a.npy")
      try Data(bytes).write(to: file)
      return try NumpyFile(reading: file)
    }
  }

  private func readEmbeddings(_ bytes: [UInt8]) async throws -> Embeddings {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "a.npy")
      try Data(bytes).write(to: file)
      return try NumpyFile.embeddings(at: file)
    }
  }

  /// A file with this header text and data.
  private func file(
    _ header: String, _ data: [UInt8], version: UInt8 = 1, length: Int? = nil
  ) -> [UInt8] {
    let size = length ?? header.utf8.count
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    bytes += [UInt8(size & 0xFF), UInt8(size >> 8 & 0xFF)]
    if version > 1 { bytes += [UInt8(size >> 16 & 0xFF), UInt8(size >> 24 & 0xFF)] }
    return bytes + Array(header.utf8) + data
  }

  private func dictionary(_ type: String, _ shape: String) -> String {
    "{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }\n"
  }

  @Test func `what is written is read back, and starts at a multiple of 64`() async throws {
    let values: [Float] = [1, -2.5, .infinity, 0, .leastNonzeroMagnitude, 7]
    let vectors = Embeddings(dimensions: 3, values: values)
    let bytes = NumpyFile.bytes(of: vectors)
    #expect((bytes.count - 24) % 64 == 0)
    #expect(try await readEmbeddings(bytes) == vectors)
  }

  @Test func `no rows are written and read`() async throws {
    let vectors = Embeddings(dimensions: 3, values: [])
    #expect(try await readEmbeddings(NumpyFile.bytes(of: vectors)) == vectors)
  }

  @Test(arguments: [UInt8(1), 2, 3])
  func `half, single and double precision are read in every version`(version: UInt8) async throws {
    // 1.5 and -2 in each type, then what is special to half precision.
    let halves: [UInt8] = [0x00, 0x3E, 0x00, 0xC0, 0x01, 0x00, 0x00, 0xFC]
    let half = try await read(file(dictionary("<f2", "(2, 2)"), halves, version: version))
    #expect(half.values == [1.5, -2, 5.960_464_5e-8, -.infinity])
    let doubles: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0]
    let double = try await read(file(dictionary("<f8", "(2,)"), doubles, version: version))
    #expect(double.values == [1.5, -2])
    #expect(double.shape == [2])
  }

  @Test(arguments: [
    ("{'descr': '>f4', 'fortran_order': False, 'shape': (1, 1)}", Failure.Code.unsupported, ">f4"),
    ("{'descr': '<i4', 'fortran_order': False, 'shape': (1, 1)}", .unsupported, "<i4"),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 1)}", .unsupported, "Fortran"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}", .malformed, "needs 8"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 1)}", .malformed, "needs 0"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", .malformed, "shape [1]"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 1)}", .malformed, "shape [1, 1, 1]"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 1)}", .malformed, "dictionary"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", .malformed,
      "overflow"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1)}", .malformed,
      "dictionary"
    ),
    ("{'descr': '<f4', 'fortran_order': False}", .malformed, "dictionary"),
    (
      "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)}", .malformed,
      "dictionary"
    ),
    (
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1, 1)}", .malformed, "dictionary"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1)} x", .malformed, "dictionary"),
    ("", .malformed, "dictionary"),
  ])
  func `a header that is not understood is refused`(
    header: String, code: Failure.Code, word: String
  ) async throws {
    let failure = await #expect(throws: Failure.self) {
      _ = try await readEmbeddings(file(header, [0, 0, 0, 0]))
    }
    #expect(failure?.code == code)
    #expect(failure?.message.contains(word) == true, "\(String(describing: failure))")
  }

  @Test func `a file cut anywhere is refused`() async throws {
    let whole = NumpyFile.bytes(of: Embeddings(dimensions: 2, values: [1, 2, 3, 4]))
    for count in 0..<whole.count {
      await #expect(throws: Failure.self) {
        _ = try await readEmbeddings(Array(whole.prefix(count)))
      }
    }
  }

  @Test func `a header length beyond the file is refused`() async throws {
    await #expect(throws: Failure.self) {
      _ = try await read(file(dictionary("<f4", "(1, 1)"), [], version: 2, length: 0xFFFF_FFFF))
    }
  }
}
