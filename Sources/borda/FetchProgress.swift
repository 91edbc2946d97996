// Progress of transfers on standard error: one moving line on a terminal, else a line per file; a
// line for everything that makes a user wait.

import Core
import Evaluation
import Foundation
import Hub
import Leaderboard
import Synchronization

final class FetchProgress: Sendable {
  private struct State {
    var total = 0
    /// Bytes of every file that are there, by repository and path.
    var there: [String: Int] = [:]
    /// Those of earlier runs, which say nothing of the rate.
    var before = 0
    var start = ContinuousClock.now
    var lastShown: ContinuousClock.Instant?
    var hasLine = false
  }

  private let state = Mutex(State())
  /// Whether only what makes a user wait is told.
  private let isQuiet: Bool
  /// Whether files are named one by one where there is no moving line.
  private let namesFiles: Bool

  init(isQuiet: Bool = false, namesFiles: Bool = false) {
    self.isQuiet = isQuiet
    self.namesFiles = namesFiles
  }

  /// Takes note of how much is to come.
  func begin(bytes: Int) {
    state.withLock { state in
      state.total = bytes
      state.start = .now
    }
  }

  /// Takes an event; `repository` is whose file it is, where there are several.
  func show(_ event: HubEvent, of repository: String = "") {
    let place = { (file: String) in "\(repository)/\(file)" }
    state.withLock { state in
      switch event {
      case .started(let file, let there, let size):
        state.there[place(file)] = there
        state.before += there
        if !isQuiet, namesFiles, !Terminal.errorIsTerminal {
          let bytes = size.map { NumberText.count($0, "byte") } ?? "unknown size"
          say(
            "\(file): \(bytes)\(there > 0 ? ", goes on at \(NumberText.grouped(there))" : "")",
            &state)
        }
      case .received(let file, let bytes):
        state.there[place(file)] = bytes
        move(&state)
      case .finished: break
      case .waiting(let file): say("\(file): another process fetches it, waiting", &state)
      case .retrying(let subject, let pause, let reason):
        say("\(subject): \(reason); again in \(ClockText.of(pause.seconds))", &state)
      case .swept(let files, let bytes):
        if !isQuiet {
          say(
            "removed \(NumberText.count(files, "unfinished transfer")) of long ago, "
              + "\(ByteCount(bytes))", &state)
        }
      case .usedCache(let subject, let reason):
        say("\(subject): \(reason); taking what the cache has", &state)
      }
    }
  }

  /// Says a line between the moving ones.
  func say(_ line: String) { state.withLock { say(line, &$0) } }

  /// Removes the moving line.
  func end() { state.withLock { clear(&$0) } }

  private func say(_ line: String, _ state: inout State) {
    clear(&state)
    Terminal.note(line)
  }

  private func clear(_ state: inout State) {
    guard state.hasLine else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    state.hasLine = false
  }

  private func move(_ state: inout State) {
    guard Terminal.errorIsTerminal, !isQuiet else { return }
    let now = ContinuousClock.now
    if let last = state.lastShown, now - last < .milliseconds(100) { return }
    state.lastShown = now
    let done = state.there.values.reduce(0, +)
    let line = Self.line(
      done: done, total: state.total, before: state.before, seconds: (now - state.start).seconds)
    let width = Terminal.columns(of: STDERR_FILENO) ?? 80
    FileHandle.standardError.write(Data("\r\u{1B}[K\(line.prefix(width - 1))".utf8))
    state.hasLine = true
  }

  /// `12.3 MB of 45.1 MB  27 %  3.2 MB/s  10 s left`.
  ///
  /// - Parameters:
  ///   - done: bytes that are there
  ///   - total: bytes in the end
  ///   - before: those of `done` that earlier runs fetched
  ///   - seconds: since this run began
  /// - Returns: the line; without a time left while nothing has come
  static func line(done: Int, total: Int, before: Int, seconds: Double) -> String {
    let rate = Double(max(done - before, 0)) / max(seconds, 1e-3)
    var line = "\(ByteCount(done)) of \(ByteCount(total))"
    if total > 0 { line += "  \(min(100, Int(Double(done) / Double(total) * 100))) %" }
    line += "  \(ByteCount(Int(min(rate, 1e15))))/s"
    guard rate >= 1 else { return line }
    return line + "  \(ClockText.of(Double(max(total - done, 0)) / rate)) left"
  }
}
