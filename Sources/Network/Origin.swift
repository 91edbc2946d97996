// Which addresses are served by the same host.

package import Foundation

/// What has to agree for two addresses to be served by the same host.
package struct Origin: Hashable, Sendable, CustomStringConvertible {
  package let scheme: String
  package let host: String
  package let port: Int

  /// nil for anything but http and https.
  package init?(_ url: URL) {
    guard let scheme = url.scheme?.lowercased(), ["http", "https"].contains(scheme),
      let host = url.host()?.lowercased(), !host.isEmpty
    else { return nil }
    self.scheme = scheme
    self.host = host
    port = url.port ?? (scheme == "https" ? 443 : 80)
  }

  package var description: String { port == 443 || port == 80 ? host : "\(host):\(port)" }
}
