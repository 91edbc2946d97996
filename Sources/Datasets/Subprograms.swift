// Programs of the system that read what Borda does not: one function starts them, streams what
// they print, and ends them when the surrounding task is cancelled.

import Core
import Foundation
import Subprocess

/// A program at a known place.
struct Subprogram: Sendable {
  let program: URL

  /// The first executable file of this name in the folders of PATH, then in the folders given.
  static func find(_ name: String, extraFolders: [URL] = []) -> URL? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders =
      path.split(separator: ":").filter { $0.hasPrefix("/") }.map { URL(filePath: String($0)) }
      + extraFolders
    return folders.map { $0.appending(path: name) }.first {
      FilePaths.kind(of: $0) == .file
        && FileManager.default.isExecutableFile(atPath: $0.path(percentEncoded: false))
    }
  }

  /// Streams the standard output of a run.
  ///
  /// - Parameters:
  ///   - arguments: handed over as they are, no shell is involved
  ///   - subject: the file being read, for failures
  ///   - complaint: what to say when the program fails; its own words become the cause
  ///   - body: takes a block of output; what it throws ends the program
  /// - Throws: what `body` throws; `.malformed` with the complaint when the program fails,
  ///   `.system` when it cannot be run, `.interrupted` when the task is cancelled
  nonisolated(nonsending) func run(
    _ arguments: [String], subject: String, complaint: String,
    _ body: nonisolated(nonsending) ([UInt8]) async throws(Failure) -> Void
  ) async throws(Failure) {
    var options = PlatformOptions()
    // A group of its own: a wrapper script and the program below it end together, and the
    // terminal's Ctrl-C reaches Borda alone, which then cancels.
    options.processGroupID = 0
    options.teardownSequence = [
      .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(5))
    ]
    let status: TerminationStatus
    let words: String
    do {
      let folder = program.deletingLastPathComponent().path(percentEncoded: false)
      let path = try await Executable.name(program.lastPathComponent).resolveExecutablePath(
        in: .inherit.updating(["PATH": folder]))
      let result = try await Subprocess.run(
        .path(path), arguments: Arguments(arguments), platformOptions: options, input: .none,
        output: .sequence, error: .string(limit: 1 << 20)
      ) { execution in
        for try await block in execution.standardOutput {
          try Task.checkCancellation()
          try await body(block.withUnsafeBytes { Array($0) })
        }
      }
      status = result.terminationStatus
      words = result.standardError
    } catch let failure as Failure {
      throw failure
    } catch {
      if Task.isCancelled { throw .interrupted(reading: subject) }
      throw Failure(
        .system, subject, "cannot run \(FilePaths.display(program))",
        cause: String(describing: error))
    }
    if Task.isCancelled { throw .interrupted(reading: subject) }
    guard status.isSuccess else {
      throw Failure(.malformed, subject, complaint, cause: Self.shortened(words))
    }
  }

  /// The first line of what a program complained, at most 300 characters.
  static func shortened(_ words: String) -> String? {
    words.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) }
      .map { $0.count > 300 ? $0.prefix(299) + "…" : String($0) }
  }
}

/// Decompression by the programs that every system has for it.
///
/// DuckDB could read compressed JSON too, but guesses types: a text that looks like a date would
/// come back as another text.
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
    try await Subprogram(program: program).run(
      ["-dc", "--", file.path(percentEncoded: false)], subject: subject,
      complaint: "cannot be decompressed", body)
  }
}
