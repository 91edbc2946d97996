// The address of a hub, and which other addresses belong to the same host: only those are ever sent
// the token.

package import Core
import Foundation
import Network

/// `https://host` or `https://host:port/prefix`.
package struct HubEndpoint: Sendable, Hashable {
  /// Without a slash at its end.
  package let address: String
  let origin: Origin

  /// - Throws: `.usage` for anything that is no http or https address, or that holds a password.
  package init(_ text: String) throws(Failure) {
    var address = text
    while address.hasSuffix("/") { address.removeLast() }
    guard let url = URL(string: address), let origin = Origin(url), url.query() == nil,
      url.fragment() == nil, url.user() == nil, url.password() == nil
    else {
      throw Failure(
        .usage, "HF_ENDPOINT", "not the address of a hub",
        hint: "set it to something like https://hub.example.org, without a user name, or unset it")
    }
    self.address = address
    self.origin = origin
  }

  /// What messages call the hub.
  var host: String { origin.description }
}
