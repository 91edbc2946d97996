// The one error type of the project: what a user, a file or a server did wrong, in words that help.

/// Something went wrong that a user, a file or a server can cause.
///
/// Printed as `subject: message`, then the cause and the remedy on lines of their own:
///
/// ```
/// Tasks/sts.yaml: unknown key 'langs'
///   try: use one of languages, main_score, name, …
/// ```
///
/// Programmer errors (shapes that cannot occur) are `precondition`s instead.
package struct Failure: Error, Sendable, Equatable {
  /// What kind of failure it is; decides the exit code.
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }

    /// The command line asks for something that does not exist or makes no sense.
    ///
    /// Exit 64.
    package static let usage = Code(rawValue: "usage")
    /// A file, a data set or a model is not there.
    ///
    /// Exit 3.
    package static let missing = Code(rawValue: "missing")
    /// A model is there but cannot be run: its files are broken, or ask for what Borda lacks.
    ///
    /// Exit 3.
    package static let unusable = Code(rawValue: "unusable")
    /// A file is there but says something wrong or contradictory.
    ///
    /// Exit 1.
    package static let malformed = Code(rawValue: "malformed")
    /// A file is well-formed but asks for something Borda does not do.
    ///
    /// Exit 1.
    package static let unsupported = Code(rawValue: "unsupported")
    /// The operating system refused: permissions, full disk, input/output error.
    ///
    /// Exit 1.
    package static let system = Code(rawValue: "system")
    /// Results asked for are not all there.
    ///
    /// Exit 4.
    package static let incomplete = Code(rawValue: "incomplete")
    /// It may work later: a server is busy, another process holds a lock.
    ///
    /// Exit 75.
    package static let tryAgain = Code(rawValue: "try-again")
    /// The user stopped the run; finished work is saved.
    ///
    /// Exit 130.
    package static let interrupted = Code(rawValue: "interrupted")
  }

  package var code: Code
  /// The file, task, model or option, as the user typed it.
  package var subject: String
  /// What is wrong, lower case, no final stop.
  package var message: String
  /// The next thing to try, in the imperative.
  package var hint: String?
  /// What a lower layer said.
  package var cause: String?

  package init(
    _ code: Code, _ subject: String, _ message: String, hint: String? = nil, cause: String? = nil
  ) {
    self.code = code
    self.subject = subject
    self.message = message
    self.hint = hint
    self.cause = cause
  }

  /// The process exit code that this failure leads to when nothing handles it.
  package var exitCode: Int32 {
    switch code {
    case .usage: 64
    case .missing, .unusable: 3
    case .incomplete: 4
    case .tryAgain: 75
    case .interrupted: 130
    default: 1
    }
  }
}

extension Failure: CustomStringConvertible {
  package var description: String {
    var lines = ["\(subject): \(message)"]
    if let cause { lines.append("  because: \(cause)") }
    if let hint { lines.append("  try: \(hint)") }
    return lines.joined(separator: "\n")
  }
}
