// Writing safetensors files: the header first, from shapes alone, then the data piece by piece, so
// that a file may be larger than the memory.

package import Core

package import struct Foundation.URL

/// A tensor that a file will hold: everything its header says, before there is any data.
package struct TensorEntry: Sendable, Hashable {
  package let name: String
  /// As the format names it: `F32`, `BF16`, `I64` and so on.
  package let type: String
  package let shape: [Int]
  package let byteCount: Int

  /// - Throws: `.unsupported` for a type that the format lacks, for a name that it reserves and for
  ///   a shape whose bytes cannot be counted.
  package init(name: String, type: String, shape: [Int]) throws(Failure) {
    self.name = name
    self.type = type
    self.shape = shape
    guard name != "__metadata__" else {
      throw Failure(.unsupported, name, "is no name for a tensor: the format uses it itself")
    }
    guard let bits = Tensor.bits[type] else {
      throw Failure(.unsupported, name, "has dtype \(type), which safetensors files lack")
    }
    var size = bits
    for length in shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflows else {
        throw Failure(
          .unsupported, name, "has the shape \(Tensor.text(shape)), which no file holds")
      }
      size = product
    }
    guard size % 8 == 0 else {
      throw Failure(
        .unsupported, name, "has \(size) bits of \(type), which do not fill whole bytes")
    }
    byteCount = size / 8
  }

  fileprivate var alignment: Int { Tensor.bits[type] ?? 8 }
}

/// Writes one safetensors file.
///
/// The data start at a multiple of 8 bytes (the header ends in spaces) and lie in the order of
/// `order`: the widest types first, then by name, byte by byte. So every tensor starts at a multiple
/// of its own element's size, and equal contents make equal files. What is not finished is removed.
package final class SafetensorsWriter {
  /// The tensors in the order in which their data have to come.
  package let order: [TensorEntry]
  /// Bytes of header and data together.
  package let fileSize: Int
  private let file: NewFile
  // Which tensor's turn it is, and how many of its bytes are there.
  private var turn = 0
  private var filled = 0

  /// Creates the file and writes its header.
  ///
  /// - Parameters:
  ///   - url: where there is no file yet.
  ///   - entries: the tensors, in any order, each name once.
  ///   - metadata: free texts of the header; PyTorch's readers want `format`.
  /// - Throws: `.unsupported` for a header or a file beyond what readers accept; `.system` for what
  ///   the operating system refuses.
  package init(
    creating url: URL, entries: [TensorEntry], metadata: [(String, String)] = [("format", "pt")]
  ) throws(Failure) {
    order = Self.ordered(entries)
    let name = FilePaths.display(url)
    let header = try Self.header(order, metadata, name)
    var size = header.count
    for entry in order {
      let (sum, overflows) = size.addingReportingOverflow(entry.byteCount)
      guard !overflows else { throw Failure(.unsupported, name, "would be too large for a file") }
      size = sum
    }
    fileSize = size
    file = try NewFile(creating: url)
    try file.append(header)
  }

  /// Writes bytes of the tensor whose turn it is, behind those that are there.
  package func append(_ bytes: [UInt8], of name: String) throws(Failure) {
    skipFull()
    precondition(turn < order.count, "\(name) after the last tensor")
    precondition(order[turn].name == name, "\(name) where \(order[turn].name) is due")
    precondition(
      filled + bytes.count <= order[turn].byteCount,
      "\(filled + bytes.count) bytes of \(name), which has \(order[turn].byteCount)")
    try file.append(bytes)
    filled += bytes.count
  }

  /// Flushes the finished file to the disk.
  package func finish() throws(Failure) {
    skipFull()
    precondition(turn == order.count, "finished with \(order.count - turn) tensors to come")
    try file.finish()
  }

  private func skipFull() {
    while turn < order.count, filled == order[turn].byteCount {
      turn += 1
      filled = 0
    }
  }

  private static func ordered(_ entries: [TensorEntry]) -> [TensorEntry] {
    let order = entries.sorted {
      $0.alignment != $1.alignment
        ? $0.alignment > $1.alignment
        : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    for (a, b) in zip(order, order.dropFirst()) {
      precondition(!a.name.utf8.elementsEqual(b.name.utf8), "the tensor \(a.name) twice")
    }
    return order
  }

  private static func header(
    _ order: [TensorEntry], _ metadata: [(String, String)], _ name: String
  ) throws(Failure) -> [UInt8] {
    var members: [(String, JSON)] = []
    if !metadata.isEmpty {
      members.append(("__metadata__", .object(metadata.map { ($0.0, .string($0.1)) })))
    }
    var offset = 0
    for entry in order {
      let end = offset &+ entry.byteCount
      members.append(
        (
          entry.name,
          .object([
            ("dtype", .string(entry.type)), ("shape", .array(entry.shape.map { .integer($0) })),
            ("data_offsets", .array([.integer(offset), .integer(end)])),
          ])
        ))
      offset = end
    }
    var text = Array(JSON.object(members).line.utf8)
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    guard text.count <= Safetensors.headerLimit else {
      throw Failure(
        .unsupported, name,
        "would have a header of \(text.count) bytes, more than the \(Safetensors.headerLimit) that"
          + " readers accept", hint: "write fewer tensors into one file")
    }
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) } + text
  }
}

extension SafetensorsWriter {
  /// The bytes of a file with these vectors as its one tensor, float32, [count, dimensions].
  ///
  /// - Throws: never for vectors that fit into memory.
  package static func bytes(
    of embeddings: Embeddings, named name: String = "embeddings"
  ) throws(Failure) -> [UInt8] {
    let entry = try TensorEntry(
      name: name, type: "F32", shape: [embeddings.count, embeddings.dimensions])
    var bytes = try header([entry], [("format", "pt")], name)
    bytes.reserveCapacity(bytes.count + entry.byteCount)
    embeddings.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    return bytes
  }
}
