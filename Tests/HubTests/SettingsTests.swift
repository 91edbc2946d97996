// Names of repositories, and settings from the environment as Python's client reads it.

import Core
import Foundation
import Network
import TestSupport
import Testing

@testable import Hub

@Suite struct `The name of a repository` {
  /// What is written, and the name and revision that it means.
  @Test(arguments: [
    ("data", "data", "main"), ("org/data", "org/data", "main"),
    ("org/data@v1.0", "org/data", "v1.0"),
    ("Org-1/da_ta.x@refs/pr/4", "Org-1/da_ta.x", "refs/pr/4"),
  ])
  func `may carry a revision`(text: String, name: String, revision: String) throws {
    let repository = try HubRepository(.dataset, text)
    #expect(repository.name == name)
    #expect(repository.revision == revision)
  }

  @Test(arguments: [
    "", "/", "a/b/c", "../x", "a--b", "a..b", "-a", "a.", "org/", "a b", "ü", "a.git", "org/a@",
    "org/a@../x", "org/a@/x", "org/a@x\u{7}", String(repeating: "a", count: 97),
  ])
  func `is checked`(text: String) {
    let failure = #expect(throws: Failure.self) { try HubRepository(.model, text) }
    #expect(failure?.exitCode == 64)
  }

  @Test func `decides folder and addresses`() throws {
    let data = try HubRepository(.dataset, "org/data@v1/x")
    let root = HubCache(URL(filePath: "/c"))
    #expect(root.folder(of: data).path == "/c/datasets--org--data")
    #expect(data.filePath("a b.txt", at: "v1/x") == "/datasets/org/data/resolve/v1%2Fx/a%20b.txt")
    #expect(data.treePath.hasPrefix("/api/datasets/org/data/tree/v1%2Fx?recursive=true"))
    let model = try HubRepository(.model, "tiny")
    #expect(root.folder(of: model).path == "/c/models--tiny")
    #expect(model.filePath("x", at: commit) == "/tiny/resolve/\(commit)/x")
    #expect(!model.isPinned)
    #expect(model.pinned(to: commit).isPinned)
  }
}

@Suite struct `Settings` {
  private func settings(_ environment: [String: String]) throws -> HubSettings {
    try HubSettings(environment: environment, home: URL(filePath: "/home/ada"))
  }

  /// Variables, and the folder of the cache.
  @Test(
    arguments: [
      ([:], "/home/ada/.cache/huggingface/hub"),
      (["XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
      (["HF_HOME": "~/hf"], "/home/ada/hf/hub"),
      (["HF_HOME": "$SCRATCH/hf", "SCRATCH": "/s"], "/s/hf/hub"),
      (["HF_HOME": "${SCRATCH}hf", "SCRATCH": "/s/"], "/s/hf/hub"),
      (["HF_HOME": "/h", "HF_HUB_CACHE": "/c"], "/c"),
      (["HF_HOME": "/h", "HUGGINGFACE_HUB_CACHE": "/old"], "/old"),
      (["HF_HUB_CACHE": "/c", "HUGGINGFACE_HUB_CACHE": "/old"], "/c"),
      (["HF_HUB_CACHE": "", "HF_HOME": "/h"], "/h/hub"),
    ] as [([String: String], String)])
  func `find the cache where Python finds it`(variables: [String: String], path: String) throws {
    #expect(try settings(variables).cache.path == path)
  }

  @Test(arguments: ["1", "on", "Yes", "TRUE"])
  func `know when to stay offline`(value: String) throws {
    #expect(try settings(["HF_HUB_OFFLINE": value]).isOffline)
    #expect(try settings(["TRANSFORMERS_OFFLINE": value]).isOffline)
    #expect(try !settings(["HF_HUB_DISABLE_SYMLINKS": value]).usesLinks)
    #expect(try !settings([:]).isOffline)
    #expect(try !settings(["HF_HUB_OFFLINE": "0"]).isOffline)
  }

  @Test func `take the token from a variable, else from a file`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("token", "hf_file\n")
      try folder.write("mine", "hf_mine")
      let home = ["HF_HOME": folder.path]
      #expect(try settings(home).token?.secret == "hf_file")
      #expect(try settings(home.merging(["HF_TOKEN": "hf_x"]) { $1 }).token?.secret == "hf_x")
      #expect(try settings(home.merging(["HF_TOKEN": ""]) { $1 }).token?.secret == "hf_file")
      let path = folder.appending(path: "mine").path
      #expect(
        try settings(home.merging(["HF_TOKEN_PATH": path]) { $1 }).token?.secret == "hf_mine")
      #expect(
        try settings(home.merging(["HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"]) { $1 }).token == nil)
    }
    #expect(try settings(["HF_HOME": "/nowhere"]).token == nil)
  }

  @Test func `know the endpoint and the times`() throws {
    let set = try settings([
      "HF_ENDPOINT": "http://localhost:8080/hub/", "HF_HUB_ETAG_TIMEOUT": "3",
      "HF_HUB_DOWNLOAD_TIMEOUT": "20",
    ])
    #expect(set.endpoint.address == "http://localhost:8080/hub")
    #expect(set.patience.answer == .seconds(3))
    #expect(set.patience.stall == .seconds(20))
    #expect(try settings([:]).endpoint.address == HubSettings.defaultEndpoint)
  }

  @Test(arguments: [
    ("HF_ENDPOINT", "hub.example.org"), ("HF_ENDPOINT", "ftp://x"), ("HF_ENDPOINT", "https://"),
    ("HF_ENDPOINT", "https://ada:secret@x"), ("HF_ENDPOINT", "https://x?a=b"),
    ("HF_HUB_ETAG_TIMEOUT", "soon"), ("HF_HUB_DOWNLOAD_TIMEOUT", "-1"),
  ])
  func `are refused where they make no sense`(name: String, value: String) {
    let failure = #expect(throws: Failure.self) { try settings([name: value]) }
    #expect(failure?.exitCode == 64)
    #expect(failure?.subject == name)
    #expect(failure?.description.contains("secret") == false)
  }

  @Test(arguments: [
    ("https://a", "https://a:443/x", true), ("https://A/x", "https://a", true),
    ("https://a", "http://a", false), ("https://a", "https://a:8443", false),
    ("https://a", "https://b.a", false), ("http://a", "http://a.b", false),
  ])
  func `tell hosts apart`(one: String, other: String, same: Bool) throws {
    let origins = try [one, other].map { Origin(try #require(URL(string: $0))) }
    #expect((origins[0] == origins[1]) == same)
  }
}
