// A hub's refusals in words: each kind of status and error code with what it means for the user and
// the way out.

import AsyncHTTPClient
import Core
import Foundation
import NIOHTTP1
import Network

/// What an answer other than the one asked for means.
struct Refusal {
  let status: Int
  let headers: HTTPHeaders
  let repository: HubRepository
  /// The file asked for; nil for the repository itself.
  let path: String?
  /// The host that answered.
  let host: String
  /// Whether that was the hub, not a store that it sent us to.
  let isHub: Bool
  let hasToken: Bool
  let scrubber: Scrubber

  private var code: String { headers.first(name: "X-Error-Code") ?? "" }
  private var words: String? { scrubber.clean(headers.first(name: "X-Error-Message")) }
  private var kind: String { repository.kind.rawValue }
  private var subject: String { path.map { repository.subject($0) } ?? repository.name }

  /// The answer as a failure, and whether to ask again.
  var trouble: Trouble {
    if [408, 429, 500, 502, 503, 504].contains(status) { return busy }
    guard isHub else {
      // Signed addresses run out; the next request asks the hub for a new one.
      return Trouble(
        failure(
          .tryAgain, subject, "the store \(host) refused it (status \(status))",
          "run the same command again; if it stays so, report it to the hub"), .again)
    }
    return Trouble(refusal)
  }

  private func failure(
    _ code: Failure.Code, _ subject: String, _ message: String, _ hint: String
  ) -> Failure {
    Failure(code, subject, message, hint: hint, cause: words)
  }

  private var busy: Trouble {
    let pause = RequestedPause.of(headers)
    let message =
      status == 429
      ? "\(host) takes no more requests from here for now (status 429)"
      : "\(host) has trouble of its own (status \(status))"
    var hint = "run the same command again later; it goes on where it stopped"
    if status == 429, !hasToken { hint = "wait some minutes, or set HF_TOKEN: it raises the limit" }
    return Trouble(
      failure(.tryAgain, subject, message, hint), pause.map { .after($0) } ?? .again)
  }

  private var refusal: Failure {
    let name = repository.name
    switch (status, code) {
    case (_, "EntryNotFound"):
      return failure(
        .missing, subject, "no such file at revision \(repository.revision)",
        "look at the list of its files, or name another revision")
    case (_, "RevisionNotFound"):
      return failure(
        .missing, name, "the \(kind) has no revision '\(repository.revision)'",
        "use main, or a branch, tag or commit that the \(kind)'s page lists")
    case (_, "GatedRepo"):
      return failure(
        .missing, name, "the \(kind) is gated: its owner grants access one by one",
        hasToken
          ? "ask for access on its page with the account that HF_TOKEN belongs to"
          : "ask for access on its page, then set HF_TOKEN to a token of your account")
    case (401, _) where hasToken && (words ?? "").contains("Invalid credentials"):
      return failure(
        .usage, name, "the hub does not accept the token",
        "set HF_TOKEN to a valid token, or unset it and remove the file 'token' for public data")
    case (401, _), (404, "RepoNotFound"), (_, "RepoNotFound"):
      return failure(
        .missing, name, "no such \(kind), or a private one",
        hasToken
          ? "check the name; a private \(kind) needs a token that may read it"
          : "check the name; for a private \(kind) set HF_TOKEN")
    case (403, _):
      return failure(
        .missing, name, "access to the \(kind) is refused",
        hasToken
          ? "give the token the right to read this \(kind), or use another one"
          : "set HF_TOKEN to a token that may read this \(kind)")
    case (404, _):
      return failure(
        .missing, subject, "not found at \(host)",
        "check the name and HF_ENDPOINT: \(host) does not say what it misses, as a hub would")
    case (410, _), (451, _):
      return failure(
        .missing, name, "the hub no longer serves the \(kind) (status \(status))",
        "see its page for the reason")
    default:
      return failure(
        .unsupported, subject, "\(host) answered with status \(status)",
        "check that HF_ENDPOINT is the address of a hub, and that no proxy answers in its place")
    }
  }
}
