// Safetensors headers: every rule of the format by a file that breaks it. The stored broken
// checkpoints of the reference are tested with the engine.

import Core
import Foundation
import TestSupport
import Testing

@testable import Tensors

@Suite struct SafetensorsTests {
  private func open(_ header: String, dataCount: Int) async throws -> Safetensors {
    var length = UInt64(header.utf8.count).littleEndian
    let bytes = withUnsafeBytes(of: &length) { Data($0) } + Data(header.utf8)
    // The map of the file outlives the folder.
    return try await withTemporaryFolder { folder in
      let file = folder.appending(path: "a.safetensors")
      try (bytes + Data(count: dataCount)).write(to: file)
      return try Safetensors(file: file)
    }
  }

  @Test func `tensors are found in any order, without elements, with padding`() async throws {
    let file = try await open(
      #"""
      {"b": {"dtype": "F16", "shape": [2, 1], "data_offsets": [4, 8]},
       "__metadata__": {"format": "pt"}, "none": {"dtype": "F32", "shape": [0, 3], "data_offsets": [4, 4]},
       "a": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}       \#("")
      """#, dataCount: 8)
    #expect(file.tensors.keys.sorted() == ["a", "b", "none"])
    #expect(try file.tensor("a").count == 1)
    #expect(try file.tensor("b").floats([2, 1], try Kernels()).values == [0, 0])
    #expect(try file.tensor("none").floats([0, 3], try Kernels()).values == [])
  }

  @Test(arguments: [
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4, 8]}}"#, "data_offsets"),
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, "4"]}}"#, "data_offsets"),
    (#"{"a": {"dtype": "F32", "shape": 1, "data_offsets": [0, 4]}}"#, "shape"),
    (#"{"a": {"dtype": 32, "shape": [1], "data_offsets": [0, 4]}}"#, "dtype"),
    (#"{"a": {"dtype": "F4", "shape": [3], "data_offsets": [0, 2]}}"#, "shape"),
    (#"{"a": {"dtype": "F16", "shape": [1], "data_offsets": [2, 4]}}"#, "gap"),
    (#"{}"#, "trailing"), (#"{"a": null}"#, "no object"),
    (
      #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#,
      "overlap"
    ),
  ])
  func `a header that breaks a rule is refused`(header: String, word: String) async throws {
    let failure = await #expect(throws: Failure.self) {
      _ = try await open(header, dataCount: 4)
    }
    #expect(failure?.code == .malformed)
    #expect(failure?.message.contains(word) == true, "\(String(describing: failure))")
  }

  @Test(arguments: ["I8", "I64", "BOOL", "F8_E4M3", "C64"])
  func `a type that is no plain floating-point number is refused only when it is used`(
    type: String
  ) async throws {
    let bytes = (Tensor.bits[type] ?? 0) / 8
    let file = try await open(
      #"{"a": {"dtype": "\#(type)", "shape": [1], "data_offsets": [0, \#(bytes)]}}"#,
      dataCount: bytes)
    let failure = #expect(throws: Failure.self) {
      try file.tensor("a").floats([1], try Kernels())
    }
    #expect(failure?.code == .unsupported)
    #expect(failure?.message == "tensor a has dtype \(type)")
  }

  @Test func `f32 at an odd address is read as well`() async throws {
    let header = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    for padding in 0..<4 {
      let file = try await open(header + String(repeating: " ", count: padding), dataCount: 8)
      #expect(try file.tensor("a").floats([2], try Kernels()).values == [0, 0])
    }
  }
}
