// Everything a request can be refused for, in the words and forms of the two families of clients.

import Core
import NIOHTTP1

/// Whose requests and errors a path speaks.
enum Family: Sendable {
  case openAI, tei
}

/// Why a request gets no vectors.
struct Refusal: Error, Equatable {
  enum Reason: Equatable {
    /// The request says something wrong.
    case invalid
    /// It holds nothing to embed.
    case empty
    /// Its model is not served here.
    case unknownModel
    case unknownPath
    /// Holds what the path allows.
    case wrongMethod(allowed: String)
    case wrongType
    case bodyTooLarge
    case keyRefused
    /// Ask again after so many seconds.
    case overloaded(seconds: Int)
    /// The model could not embed the texts.
    case backend
    /// What the model stands on is not there at the moment.
    case unavailable
  }

  let reason: Reason
  let message: String
  /// The parameter that is wrong.
  var parameter: String?

  init(_ reason: Reason, _ message: String, parameter: String? = nil) {
    self.reason = reason
    self.message = message
    self.parameter = parameter
  }

  /// A parameter with a value it cannot have.
  static func parameter(_ name: String, _ message: String) -> Refusal {
    Refusal(.invalid, "'\(name)' \(message)", parameter: name)
  }

  /// What happened at the desk, for a client.
  init(_ trouble: DeskTrouble) {
    switch trouble {
    case .full(let seconds):
      self.init(.overloaded(seconds: seconds), "too many requests are waiting; try again later")
    case .gone: self.init(.unavailable, "the server is stopping")
    case .failed(let failure, let text):
      let place = text > 0 ? " (counted from text \(text) of the request)" : ""
      let message = "\(failure.subject): \(failure.message)\(place)"
      switch failure.code {
      // An empty text without tokens, a text without a stored vector: the request's doing.
      case .unsupported, .missing: self.init(.invalid, message)
      case .tryAgain, .interrupted: self.init(.unavailable, message)
      default: self.init(.backend, message)
      }
    }
  }

  func status(_ family: Family) -> HTTPResponseStatus {
    switch (reason, family) {
    case (.invalid, .openAI), (.empty, _): .badRequest
    case (.invalid, .tei): .unprocessableEntity
    case (.unknownModel, _), (.unknownPath, _): .notFound
    case (.wrongMethod, _): .methodNotAllowed
    case (.wrongType, _): .unsupportedMediaType
    case (.bodyTooLarge, _): .payloadTooLarge
    case (.keyRefused, _): .unauthorized
    case (.overloaded, _): .tooManyRequests
    case (.backend, .openAI): .internalServerError
    case (.backend, .tei): .failedDependency
    case (.unavailable, _): .serviceUnavailable
    }
  }

  /// The answer that a client of this family expects.
  func reply(_ family: Family) -> Reply {
    var headers = HTTPHeaders()
    switch reason {
    case .overloaded(let seconds): headers.add(name: "Retry-After", value: "\(seconds)")
    case .unavailable: headers.add(name: "Retry-After", value: "1")
    case .keyRefused: headers.add(name: "WWW-Authenticate", value: "Bearer")
    case .wrongMethod(let allowed): headers.add(name: "Allow", value: allowed)
    default: break
    }
    return Reply(status(family), json: body(family), headers: headers)
  }

  private func body(_ family: Family) -> JSON {
    switch family {
    case .openAI:
      .object([
        (
          "error",
          .object([
            ("message", .string(message)), ("type", .string(openAIType.type)),
            ("param", .optional(parameter) { .string($0) }),
            ("code", .optional(openAIType.code) { .string($0) }),
          ])
        )
      ])
    case .tei:
      .object([("error", .string(message)), ("error_type", .string(teiType))])
    }
  }

  private var openAIType: (type: String, code: String?) {
    switch reason {
    case .unknownModel: ("invalid_request_error", "model_not_found")
    case .keyRefused: ("invalid_request_error", "invalid_api_key")
    case .overloaded: ("requests", "rate_limit_exceeded")
    case .backend: ("server_error", nil)
    case .unavailable: ("server_error", "unavailable")
    default: ("invalid_request_error", nil)
    }
  }

  private var teiType: String {
    switch reason {
    case .empty: "Empty"
    case .overloaded: "Overloaded"
    case .backend: "Backend"
    case .unavailable: "Unhealthy"
    default: "Validation"
    }
  }
}
