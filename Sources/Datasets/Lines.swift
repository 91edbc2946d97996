// From blocks of bytes to lines: the part that all formats of texts share.

import Core
import Foundation

/// Blocks of a file as it is.
enum FileBlocks {
  static nonisolated(nonsending) func each(
    of file: URL, _ body: nonisolated(nonsending) ([UInt8]) async throws(Failure) -> Void
  ) async throws(Failure) {
    let handle = try DataFile.open(file)
    defer { try? handle.close() }
    var block: [UInt8] = []
    while true {
      if Task.isCancelled { throw .interrupted(reading: FilePaths.display(file)) }
      do {
        guard try handle.readBlock(into: &block) else { return }
      } catch {
        throw Failure(
          .system, FilePaths.display(file), "cannot be read", cause: error.localizedDescription)
      }
      try await body(block)
    }
  }
}

extension Failure {
  static func interrupted(reading subject: String) -> Failure {
    Failure(.interrupted, subject, "reading was stopped")
  }
}

/// Turns the blocks of one file into rows.
protocol RowReader {
  /// Takes the next block of the file's text and hands over the rows that it completes.
  mutating func take(_ block: [UInt8], _ body: ([JSON]) throws(Failure) -> Void) throws(Failure)
  /// Takes note of the end of the file.
  mutating func finish(_ body: ([JSON]) throws(Failure) -> Void) throws(Failure)
}

/// Cuts blocks into lines at each line feed, which is not part of the line.
struct LineSplitter {
  /// Longer lines are no text that anybody embeds, but a file of another kind.
  static let longest = 64 << 20

  private let subject: String
  private let longest: Int
  private var pending: [UInt8] = []
  /// The number of the line handed out last, from 1.
  private(set) var line = 0

  init(subject: String, longest: Int = Self.longest) {
    self.subject = subject
    self.longest = longest
  }

  typealias Body = (_ line: ArraySlice<UInt8>, _ number: Int) throws(Failure) -> Void

  mutating func take(_ block: [UInt8], _ body: Body) throws(Failure) {
    var start = 0
    while let end = block.firstIndex(of: UInt8(ascii: "\n"), from: start) {
      if pending.isEmpty {
        try hand(block[start..<end], body)
      } else {
        pending.append(contentsOf: block[start..<end])
        let whole = pending
        pending.removeAll(keepingCapacity: true)
        try hand(whole[...], body)
      }
      start = end + 1
    }
    pending.append(contentsOf: block[start...])
    try checkLength(pending.count)
  }

  /// Hands out a last line that no line feed ends.
  mutating func finish(_ body: Body) throws(Failure) {
    if !pending.isEmpty { try hand(pending[...], body) }
    pending = []
  }

  private mutating func hand(_ bytes: ArraySlice<UInt8>, _ body: Body) throws(Failure) {
    try checkLength(bytes.count)
    line += 1
    var bytes = bytes
    if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
    try body(bytes, line)
  }

  private func checkLength(_ count: Int) throws(Failure) {
    guard count <= longest else {
      throw Failure(
        .malformed, "\(subject):\(line + 1)", "a line longer than \(longest) bytes",
        hint: "check that the file is of the format its name says")
    }
  }
}

extension [UInt8] {
  /// Where a byte comes next; the system's search looks at many bytes at once.
  func firstIndex(of byte: UInt8, from start: Int) -> Int? {
    withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start < bytes.count,
        let found = memchr(base + start, Int32(byte), bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }
}
