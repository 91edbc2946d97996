// How connections are opened: times, redirects, compression, proxies. The one place that configures
// the HTTP client.

package import AsyncHTTPClient
package import Core
package import NIOCore
package import NIOHTTPCompression
import Synchronization

package enum Connections {
  /// A client that follows no redirects and opens no connection twice; shut it down after use.
  ///
  /// - Parameters:
  ///   - patience: how long to wait
  ///   - connectionsPerHost: open at the same time
  ///   - proxy: what all of its requests go through; nil for none
  /// - Returns: the client
  package static func client(
    _ patience: Patience, connectionsPerHost: Int, proxy: ProxyServer? = nil
  ) -> HTTPClient {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .disallow
    configuration.timeout = .init(connect: amount(patience.connect), read: amount(patience.stall))
    // A server may compress although it is asked not to. What comes out is counted where it is read.
    configuration.decompression = .enabled(limit: .none)
    configuration.httpVersion = .http1Only
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connectionsPerHost
    configuration.proxy = proxy.map(Self.proxy)
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  private static func proxy(_ server: ProxyServer) -> HTTPClient.Configuration.Proxy {
    switch server.kind {
    case .http:
      let authorization = server.user.map { user in
        HTTPClient.Authorization.basic(username: user, password: server.password?.secret ?? "")
      }
      return .server(host: server.host, port: server.port, authorization: authorization)
    case .socks: return .socksServer(host: server.host, port: server.port)
    }
  }

  package static func amount(_ duration: Duration) -> TimeAmount {
    let parts = duration.components
    return .nanoseconds(parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000)
  }
}

/// The clients of one piece of work: a straight one, and one for every proxy that some host needs.
package final class ConnectionSet: Sendable {
  private let patience: Patience
  private let connectionsPerHost: Int
  private let proxies: Proxies
  private let clients = Mutex<[ProxyServer?: HTTPClient]>([:])

  package init(_ patience: Patience, connectionsPerHost: Int, proxies: Proxies) {
    self.patience = patience
    self.connectionsPerHost = connectionsPerHost
    self.proxies = proxies
  }

  /// The client for requests to a host, and how messages name the way: the host, with the proxy
  /// where there is one.
  ///
  /// - Throws: `.usage` or `.unsupported` for a variable that names no proxy Borda can use
  package func way(to origin: Origin) throws(Failure) -> (client: HTTPClient, name: String) {
    let proxy = try proxies.server(for: origin)
    let client = clients.withLock { clients in
      if let client = clients[proxy] { return client }
      let client = Connections.client(
        patience, connectionsPerHost: connectionsPerHost, proxy: proxy)
      clients[proxy] = client
      return client
    }
    return (client, proxy.map { "\(origin) through the proxy \($0)" } ?? origin.description)
  }

  /// Closes all connections.
  package func shutdown() async {
    let all = clients.withLock { clients in
      defer { clients = [:] }
      return Array(clients.values)
    }
    for client in all { try? await client.shutdown() }
  }
}
