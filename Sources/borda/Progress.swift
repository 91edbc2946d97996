// Progress of a run on standard error: one moving line on a terminal, a line per task elsewhere.

import Core
import Evaluation
import Foundation
import Leaderboard
import Synchronization

/// Tells a person how far a run is, at what rate, and how long it will still take.
final class ProgressDisplay: Sendable {
  private let isQuiet: Bool
  private let isMoving: Bool
  private let state = Mutex(State())

  private struct State {
    var task = ""
    var done = 0
    var total = 0
    var start = ContinuousClock.now
    var lastShown: ContinuousClock.Instant?
    var hasLine = false
  }

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isMoving = !isQuiet && Terminal.errorIsTerminal
  }

  /// Takes one event of a run.
  func show(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .planned(_, let texts):
        state.total = texts
        state.start = .now
      case .skipped(let task, let reason): say("\(task): skipped, \(reason)", &state)
      case .started(let task, let texts):
        state.task = task
        if !isMoving { say("\(task): \(NumberText.count(texts, "text")) to embed", &state) }
      case .resumed(let task, let cells):
        say("\(task): goes on, \(NumberText.count(cells, "subset")) finished before", &state)
      case .embedded(let texts):
        state.done += texts
        move(&state)
      case .finishedCell: break
      case .finished(let task, let score, let seconds, let counts):
        say(Self.summary(task, score, seconds, counts), &state)
      case .failed(let task, let failure): say("\(task): failed\nerror: \(failure)", &state)
      }
    }
  }

  /// Removes the moving line.
  func end() { state.withLock { clear(&$0) } }

  private static func summary(
    _ task: String, _ score: Double?, _ seconds: Double, _ counts: EmbeddingCounts
  ) -> String {
    var line = "\(task): \(score.map(NumberText.score) ?? "undefined")"
    line += " (\(NumberText.count(counts.texts, "text"))"
    if counts.truncated > 0 { line += ", \(NumberText.grouped(counts.truncated)) truncated" }
    return line + ", \(ClockText.of(seconds)))"
  }

  private func say(_ line: String, _ state: inout State) {
    clear(&state)
    if !isQuiet { Terminal.note(line) }
  }

  private func clear(_ state: inout State) {
    guard state.hasLine else { return }
    FileHandle.standardError.write(Data("\r\u{1B}[K".utf8))
    state.hasLine = false
  }

  private func move(_ state: inout State) {
    guard isMoving else { return }
    let now = ContinuousClock.now
    if let last = state.lastShown, now - last < .milliseconds(100) { return }
    state.lastShown = now
    let seconds = (now - state.start).seconds
    let rate = Double(state.done) / max(seconds, 1e-3)
    let left = Double(max(state.total - state.done, 0)) / max(rate, 1e-3)
    var line = "\(state.task)  \(NumberText.grouped(state.done))/\(NumberText.grouped(state.total))"
    line += " texts  \(NumberText.grouped(Int(rate))) texts/s  \(ClockText.of(left)) left"
    let width = Terminal.columns(of: STDERR_FILENO) ?? 80
    FileHandle.standardError.write(Data("\r\u{1B}[K\(line.prefix(width - 1))".utf8))
    state.hasLine = true
  }
}

/// Durations as people read them.
enum ClockText {
  /// `4.2 s`, `3:05`, `2:03:05`.
  static func of(_ seconds: Double) -> String {
    if seconds < 10 { return "\(seconds.rounded(decimals: 1)) s" }
    let whole = Int(min(seconds, 1e9).rounded())
    let (minutes, rest) = (whole / 60, whole % 60)
    let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
    if minutes == 0 { return "\(rest) s" }
    if minutes < 60 { return "\(minutes):\(two(rest))" }
    return "\(minutes / 60):\(two(minutes % 60)):\(two(rest))"
  }
}
