// Running the program as a user does.

package import Foundation

/// What a finished program left.
package struct Finished: Sendable {
  package let status: Int32
  package let output: String
  package let errors: String
}

package enum Program {
  /// Runs `borda` in a folder and waits for it.
  ///
  /// `interruptAfter` sends SIGINT once standard error holds that text.
  package static func run(
    _ arguments: [String], in folder: URL, input: String = "", interruptAfter mark: String? = nil,
    environment: [String: String] = [:]
  ) async throws -> Finished {
    let process = Process()
    process.executableURL = Repository.program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment
      .merging(environment) { $1 }
    // Files instead of pipes: no reader has to keep up.
    let names = ["in", "out", "err"].map { folder.appending(path: ".\($0)-\(UUID().uuidString)") }
    defer { names.forEach { try? FileManager.default.removeItem(at: $0) } }
    try Data(input.utf8).write(to: names[0])
    try Data().write(to: names[1])
    try Data().write(to: names[2])
    process.standardInput = try FileHandle(forReadingFrom: names[0])
    process.standardOutput = try FileHandle(forWritingTo: names[1])
    process.standardError = try FileHandle(forWritingTo: names[2])
    try process.run()
    var isInterrupted = mark == nil
    while process.isRunning {
      try await Task.sleep(for: .milliseconds(5))
      if !isInterrupted, let mark, try read(names[2]).contains(mark) {
        process.interrupt()
        isInterrupted = true
      }
    }
    return Finished(
      status: process.terminationStatus, output: try read(names[1]), errors: try read(names[2]))
  }

  private static func read(_ url: URL) throws -> String {
    String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }
}
