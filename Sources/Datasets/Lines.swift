// From blocks of bytes to lines: the part that all line-based formats share.

import Core
import Foundation

/// Blocks of a file as it is.
enum FileBlocks {
  private static let size = 1 << 18

  static nonisolated(nonsending) func each(
    of file: URL, _ body: nonisolated(nonsending) ([UInt8]) async throws(Failure) -> Void
  ) async throws(Failure) {
    let handle: FileHandle
    do {
      handle = try FileHandle(forReadingFrom: file)
    } catch {
      throw unreadable(file, error)
    }
    defer { try? handle.close() }
    while true {
      if Task.isCancelled { throw .interrupted(reading: FilePaths.display(file)) }
      let block: Data?
      do {
        block = try handle.read(upToCount: size)
      } catch {
        throw unreadable(file, error)
      }
      guard let block, !block.isEmpty else { return }
      try await body([UInt8](block))
    }
  }

  static func unreadable(_ file: URL, _ error: any Error) -> Failure {
    Failure(
      .system, FilePaths.display(file), "cannot be read", cause: error.localizedDescription)
  }
}

extension Failure {
  static func interrupted(reading subject: String) -> Failure {
    Failure(.interrupted, subject, "reading was stopped")
  }
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
    var rest = block[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      if pending.isEmpty {
        try hand(rest[..<end], body)
      } else {
        pending.append(contentsOf: rest[..<end])
        let whole = pending
        pending.removeAll(keepingCapacity: true)
        try hand(whole[...], body)
      }
      rest = rest[(end + 1)...]
    }
    pending.append(contentsOf: rest)
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
