// What went wrong with one request, and whether asking again may help.

import AsyncHTTPClient
package import Core
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// What to tell a user about a connection that failed; the rest of the words is the same for all.
package struct Advice: Sendable {
  /// The message of work that was stopped.
  package var interrupted: String
  /// The hint where the other side does not prove who it is.
  package var distrust: String
  /// The hint where the network failed.
  package var broken: String

  package init(interrupted: String, distrust: String, broken: String) {
    self.interrupted = interrupted
    self.distrust = distrust
    self.broken = broken
  }
}

/// A failure of one request.
package struct Trouble: Error {
  package enum Remedy: Equatable {
    /// Nothing changes by asking again.
    case none
    /// It may go away; ask again after a growing pause.
    case again
    /// The server said when.
    case after(Duration)
  }

  package var failure: Failure
  package var remedy: Remedy

  package init(_ failure: Failure, _ remedy: Remedy = .none) {
    self.failure = failure
    self.remedy = remedy
  }

  /// What the network did, in words that name the host and nothing else of an address.
  ///
  /// - Parameters:
  ///   - error: what the HTTP client threw
  ///   - subject: the file or repository
  ///   - host: whom the request went to
  ///   - patience: the times that ran out
  ///   - advice: what to tell the user
  package init(
    _ error: any Error, _ subject: String, host: String, _ patience: Patience, _ advice: Advice
  ) {
    if let trouble = error as? Trouble {
      self = trouble
      return
    }
    if let failure = error as? Failure {
      self.init(failure)
      return
    }
    if error is CancellationError || error as? HTTPClientError == .cancelled {
      self.init(Failure(.interrupted, subject, advice.interrupted))
      return
    }
    if Self.isDistrust(error) {
      self.init(
        Failure(
          .system, subject, "no secure connection to \(host): it does not prove who it is",
          hint: advice.distrust))
      return
    }
    if let failure = Self.refusalOfProxy(error, subject, host) {
      self.init(failure)
      return
    }
    let (message, cause) = Self.words(error, host, patience)
    self.init(
      Failure(
        .tryAgain, subject, message,
        hint: advice.broken,
        cause: cause),
      .again)
  }

  /// Whether TLS itself failed, which asking again does not change.
  private static func isDistrust(_ error: any Error) -> Bool {
    switch error {
    case NIOSSLError.uncleanShutdown: false
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: true
    default: false
    }
  }

  /// What a proxy said that asking again does not change.
  private static func refusalOfProxy(
    _ error: any Error, _ subject: String, _ host: String
  ) -> Failure? {
    switch error as? HTTPClientError {
    case .proxyAuthenticationRequired:
      Failure(
        .usage, subject, "no connection to \(host), which wants a user name and a password",
        hint: "set https_proxy to http://user:password@host:port")
    case .invalidProxyResponse:
      Failure(
        .system, subject, "no connection to \(host), which refuses to open one",
        hint: "ask who runs the proxy to let it through, or list the host in no_proxy")
    default: nil
    }
  }

  private static func words(
    _ error: any Error, _ host: String, _ patience: Patience
  ) -> (message: String, cause: String?) {
    switch error {
    case let error as HTTPClientError:
      switch error {
      case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout,
        .httpProxyHandshakeTimeout, .socksHandshakeTimeout:
        return ("no connection to \(host) within \(seconds(patience.connect))", nil)
      case .deadlineExceeded:
        return ("no answer from \(host) within \(seconds(patience.answer))", nil)
      case .readTimeout: return ("nothing came from \(host) for \(seconds(patience.stall))", nil)
      case .remoteConnectionClosed, .uncleanShutdown:
        return ("\(host) broke the connection off", nil)
      default: return ("the exchange with \(host) failed", error.shortDescription)
      }
    case HTTPParserError.invalidEOFState, NIOSSLError.uncleanShutdown:
      return ("\(host) broke the connection off", nil)
    case is HTTPParserError: return ("\(host) sends what is no HTTP", nil)
    case is NIOConnectionError: return ("\(host) cannot be reached", nil)
    case let error as IOError:
      let isThere = [ECONNRESET, EPIPE].contains(error.errnoCode)
      return (
        isThere ? "\(host) broke the connection off" : "\(host) cannot be reached",
        String(cString: strerror(error.errnoCode))
      )
    default: return ("the connection to \(host) failed", String(describing: type(of: error)))
    }
  }

  private static func seconds(_ duration: Duration) -> String {
    let whole = duration.seconds
    return whole == whole.rounded() ? "\(Int(whole)) s" : "\(whole) s"
  }
}
