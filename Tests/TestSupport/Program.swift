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
  /// Its caches lie in the folder, hidden: nothing comes from or gets into those of the user who runs
  /// the tests. Once standard error holds the text `interruptAfter`, or from the start without one, the
  /// signals are sent one after the other, each so many seconds after the one before; SIGINT where none
  /// is named. With `fileBlocks` no file may have more blocks of 512 bytes, as `ulimit -f` says it.
  package static func run(
    _ arguments: [String], in folder: URL, input: String = "", interruptAfter mark: String? = nil,
    signals: [(seconds: Double, number: Int32)]? = nil, fileBlocks: Int? = nil,
    environment: [String: String] = [:]
  ) async throws -> Finished {
    let process = Process()
    process.executableURL = Repository.program
    process.arguments = arguments
    if let fileBlocks {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments =
        ["-c", "ulimit -f \(fileBlocks); exec \"$@\"", "sh"]
        + [Repository.program.path(percentEncoded: false)] + arguments
    }
    process.currentDirectoryURL = folder
    let caches = folder.appending(path: ".cache").path(percentEncoded: false)
    var own = ["XDG_CACHE_HOME": caches, "BORDA_CACHE": caches + "/embeddings"]
    // No test asks a hub but one of its own.
    if environment["HF_ENDPOINT"] == nil { own["HF_HUB_OFFLINE"] = "1" }
    process.environment = ProcessInfo.processInfo.environment
      .merging(own) { $1 }
      .merging(environment) { $1 }
    // Files instead of pipes: no reader has to keep up.
    let names = ["in", "out", "err"].map { folder.appending(path: ".\($0)-\(UUID().uuidString)") }
    defer { names.forEach { try? FileManager.default.removeItem(at: $0) } }
    try Data(input.utf8).write(to: names[0])
    try Data().write(to: names[1])
    try Data().write(to: names[2])
    let handles = [
      try FileHandle(forReadingFrom: names[0]), try FileHandle(forWritingTo: names[1]),
      try FileHandle(forWritingTo: names[2]),
    ]
    // A process that has ended keeps its handles, and `run` reads past the list of open files once
    // there are more than a thousand.
    defer { handles.forEach { try? $0.close() } }
    process.standardInput = handles[0]
    process.standardOutput = handles[1]
    process.standardError = handles[2]
    try process.run()
    if mark != nil || signals != nil {
      let signals = signals ?? [(0, SIGINT)]
      Self.send(signals, to: process.processIdentifier, after: mark ?? "", in: names[2])
    }
    while process.isRunning { try await Task.sleep(for: .milliseconds(5)) }
    return Finished(
      status: process.terminationStatus, output: try read(names[1]), errors: try read(names[2]))
  }

  /// Waits for the mark in a thread of its own: tests that compute keep the threads of tasks busy for
  /// seconds, and the program would be over before one of them looked.
  private static func send(
    _ signals: [(seconds: Double, number: Int32)], to program: Int32, after mark: String,
    in file: URL
  ) {
    Thread.detachNewThread {
      // The file goes when the program has ended.
      while let errors = try? read(file), !mark.isEmpty, !errors.contains(mark) {
        Thread.sleep(forTimeInterval: 0.002)
      }
      for signal in signals {
        Thread.sleep(forTimeInterval: signal.seconds)
        guard exists(file) else { return }
        kill(program, signal.number)
      }
    }
  }

  private static func read(_ url: URL) throws -> String {
    String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }
}
