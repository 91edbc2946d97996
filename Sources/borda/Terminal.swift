// What the command line knows about its terminal, and the only place that prints.

import Core
import Foundation
import Leaderboard

enum Terminal {
  /// Whether standard error is a terminal: only then is there a moving progress line.
  static let errorIsTerminal = isatty(STDERR_FILENO) == 1 && !isDumb
  private static let isDumb = environment("TERM") == "dumb"

  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name]
  }

  /// How reports may look on standard output.
  static var style: ReportStyle {
    guard isatty(STDOUT_FILENO) == 1, !isDumb else { return .plain }
    let allowsColour = (environment("NO_COLOR") ?? "").isEmpty
    return ReportStyle(allowsColour: allowsColour, width: columns(of: STDOUT_FILENO))
  }

  /// Width of the terminal behind a descriptor; nil if it has none.
  static func columns(of descriptor: Int32) -> Int? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// The answer of a command.
  ///
  /// - Throws: `.system` where it cannot be written, such as to a full disk.
  static func print(_ text: String) throws(Failure) {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } catch {
      throw Failure(
        .system, "standard output", "cannot be written", hint: "check where it goes",
        cause: error.localizedDescription)
    }
  }

  /// A message beside the answer, one line.
  static func note(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  static func complain(_ failure: Failure) { note("error: \(failure)") }
}
