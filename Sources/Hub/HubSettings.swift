// Where the hub is, where its cache lies, who asks and how patiently: read from the variables of the
// environment that Python's client reads too. The one place that knows the default endpoint.

package import Core
package import Foundation
package import Network

/// How to talk to a hub and where to keep what it sends.
package struct HubSettings: Sendable {
  static let defaultEndpoint = "https://huggingface.co"

  package var endpoint: HubEndpoint
  /// The shared cache folder, `…/huggingface/hub`.
  package var cache: URL
  package var token: Secret?
  /// Nothing is asked of the network.
  package var isOffline = false
  /// Snapshots link to blobs; without, they hold the files themselves.
  package var usesLinks = true
  /// Files that are fetched at the same time.
  package var parallelFiles = 4
  /// Repositories that are fetched from at the same time.
  package var parallelRepositories = 3
  /// What requests go through on their way.
  package var proxies = Proxies.none
  package var patience = Patience()
  /// Between looks at a lock that another process holds.
  package var lockPause = Duration.milliseconds(100)
  package var limits = HubLimits()
  /// What a transfer left is removed when it has not been written to for so long.
  package var staleAge = Duration.seconds(14 * 86_400)

  package init(endpoint: HubEndpoint, cache: URL) {
    self.endpoint = endpoint
    self.cache = cache
  }

  /// Reads HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_TOKEN and their kin.
  ///
  /// - Parameters:
  ///   - environment: the variables
  ///   - home: the user's home folder, for `~`
  /// - Throws: `.usage` for an endpoint, a token or a time that makes no sense
  package init(
    environment: [String: String] = ProcessInfo.processInfo.environment,
    home: URL = FileManager.default.homeDirectoryForCurrentUser
  ) throws(Failure) {
    let variables = HubVariables(environment, home: home)
    endpoint = try HubEndpoint(variables["HF_ENDPOINT"] ?? Self.defaultEndpoint)
    let hubHome =
      variables.path("HF_HOME") ?? variables.path("XDG_CACHE_HOME")?.appending(path: "huggingface")
      ?? home.appending(path: ".cache/huggingface")
    cache =
      variables.path("HF_HUB_CACHE") ?? variables.path("HUGGINGFACE_HUB_CACHE")
      ?? hubHome.appending(path: "hub")
    token = try Self.token(
      variables, file: variables.path("HF_TOKEN_PATH") ?? hubHome.appending(path: "token"))
    isOffline = variables.isTrue("HF_HUB_OFFLINE", or: "TRANSFORMERS_OFFLINE")
    proxies = Proxies(environment: environment)
    usesLinks = !variables.isTrue("HF_HUB_DISABLE_SYMLINKS")
    if let seconds = try variables.seconds("HF_HUB_ETAG_TIMEOUT") { patience.answer = seconds }
    if let seconds = try variables.seconds("HF_HUB_DOWNLOAD_TIMEOUT") { patience.stall = seconds }
  }

  /// The same, asking nothing of the network where a command is told so.
  package func offline(_ isOffline: Bool) -> HubSettings {
    var settings = self
    settings.isOffline = settings.isOffline || isOffline
    return settings
  }

  private static func token(_ variables: HubVariables, file: URL) throws(Failure) -> Secret? {
    if variables.isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN") { return nil }
    for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
      if let text = variables[name] { return try Secret(text, from: name) }
    }
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    return try Secret(text, from: FilePaths.display(file))
  }
}

/// What a server may at most make this machine hold.
package struct HubLimits: Sendable {
  /// Bytes of one page of a listing.
  package var page = 16 << 20
  package var pages = 10_000
  /// Files of a repository.
  package var files = 1_000_000
  /// Bytes of a file whose size nobody announced.
  package var unannouncedFile = 4 << 30
  package var redirects = 10

  package init() {}
}

/// Variables as Python's client reads them.
private struct HubVariables {
  let values: [String: String]
  let home: URL

  init(_ values: [String: String], home: URL) {
    self.values = values
    self.home = home
  }

  /// nil for an empty one too.
  subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

  func isTrue(_ name: String, or other: String = "") -> Bool {
    ["1", "ON", "YES", "TRUE"].contains((self[name] ?? self[other] ?? "").uppercased())
  }

  /// A folder or file, with `~`, `$NAME` and `${NAME}` replaced.
  func path(_ name: String) -> URL? {
    guard var text = self[name] else { return nil }
    text = text.replacing(/\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/) { match in
      values[String(match.1 ?? match.2 ?? "")] ?? String(match.0)
    }
    if text == "~" { return home }
    if text.hasPrefix("~/") { return home.appending(path: String(text.dropFirst(2))) }
    return URL(filePath: text)
  }

  func seconds(_ name: String) throws(Failure) -> Duration? {
    guard let text = self[name] else { return nil }
    guard let number = Int(text), (0...86_400).contains(number) else {
      throw Failure(
        .usage, name, "'\(text.filter { !$0.isControl })' is not a number of seconds",
        hint: "set it to a whole number such as 10, or unset it")
    }
    return number == 0 ? nil : .seconds(number)
  }
}
