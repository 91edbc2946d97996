// How to talk to an embedding server: who asks, how many requests at once, how patiently, and what an
// answer may at most make this machine hold.

package import Core
import Foundation
package import Network

/// How to talk to an embedding server.
package struct ServerSettings: Sendable {
  /// Sent as `Authorization: Bearer`, to the address of the SPEC and nowhere else.
  package var key: Secret?
  /// The width to ask the server for; nil for the model's own.
  package var dimensions: Int?
  /// The name that results carry; nil for the one that the server tells.
  package var name: String?
  /// Requests at the same time, at most; begins with 2 and adapts.
  package var connections = 16
  /// For servers on other machines; nothing for this one goes through a proxy.
  package var proxies = Proxies.none
  package var patience: Patience
  package var limits = ServerLimits()
  /// Told what a user should know; called from many tasks.
  package var onNote: @Sendable (String) -> Void = { _ in }

  package init() {
    patience = Patience()
    // A server may compute a batch for minutes before the first byte of its answer.
    patience.answer = .seconds(300)
    patience.stall = .seconds(300)
    patience.retries = 8
  }

  /// The variable that holds a key.
  package static let keyVariable = "BORDA_API_KEY"

  /// The key for servers: from a file where one is named, else from the environment.
  ///
  /// No variable of another program is read: a key for one server must not go to whichever server a
  /// SPEC names.
  ///
  /// - Parameters:
  ///   - file: a file with nothing but the key
  ///   - environment: the variables
  /// - Returns: nil where there is none
  /// - Throws: `.missing` for a file that cannot be read, `.usage` for one that holds no key
  package static func key(
    file: String?, environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Failure) -> Secret? {
    guard let file else {
      return try environment[keyVariable].flatMap { text throws(Failure) in
        try Secret(text, from: keyVariable)
      }
    }
    let url = URL(filePath: FilePaths.expandingTilde(file))
    guard let handle = try? FileHandle(forReadingFrom: url),
      let data = try? handle.read(upToCount: 16_384), data.count < 16_384
    else {
      throw Failure(
        .missing, file, "cannot be read as the file of a key",
        hint: "name a file that holds the key and nothing else")
    }
    guard let key = try Secret(String(decoding: data, as: UTF8.self), from: file) else {
      throw Failure(.usage, file, "holds no key", hint: "write the key into it, on one line")
    }
    return key
  }
}

/// What a server may at most make this machine hold.
package struct ServerLimits: Sendable {
  /// Width of a vector.
  package var dimensions = 65_536
  /// Bytes of a number in an answer, with what stands around it.
  package var bytesPerNumber = 40
  /// Bytes of lists of models, facts and error messages.
  package var facts = 4 << 20

  package init() {}

  /// Bytes of an answer with so many vectors.
  func answer(vectors: Int, dimensions: Int?) -> Int {
    (1 << 16) + vectors * ((dimensions ?? self.dimensions) * bytesPerNumber + 1024)
  }
}

extension Advice {
  /// What a user of a server can do.
  static let server = Advice(
    interrupted: "stopped; finished work is kept",
    distrust: "check the address, this machine's clock and its root certificates",
    broken: "check that the server runs at this address, then run the same command again")
}
