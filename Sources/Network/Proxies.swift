// Which proxy a request goes through, as the variables of the environment say it: http_proxy,
// https_proxy, all_proxy and no_proxy, in lower or upper case.

package import Core
package import Foundation

/// A server that opens connections for others.
package struct ProxyServer: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case http
    /// Version 5; names are looked up by the proxy.
    case socks
  }

  package let kind: Kind
  package let host: String
  package let port: Int
  let user: String?
  let password: Secret?

  /// Reads `http://user:password@host:port`, `socks5://host:port` or `host:port`.
  ///
  /// - Parameters:
  ///   - text: the address
  ///   - variable: what failures name, which never show the address: it may hold a password
  /// - Throws: `.usage` for what is no such address, `.unsupported` for proxies of another kind
  init(_ text: String, from variable: String) throws(Failure) {
    let address = text.contains("://") ? text : "http://\(text)"
    guard let url = URL(string: address), let scheme = url.scheme?.lowercased(),
      let host = url.host(), !host.isEmpty
    else {
      throw Failure(
        .usage, variable, "does not hold the address of a proxy",
        hint: "set it to something like http://proxy.example.org:3128, or unset it")
    }
    switch scheme {
    case "http": kind = .http
    case "socks", "socks5", "socks5h": kind = .socks
    default:
      throw Failure(
        .unsupported, variable, "names a proxy of the kind '\(scheme.prefix(16))'",
        hint: "use a proxy that is spoken to as http://host:port or socks5://host:port")
    }
    self.host =
      host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    port = url.port ?? (kind == .http ? 80 : 1080)
    user = url.user(percentEncoded: false)
    password = try url.password(percentEncoded: false).flatMap { text throws(Failure) in
      try Secret(text, from: variable)
    }
    guard kind == .http || user == nil else {
      throw Failure(
        .unsupported, variable, "names a SOCKS proxy with a user name",
        hint: "use one without, or an HTTP proxy")
    }
  }
}

extension ProxyServer: CustomStringConvertible {
  /// Host and port; never the user.
  package var description: String { "\(host):\(port)" }
}

/// The proxies of an environment.
package struct Proxies: Sendable {
  private let variables: [String: String]

  /// Takes note of the variables; what is wrong with one shows when it is needed.
  package init(environment: [String: String]) {
    // The rest of an environment holds secrets that are no business of this type.
    variables = environment.filter { $0.key.lowercased().hasSuffix("_proxy") }
  }

  /// No proxy at all.
  package static let none = Proxies(environment: [:])

  /// The proxy that requests to a host go through; nil for none.
  ///
  /// This machine itself is never reached through a proxy.
  ///
  /// - Throws: `.usage` or `.unsupported` for a variable that names no proxy Borda can use
  package func server(for origin: Origin) throws(Failure) -> ProxyServer? {
    guard !Self.isLoopback(origin.host), !isExempt(origin) else { return nil }
    for name in ["\(origin.scheme)_proxy", "all_proxy"] {
      for variable in [name, name.uppercased()] {
        guard let text = value(variable) else { continue }
        return try ProxyServer(text, from: variable)
      }
    }
    return nil
  }

  private func value(_ name: String) -> String? {
    let text = variables[name]?.trimmingCharacters(in: .whitespacesAndNewlines)
    return text.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host.hasSuffix(".localhost") || ["::1", "[::1]"].contains(host)
      || IPv4Range("127.0.0.0/8")?.contains(host) == true
  }

  /// Whether `no_proxy` lists the host: `*`, a name with all below it, an address, a range of
  /// addresses as `10.0.0.0/8`; each with a port or without.
  private func isExempt(_ origin: Origin) -> Bool {
    guard let list = value("no_proxy") ?? value("NO_PROXY") else { return false }
    for entry in list.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      var name = entry.lowercased()
      if name == "*" { return true }
      if let range = IPv4Range(name) {
        if range.contains(origin.host) { return true }
        continue
      }
      if let colon = name.lastIndex(of: ":"), let port = Int(name[name.index(after: colon)...]),
        !name[..<colon].contains(":") || name[..<colon].hasSuffix("]")
      {
        guard port == origin.port else { continue }
        name = String(name[..<colon])
      }
      name = String(name.drop { $0 == "*" || $0 == "." })
      if !name.isEmpty, origin.host == name || origin.host.hasSuffix(".\(name)") { return true }
    }
    return false
  }
}

/// Addresses that begin with the same bits.
private struct IPv4Range {
  let bits: UInt32
  let mask: UInt32

  /// Reads `10.1.2.3` or `10.0.0.0/8`; nil for anything else.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let bits = Self.bits(parts[0]) else { return nil }
    let length = parts.count == 2 ? Int(parts[1]) : 32
    guard let length, (0...32).contains(length) else { return nil }
    mask = length == 0 ? 0 : ~UInt32(0) << UInt32(32 - length)
    self.bits = bits & mask
  }

  func contains(_ host: String) -> Bool { Self.bits(host).map { $0 & mask == bits } ?? false }

  private static func bits(_ text: some StringProtocol) -> UInt32? {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    guard numbers.count == 4 else { return nil }
    var bits: UInt32 = 0
    for number in numbers {
      guard let number else { return nil }
      bits = bits << 8 | UInt32(number)
    }
    return bits
  }
}
