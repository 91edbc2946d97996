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
    guard let problem = write(text, to: STDOUT_FILENO) else { return }
    throw Failure(
      .system, "standard output", "cannot be written", hint: "check where it goes",
      cause: String(cString: strerror(problem)))
  }

  /// A message beside the answer, one line; lost where standard error cannot be written.
  static func note(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

  /// Writes all of a text; the error number where that cannot be done.
  ///
  /// A reader that stops early ends the process as its signal would: sockets, once one was opened,
  /// keep the signal away.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if count >= 0 {
        done += count
      } else if errno == EPIPE {
        signal(SIGPIPE, SIG_DFL)
        raise(SIGPIPE)
      } else if errno == EAGAIN {
        usleep(1000)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }

  static func complain(_ failure: Failure) { note("error: \(failure)") }
}
