// A server's refusals in words: what each status means for the user, and whether asking again, asking
// for less or asking elsewhere may help.

import Core
import Foundation
import NIOHTTP1
import Network

/// What an answer of another status than 200 means.
struct ServerRefusal: Sendable {
  enum Kind: Equatable {
    /// Asking again may help.
    case busy
    /// There is too much in the request.
    case tooLarge
    /// Something in the request is not to the server's liking.
    case invalid
    /// There is nothing at this path, or no such model.
    case absent
    /// Nothing helps.
    case final
  }

  let status: Int
  let kind: Kind
  let subject: String
  /// What the server said, fit to be shown.
  let words: String?
  private let headers: HTTPHeaders
  private let host: String
  private let hasKey: Bool

  init(_ answer: ServerAnswer, from transport: ServerTransport) {
    status = answer.status
    headers = answer.headers
    subject = transport.subject
    host = transport.origin.description
    hasKey = transport.settings.key != nil
    let said = Self.message(answer)
    words = transport.scrubber.clean(said)
    kind = Self.kind(answer.status, said ?? "")
  }

  private static func kind(_ status: Int, _ words: String) -> Kind {
    let isAboutSize =
      words.firstMatch(
        of: /too large|too many|too long|batch.?size|maximum|at most|max\.? |exceed/.ignoresCase())
      != nil
    return switch status {
    case 413: .tooLarge
    case 400, 422: isAboutSize ? .tooLarge : .invalid
    // llama.cpp's word for a text that does not fit its physical batch.
    case 500: isAboutSize ? .tooLarge : .busy
    case 408, 424, 425, 429, 502, 503, 504, 529: .busy
    case 404, 405: .absent
    default: .final
    }
  }

  /// The message in any of the shapes that servers use; nil for none and for web pages.
  private static func message(_ answer: ServerAnswer) -> String? {
    guard let json = try? answer.json() else {
      let text = String(decoding: answer.body.prefix(400), as: UTF8.self)
      return text.contains("<") ? nil : text
    }
    for key in ["error", "message", "detail", "msg"] {
      switch json[key] {
      case .string(let text): return text
      case .object(let members): return members["message"]?.string ?? members["type"]?.string
      // FastAPI lists what is wrong, each with `msg`.
      case .array(let items): return items.first?["msg"]?.string ?? items.first?.line
      default: continue
      }
    }
    return json.string
  }

  /// Whether the server says that it lacks the model, not the path.
  var isAboutModel: Bool { kind == .absent && words?.lowercased().contains("model") == true }

  /// As a failure, and whether to ask again.
  var trouble: Trouble {
    guard kind == .busy else { return Trouble(failure) }
    let message =
      status == 429
      ? "\(host) takes no more requests from here for now (status 429)"
      : "\(host) has trouble of its own (status \(status))"
    let failure = failure(
      .tryAgain, message, "run the same command again later; finished work is kept")
    return Trouble(failure, RequestedPause.of(headers).map { .after($0) } ?? .again)
  }

  /// As a failure about one text.
  func failure(about text: String) -> Failure {
    let shown = ShownText.of(text)
    guard kind == .tooLarge else {
      return failure(
        .unsupported, "\(host) refuses the text \(shown) (status \(status))",
        "see what it says, and its log")
    }
    return failure(
      .unsupported,
      "\(host) finds the text \(shown) of \(text.utf8.count) bytes too long (status \(status))",
      "let the server cut long texts or raise its limit (llama.cpp: -ub and -b; Ollama: num_ctx)")
  }

  private func failure(_ code: Failure.Code, _ message: String, _ hint: String) -> Failure {
    Failure(code, subject, message, hint: hint, cause: words)
  }

  private var failure: Failure {
    switch status {
    case 300..<400:
      let target = headers.first(name: "Location").flatMap { URL(string: $0) }.flatMap {
        Origin($0)
      }
      return failure(
        .unsupported,
        "\(host) redirects to \(target?.description ?? "another address") (status \(status)),"
          + " which is not followed",
        "name the address that the server is really at")
    case 401:
      return failure(
        .usage,
        hasKey ? "\(host) does not accept the key" : "\(host) asks for a key",
        hasKey
          ? "correct \(ServerSettings.keyVariable), or the file of --api-key-file"
          : "set \(ServerSettings.keyVariable), or name a file with --api-key-file")
    case 403:
      return failure(
        .missing, "\(host) refuses access (status 403)",
        "check what the key is allowed to do with this model")
    case 404, 405:
      return isAboutModel
        ? failure(
          .missing, "\(host) has no such model", "name one that the server serves, after '#'")
        : failure(
          .missing, "\(host) has nothing at this path (status \(status))",
          "check the address and the protocol: \(ServerSpec.forms)")
    default:
      return failure(
        .unsupported, "\(host) refuses the request (status \(status))",
        "see what it says, and its log")
    }
  }
}
