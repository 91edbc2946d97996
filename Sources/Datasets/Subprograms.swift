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
  ///   - body: takes a block of output; what it throws ends the program. The next block is read
  ///     when it returns: a program that is faster than the taker of its output waits.
  /// - Returns: how it ended
  /// - Throws: what `body` throws; `.system` when it cannot be run or a signal ended it,
  ///   `.interrupted` when the task is cancelled
  nonisolated(nonsending) func run(
    _ arguments: [String], subject: String,
    _ body: nonisolated(nonsending) ([UInt8]) async throws(Failure) -> Void
  ) async throws(Failure) -> Ending {
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
    if case .signaled(let signal) = status {
      throw Failure(
        .system, subject, "\(FilePaths.display(program)) crashed while it read this",
        hint: "run the same command again; if it crashes again, install another version of it",
        cause: Self.shortened(words) ?? "signal \(signal)")
    }
    return Ending(isSuccess: status.isSuccess, words: Self.shortened(words))
  }

  /// How a program ended.
  struct Ending {
    let isSuccess: Bool
    /// The first line of what it complained.
    let words: String?
  }

  /// The first line of what a program complained, at most 300 characters.
  static func shortened(_ words: String) -> String? {
    words.split(whereSeparator: \.isNewline).first { !$0.allSatisfy(\.isWhitespace) }
      .map { $0.count > 300 ? $0.prefix(299) + "…" : String($0) }
  }
}
