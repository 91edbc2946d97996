// NumPy .npy files, versions 1 to 3: dense little-endian floating-point arrays in C order.

package import Core
package import Foundation

/// A dense array from a `.npy` file, as f32.
///
/// NaN and infinity are kept: whether they are allowed is the caller's question, see
/// `Kernels.areFinite`.
package struct NumpyFile: Sendable {
  package let shape: [Int]
  /// Row-major, as many as the shape says.
  package let values: [Float]

  package init(shape: [Int], values: [Float]) {
    precondition(shape.reduce(1, *) == values.count, "\(values.count) values in shape \(shape)")
    self.shape = shape
    self.values = values
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads a file of float32, float16 or float64.
  ///
  /// - Throws: `.malformed` for every fault of the header or the size, `.unsupported` for another
  ///   type, byte order or Fortran order.
  package init(reading url: URL) throws(Failure) {
    let file = try MappedFile(url)
    let (header, dataStart) = try Self.header(of: file)
    var count = 1
    for size in header.shape {
      let (product, overflows) = count.multipliedReportingOverflow(by: size)
      guard !overflows else { throw Failure(.malformed, file.name, "its shape overflows") }
      count = product
    }
    let (needed, overflows) = count.multipliedReportingOverflow(by: header.type.bytes)
    guard !overflows, needed == file.count - dataStart else {
      throw Failure(
        .malformed, file.name,
        "has \(file.count - dataStart) bytes of data where shape \(Tensor.text(header.shape)) of"
          + " \(header.type.rawValue) needs \(overflows ? "far more" : String(needed))",
        hint: "write the file again; it may be truncated")
    }
    shape = header.shape
    values = Self.floats(file, from: dataStart, count: count, header.type)
  }

  /// The rows of a two-dimensional array.
  ///
  /// - Throws: as `init(reading:)`, and `.malformed` where the array is not [count, dimensions].
  package static func embeddings(at url: URL) throws(Failure) -> Embeddings {
    let array = try NumpyFile(reading: url)
    guard array.shape.count == 2, array.shape[1] > 0 else {
      throw Failure(
        .malformed, FilePaths.display(url),
        "has shape \(Tensor.text(array.shape)), expected [count, dimensions]")
    }
    return Embeddings(dimensions: array.shape[1], values: array.values)
  }

  /// The bytes of a version 1 file of float32 with these vectors.
  package static func bytes(of embeddings: Embeddings) -> [UInt8] {
    let shape = "(\(embeddings.count), \(embeddings.dimensions))"
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }"
    // The data start at a multiple of 64 bytes; the header ends with a newline.
    let unpadded = magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
    var bytes = magic + [1, 0]
    bytes += [UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)]
    bytes += text.utf8
    bytes.reserveCapacity(bytes.count + 4 * embeddings.values.count)
    embeddings.values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    return bytes
  }

  // MARK: Header

  enum ElementType: String {
    case float16 = "<f2"
    case float32 = "<f4"
    case float64 = "<f8"
    var bytes: Int {
      switch self {
      case .float16: 2
      case .float32: 4
      case .float64: 8
      }
    }
  }

  private static func header(
    of file: MappedFile
  ) throws(Failure) -> (header: (type: ElementType, shape: [Int]), dataStart: Int) {
    guard file.count >= 10, file.bytes(0..<6) == magic else {
      throw Failure(.malformed, file.name, "is not a .npy file: it does not start with \\x93NUMPY")
    }
    let major = file.bytes(6..<7)[0]
    guard (1...3).contains(major) else {
      throw Failure(.unsupported, file.name, ".npy version \(major), expected 1, 2 or 3")
    }
    // Version 1 has two bytes of header length, 2 and 3 have four.
    let start = major == 1 ? 10 : 12
    guard file.count >= start else { throw Failure(.malformed, file.name, "its header is cut") }
    let length = file.bytes(8..<start).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= min(file.count - start, 1 << 20) else {
      throw Failure(
        .malformed, file.name,
        "says that its header has \(length) bytes, in a file of \(file.count)")
    }
    guard let text = String(validating: file.bytes(start..<start + length), as: UTF8.self) else {
      throw Failure(.malformed, file.name, "its header is not UTF-8")
    }
    return (try parse(header: text, of: file.name), start + length)
  }

  private static func parse(
    header text: String, of name: String
  ) throws(Failure) -> (type: ElementType, shape: [Int]) {
    var parser = NumpyHeader(text)
    guard let facts = parser.parse() else {
      throw Failure(.malformed, name, "its header is not the expected Python dictionary")
    }
    guard let type = ElementType(rawValue: facts.type) else {
      throw Failure(
        .unsupported, name, "its numbers have type '\(facts.type)'",
        hint: "save the array as little-endian float32, float16 or float64")
    }
    guard !facts.isFortranOrder else {
      throw Failure(
        .unsupported, name, "is in Fortran order",
        hint: "save numpy.ascontiguousarray of the array")
    }
    return (type, facts.shape)
  }

  // MARK: Data

  private static func floats(
    _ file: MappedFile, from start: Int, count: Int, _ type: ElementType
  ) -> [Float] {
    guard count > 0, let bytes = file.address(of: start) else { return [] }
    return [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = count
      switch type {
      case .float32:
        UnsafeMutableRawBufferPointer(buffer).baseAddress?
          .copyMemory(from: bytes, byteCount: 4 * count)
      case .float16:
        guard let out = buffer.baseAddress else { return }
        Kernels.portable.convertF16(bytes, count: count, into: out)
      case .float64:
        for i in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self)
          buffer[i] = Float(Double(bitPattern: bits))
        }
      }
    }
  }
}

/// The Python dictionary in front of the data: three known keys in any order, and nothing else.
private struct NumpyHeader {
  private var rest: Substring
  private var type: String?
  private var isFortranOrder: Bool?
  private var shape: [Int]?

  init(_ text: String) { rest = text[...] }

  /// nil for anything that NumPy does not write.
  mutating func parse() -> (type: String, isFortranOrder: Bool, shape: [Int])? {
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = string(), take(":"), entry(key) else { return nil }
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipSpace()
    guard rest.isEmpty, let type, let isFortranOrder, let shape else { return nil }
    return (type, isFortranOrder, shape)
  }

  private mutating func entry(_ key: Substring) -> Bool {
    switch key {
    case "descr" where type == nil:
      type = string().map(String.init)
      return type != nil
    case "fortran_order" where isFortranOrder == nil:
      isFortranOrder = take("True") ? true : take("False") ? false : nil
      return isFortranOrder != nil
    case "shape" where shape == nil:
      shape = tuple()
      return shape != nil
    default:
      return false
    }
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var sizes: [Int] = []
    while !take(")") {
      skipSpace()
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let size = Int(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      sizes.append(size)
      if !take(",") {
        guard take(")") else { return nil }
        break
      }
    }
    return sizes
  }

  private mutating func string() -> Substring? {
    guard let quote: Character = take("'") ? "'" : take("\"") ? "\"" : nil,
      let end = rest.firstIndex(of: quote)
    else { return nil }
    defer { rest = rest[rest.index(after: end)...] }
    return rest[..<end]
  }

  private mutating func take(_ word: String) -> Bool {
    skipSpace()
    guard rest.hasPrefix(word) else { return false }
    rest = rest.dropFirst(word.count)
    return true
  }

  private mutating func skipSpace() {
    rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" }
  }
}
