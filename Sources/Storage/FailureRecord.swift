// Why a task failed last, kept beside the results until it succeeds.

package import Core
package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A failure with its time.
package struct FailureRecord: Sendable, Equatable {
  package let failure: Failure
  /// Seconds since 1970.
  package let date: Double

  package init(_ failure: Failure, date: Double) {
    self.failure = failure
    self.date = date
  }

  func json(of task: String) -> JSON {
    .object([
      ("schema", .integer(1)), ("task", .string(task)),
      ("code", .string(failure.code.rawValue)), ("exit_code", .integer(Int(failure.exitCode))),
      ("subject", .string(failure.subject)), ("message", .string(failure.message)),
      ("cause", .optional(failure.cause) { .string($0) }),
      ("hint", .optional(failure.hint) { .string($0) }), ("date", .number(date)),
    ])
  }

  init?(json: JSON) {
    guard json["schema"]?.integer == 1, let code = json["code"]?.string,
      let subject = json["subject"]?.string, let message = json["message"]?.string
    else { return nil }
    failure = Failure(
      Failure.Code(rawValue: code), subject, message, hint: json["hint"]?.string,
      cause: json["cause"]?.string)
    date = json["date"]?.double ?? 0
  }
}

/// `borda/failures/<Task>.json`
extension ResultStore {
  private func failureFile(of task: String, model: ModelIdentity) -> URL {
    ownFolder(of: model).appending(path: "failures/\(task).json")
  }

  /// Records why a task failed.
  ///
  /// - Throws: `.system` where that cannot be written.
  package func keepFailure(
    _ failure: Failure, of task: String, model: ModelIdentity, date: Date = Date()
  ) throws(Failure) {
    let record = FailureRecord(failure, date: date.timeIntervalSince1970.rounded(decimals: 3))
    try AtomicFile.write(
      record.json(of: task).pretty + "\n", to: failureFile(of: task, model: model))
  }

  /// Why a task failed last; nil if it has succeeded since, or never failed.
  package func failure(of task: String, model: ModelIdentity) -> FailureRecord? {
    let file = failureFile(of: task, model: model)
    guard FilePaths.kind(of: file) == .file else { return nil }
    return (try? Self.json(file)).flatMap { FailureRecord(json: $0) }
  }

  /// Forgets why a task failed.
  package func forgetFailure(of task: String, model: ModelIdentity) {
    let file = failureFile(of: task, model: model)
    guard FilePaths.kind(of: file) != nil else { return }
    try? FileManager.default.removeItem(at: file)
    // Succeeds for an empty folder alone.
    rmdir(file.deletingLastPathComponent().path(percentEncoded: false))
  }
}

extension Failure {
  /// Thing, problem and cause in one line, as lists of failures show it.
  package var line: String { "\(subject): \(message)" + (cause.map { " (\($0))" } ?? "") }
}
