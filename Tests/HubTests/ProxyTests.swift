// Which proxy a request goes through, and requests that do.

import Core
import FakeHub
import Foundation
import Network
import TestSupport
import Testing

@testable import Hub

@Suite struct `The proxy of a request` {
  private func server(_ variables: [String: String], _ address: String) throws -> String? {
    let origin = try #require(URL(string: address).flatMap { Origin($0) })
    return try Proxies(environment: variables).server(for: origin)?.description
  }

  /// Variables, the address asked for, and the proxy.
  @Test(
    arguments: [
      ([:], "https://a.org", nil),
      (["https_proxy": "http://p:3128"], "https://a.org", "p:3128"),
      (["https_proxy": "http://p:3128"], "http://a.org", nil),
      (["http_proxy": "p:8080"], "http://a.org", "p:8080"),
      (["HTTPS_PROXY": "http://p"], "https://a.org", "p:80"),
      (["https_proxy": "http://low:1", "HTTPS_PROXY": "http://up:2"], "https://a.org", "low:1"),
      (["https_proxy": " ", "ALL_PROXY": "socks5h://s"], "https://a.org", "s:1080"),
      (["all_proxy": "socks5://s:9", "https_proxy": "http://p:1"], "https://a.org", "p:1"),
      (["all_proxy": "http://u:pw@p:3"], "https://a.org", "p:3"),
      (["all_proxy": "http://[::1]:3"], "https://a.org", "::1:3"),
    ] as [([String: String], String, String?)])
  func `is the one of its scheme, else of all`(
    variables: [String: String], address: String, proxy: String?
  ) throws {
    #expect(try server(variables, address) == proxy)
  }

  /// `no_proxy`, the address asked for, and whether it goes straight there.
  @Test(arguments: [
    ("a.org", "https://a.org", true), ("a.org", "https://x.a.org", true),
    (".a.org", "https://x.a.org", true), ("*.a.org", "https://x.a.org", true),
    ("a.org", "https://ba.org", false), ("b.org, a.org", "https://a.org", true),
    ("b.org a.org", "https://A.ORG", true), ("*", "https://a.org", true),
    ("a.org:8443", "https://a.org:8443", true), ("a.org:8443", "https://a.org", false),
    ("10.0.0.0/8", "https://10.9.8.7", true), ("10.0.0.0/8", "https://11.9.8.7", false),
    ("10.1.2.3", "https://10.1.2.3", true), ("", "https://a.org", false),
    ("", "https://localhost:8443", true), ("", "https://127.0.0.2", true),
    ("", "https://[::1]", true),
  ])
  func `is left out for hosts that need none`(list: String, address: String, isStraight: Bool)
    throws
  {
    let lower = try server(["https_proxy": "http://p:1", "no_proxy": list], address)
    let upper = try server(["https_proxy": "http://p:1", "NO_PROXY": list], address)
    #expect((lower == nil) == isStraight)
    #expect(upper == lower)
  }

  @Test(arguments: [
    "https://user:secretWord@p:1", "ftp://secretWord", "socks5://user:secretWord@p", "http://",
    "http://:secretWord@", "http://:99999/secretWord",
  ])
  func `is refused where it makes no sense, without showing it`(text: String) {
    let failure = #expect(throws: Failure.self) {
      try server(["https_proxy": text], "https://a.org")
    }
    #expect(failure?.subject == "https_proxy")
    #expect(failure?.description.contains("secretWord") == false)
  }
}

@Suite struct `Requests through a proxy` {
  /// A bench whose hub has a name that only the proxy knows.
  private func withProxy(
    _ variables: @escaping @Sendable (String) -> [String: String], refusal: String? = nil,
    _ body: @escaping @Sendable (Bench, FakeProxy) async throws -> Void
  ) async throws {
    try await withBench { bench in
      try await FakeProxy.run(to: bench.hub.port, refusal: refusal) { proxy in
        var bench = bench
        bench.settings.endpoint = try HubEndpoint("http://hub.invalid:\(bench.hub.port)")
        bench.settings.proxies = Proxies(environment: variables(proxy.address))
        bench.settings.patience.retries = 0
        bench.hub.keepLargeFiles(at: "http://store.invalid:\(bench.hub.port)")
        try await body(bench, proxy)
      }
    }
  }

  @Test func `fetch from a hub that only the proxy reaches`() async throws {
    try await withProxy({ ["http_proxy": "http://ada:secretWord@\($0)"] }) { bench, proxy in
      var bench = bench
      bench.settings.token = try Secret(FakeHub.token, from: "test")
      try await bench.expect("README.md", is: Array("# Data\n".utf8))
      try await bench.expect("data/test.bin", is: bulk)
      let heads = proxy.heads
      #expect(heads.contains { $0.hasPrefix("CONNECT hub.invalid:\(bench.hub.port) ") })
      #expect(heads.contains { $0.hasPrefix("CONNECT store.invalid:\(bench.hub.port) ") })
      // The user's name and password in base 64; the proxy does not learn the hub's token.
      let words = Data("ada:secretWord".utf8).base64EncodedString()
      #expect(heads.allSatisfy { $0.lowercased().contains("proxy-authorization: basic ") })
      #expect(heads.allSatisfy { $0.contains(words) })
      #expect(heads.allSatisfy { !$0.contains(FakeHub.token) })
    }
  }

  @Test func `go straight where no_proxy lists the host`() async throws {
    try await withProxy({ ["http_proxy": "http://\($0)", "no_proxy": "hub.invalid"] }) {
      bench, proxy in
      let failure = await bench.failure("README.md")
      #expect(failure?.code == .tryAgain)
      #expect(proxy.heads.isEmpty)
    }
  }

  @Test(arguments: [
    ("407 Proxy Authentication Required", 64, "user name and a password"),
    ("403 Forbidden", 1, "refuses to open one"),
  ])
  func `that it refuses fail with a way out`(refusal: String, code: Int32, words: String)
    async throws
  {
    try await withProxy({ ["http_proxy": "http://ada:secretWord@\($0)"] }, refusal: refusal) {
      bench, proxy in
      let failure = await bench.failure("README.md")
      #expect(failure?.exitCode == code)
      #expect(failure?.message.contains(words) == true, "\(String(describing: failure))")
      #expect(failure?.message.contains("through the proxy \(proxy.address)") == true)
      #expect(failure?.description.contains("secretWord") == false)
    }
  }

  @Test func `name the proxy where it is not there`() async throws {
    try await withProxy({ _ in ["all_proxy": "http://127.0.0.1:9"] }) { bench, _ in
      let failure = await bench.failure("README.md")
      #expect(failure?.code == .tryAgain)
      #expect(failure?.message.contains("through the proxy 127.0.0.1:9") == true)
    }
  }
}
