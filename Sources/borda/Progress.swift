// Progress of a run on standard error: one moving line on a terminal, elsewhere a line per task and
// one every half minute.

import Core
import Evaluation
import Foundation
import Leaderboard
import Synchronization

/// Tells a person how far a run is, at what rate, and how long it will still take.
final class ProgressDisplay: Sendable {
  private let isQuiet: Bool
  private let isMoving: Bool
  private let pause: Duration?
  private let state = Mutex(State())

  private struct State {
    var task = ""
    var done = 0
    var total = 0
    var start = ContinuousClock.now
    var lastShown: ContinuousClock.Instant?
    var hasLine = false
    /// Texts of all finished tasks, and how many of them needed no work.
    var texts = 0
    var cached = 0
  }

  /// - Parameters:
  ///   - isQuiet: whether nothing is said at all.
  ///   - showsProgress: whether it is told how far tasks are, not only what became of them.
  init(isQuiet: Bool, showsProgress: Bool = true) {
    self.isQuiet = isQuiet
    isMoving = !isQuiet && showsProgress && Terminal.errorIsTerminal
    pause = isQuiet || !showsProgress ? nil : isMoving ? .milliseconds(100) : .seconds(30)
  }

  /// Takes one event of a run.
  func show(_ event: RunEvent) {
    state.withLock { state in
      switch event {
      case .planned(_, let texts):
        state.total = texts
        state.start = .now
        state.lastShown = .now
      case .skipped(let task, let reason): say("\(task): skipped, \(reason)", &state)
      case .started(let task, let texts):
        state.task = task
        if !isMoving { say("\(task): \(NumberText.count(texts, "text")) to embed", &state) }
      case .resumed(let task, let cells):
        say("\(task): goes on, \(NumberText.count(cells, "subset")) finished before", &state)
      case .reopened(let task, let reason): say("\(task): evaluated again, \(reason)", &state)
      case .damaged(let task, let what): say("\(task): \(what)", &state)
      case .postponed(let task):
        say("\(task): another process is at it, so it comes last", &state)
      case .waiting(let task): say("\(task): waiting for the other process", &state)
      case .embedded(let texts):
        state.done += texts
        move(&state)
      case .finishedCell: break
      case .finished(let task, let score, let seconds, let counts):
        state.texts += counts.texts
        state.cached += counts.cached
        say(Self.summary(task, score, seconds, counts), &state)
      case .failed(let task, let failure): say("\(task): failed\nerror: \(failure)", &state)
      case .gaveUp(_, let untried):
        let rest = untried > 0 ? ", \(NumberText.count(untried, "task")) not tried" : ""
        say("the model has failed for several tasks in a row: stopped\(rest)", &state)
      }
    }
  }

  /// Removes the moving line, and tells what a cache has saved in all.
  func end() {
    state.withLock { state in
      clear(&state)
      guard state.cached > 0 else { return }
      say(
        "cached \(NumberText.grouped(state.cached)) of \(NumberText.count(state.texts, "text"))",
        &state)
    }
  }

  private static func summary(
    _ task: String, _ score: Double?, _ seconds: Double, _ counts: EmbeddingCounts
  ) -> String {
    var line = "\(task): \(score.map(NumberText.score) ?? "undefined")"
    line += " (\(NumberText.count(counts.texts, "text"))"
    if counts.cached > 0 { line += ", \(NumberText.grouped(counts.cached)) cached" }
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
    guard let pause else { return }
    let now = ContinuousClock.now
    if let last = state.lastShown, now - last < pause { return }
    state.lastShown = now
    let seconds = (now - state.start).seconds
    let rate = Double(state.done) / max(seconds, 1e-3)
    let left = Double(max(state.total - state.done, 0)) / max(rate, 1e-3)
    var line = "\(state.task)  \(NumberText.grouped(state.done))/\(NumberText.grouped(state.total))"
    line += " texts  \(NumberText.grouped(Int(rate))) texts/s  \(ClockText.of(left)) left"
    guard isMoving else { return Terminal.note(line) }
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
