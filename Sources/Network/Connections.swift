// How connections are opened: times, redirects, compression. The one place that configures the HTTP
// client.

package import AsyncHTTPClient
package import Core
package import NIOCore
import NIOHTTPCompression

package enum Connections {
  /// A client that follows no redirects and opens no connection twice; shut it down after use.
  package static func client(_ patience: Patience, connectionsPerHost: Int) -> HTTPClient {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: amount(patience.connect), read: amount(patience.stall))
    // A server may compress although it is asked not to. What comes out is counted where it is read.
    configuration.decompression = .enabled(limit: .none)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsPerHost
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  package static func amount(_ duration: Duration) -> TimeAmount {
    let parts = duration.components
    return .nanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
  }
}
