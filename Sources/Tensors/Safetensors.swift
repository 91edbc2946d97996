// Safetensors files: eight bytes of header length, a JSON header, the data. Nothing is believed
// before it is checked, and nothing is allocated by a number that a file claims.

package import Core
package import Foundation

/// The tensors of a checkpoint, by name, in one file or several.
package struct Safetensors: Sendable {
  /// How messages name the whole: the file, or the index of several.
  package let name: String
  package private(set) var tensors: [String: Tensor]

  init(name: String, tensors: [String: Tensor]) {
    self.name = name
    self.tensors = tensors
  }

  /// A tensor that has to be there.
  ///
  /// - Throws: `.malformed` with the full name.
  package func tensor(_ name: String) throws(Failure) -> Tensor {
    if let tensor = tensors[name] { return tensor }
    throw Failure(
      .malformed, self.name, "lacks the tensor \(name)",
      hint: "check that config.json and the weights belong to the same model")
  }

  /// Opens one file and checks its whole header; the data stay on disk.
  ///
  /// The rules are the reference implementation's, and duplicate names are refused: the tensors
  /// lie one after the other without gap or overlap and end where the file ends.
  package init(file url: URL) throws(Failure) {
    let file = try MappedFile(url)
    let header = try Self.header(of: file)
    var tensors: [String: Tensor] = [:]
    tensors.reserveCapacity(header.members.entries.count)
    var places: [(range: Range<Int>, name: String)] = []
    for (name, entry) in header.members.entries where name != "__metadata__" {
      let (tensor, range) = try Self.tensor(name, entry, in: file, dataStart: header.end)
      tensors[name] = tensor
      places.append((range, name))
    }
    try Self.checkPlaces(places, dataCount: file.count - header.end, of: file)
    self.init(name: file.name, tensors: tensors)
  }

  // The reference implementation's limit.
  static let headerLimit = 100_000_000

  private static func header(
    of file: MappedFile
  ) throws(Failure) -> (members: JSON.Members, end: Int) {
    guard file.count >= 8 else {
      throw Failure(
        .malformed, file.name, "has no safetensors header: only \(file.count) bytes",
        hint: "download the file again")
    }
    let length = file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(headerLimit), length <= UInt64(file.count - 8) else {
      throw Failure(
        .malformed, file.name,
        "says that its header has \(length) bytes, in a file of \(file.count)",
        hint: "download the file again; it is truncated, or no safetensors file")
    }
    guard length > 0 else { throw Failure(.malformed, file.name, "has an empty header") }
    let end = 8 + Int(length)
    let parsed: JSON
    do throws(JSON.SyntaxError) {
      parsed = try JSON(parsing: file.bytes(8..<end))
    } catch {
      throw Failure(.malformed, file.name, "its header is not JSON: \(error)")
    }
    guard let members = parsed.members else {
      throw Failure(.malformed, file.name, "its header is JSON, but no object")
    }
    return (members, end)
  }

  private static func tensor(
    _ name: String, _ entry: JSON, in file: MappedFile, dataStart: Int
  ) throws(Failure) -> (Tensor, Range<Int>) {
    func wrong(_ what: String) -> Failure {
      Failure(.malformed, file.name, "header entry of tensor \(name): \(what)")
    }
    guard entry.members != nil else { throw wrong("is no object") }
    guard let type = entry["dtype"]?.string else { throw wrong("has no dtype") }
    guard let bits = Tensor.bits[type] else { throw wrong("has the unknown dtype \(type)") }
    guard let dimensions = entry["shape"]?.array else { throw wrong("has no shape") }
    var shape: [Int] = []
    var elements = 1
    for dimension in dimensions {
      guard let size = dimension.integer, size >= 0 else {
        throw wrong("its shape holds something else than whole numbers from 0 up")
      }
      let (product, overflows) = elements.multipliedReportingOverflow(by: size)
      guard !overflows else { throw wrong("its shape overflows") }
      elements = product
      shape.append(size)
    }
    guard let offsets = entry["data_offsets"]?.array, offsets.count == 2,
      let start = offsets[0].integer, let end = offsets[1].integer
    else { throw wrong("has no data_offsets of two whole numbers") }
    let dataCount = file.count - dataStart
    guard start >= 0, start <= end, end <= dataCount else {
      throw wrong(
        "its data_offsets [\(start), \(end)] are outside the file's \(dataCount) bytes of data;"
          + " the file may be truncated")
    }
    let (size, overflows) = elements.multipliedReportingOverflow(by: bits)
    guard !overflows, size % 8 == 0, size / 8 == end - start else {
      throw wrong("its shape \(Tensor.text(shape)) of \(type) does not fill \(end - start) bytes")
    }
    let tensor = Tensor(
      name: name, type: type, shape: shape, source: .file(file, offset: dataStart + start))
    return (tensor, start..<end)
  }

  private static func checkPlaces(
    _ places: [(range: Range<Int>, name: String)], dataCount: Int, of file: MappedFile
  ) throws(Failure) {
    var end = 0
    let ordered = places.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for (range, name) in ordered {
      guard range.lowerBound == end else {
        let what = range.lowerBound < end ? "overlap those of another tensor" : "leave a gap before"
        throw Failure(
          .malformed, file.name,
          "invalid data_offsets: \(range.lowerBound) of tensor \(name) \(what) (expected \(end))")
      }
      end = range.upperBound
    }
    guard end == dataCount else {
      throw Failure(
        .malformed, file.name,
        "invalid size: \(dataCount - end) trailing bytes after the data of the last tensor")
    }
  }
}
