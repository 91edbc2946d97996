// Progress of transfers on standard error: one moving line on a terminal, else a line per file; a
// line for everything that makes a user wait.

import Core
import Foundation
import Hub
import Leaderboard
import Synchronization

final class FetchProgress: Sendable {
  private struct State {
    var total = 0
    var there: [String: Int] = [:]
    var lastShown: ContinuousClock.Instant?
    var hasLine = false
  }

  private let state = Mutex(State())

  /// Takes note of all that is to come.
  func begin(_ files: [HubFile]) {
    state.withLock { $0.total = files.reduce(0) { $0 + $1.size } }
  }

  func show(_ event: HubEvent) {
    state.withLock { state in
      switch event {
      case .started(let file, let there, let size):
        state.there[file] = there
        if !Terminal.errorIsTerminal {
          let bytes = size.map { NumberText.count($0, "byte") } ?? "unknown size"
          say(
            "\(file): \(bytes)\(there > 0 ? ", goes on at \(NumberText.grouped(there))" : "")",
            &state)
        }
      case .received(let file, let bytes):
        state.there[file] = bytes
        move(&state)
      case .finished: break
      case .waiting(let file): say("\(file): another process fetches it, waiting", &state)
      case .retrying(let subject, let pause, let reason):
        let seconds = Double(pause.components.seconds) + Double(pause.components.attoseconds) / 1e18
        say("\(subject): \(reason); again in \(ClockText.of(seconds))", &state)
      case .usedCache(let subject, let reason):
        say("\(subject): \(reason); taking what the cache has", &state)
      }
    }
  }

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
    guard Terminal.errorIsTerminal else { return }
    let now = ContinuousClock.now
    if let last = state.lastShown, now - last < .milliseconds(100) { return }
    state.lastShown = now
    let done = state.there.values.reduce(0, +)
    let line = "\(NumberText.grouped(done)) of \(NumberText.grouped(state.total)) bytes"
    let width = Terminal.columns(of: STDERR_FILENO) ?? 80
    FileHandle.standardError.write(Data("\r\u{1B}[K\(line.prefix(width - 1))".utf8))
    state.hasLine = true
  }
}
