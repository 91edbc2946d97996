// Finding the files of a split: rules, suggestions, and paths that lead elsewhere.

import Core
import Foundation
import Testing

@testable import Datasets

struct DataFolderTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  static func card(_ path: String) -> String {
    "---\nconfigs:\n- config_name: default\n  data_files:\n  - {split: test, path: '\(path)'}\n---\n"
  }

  @Test func `a folder that is not there is missing, and the nearest name is offered`() throws {
    try place.write("JSTS/test.jsonl", "")
    let failure = try #require(
      #expect(throws: Failure.self) { _ = try DataFolder(place.root.appending(path: "JST")) })
    #expect(failure.code == .missing && failure.subject.hasSuffix("JST"))
    #expect(failure.hint?.contains("JSTS") == true)
  }

  @Test func `configurations, splits and files are listed`() throws {
    try place.write("en/test.jsonl", "")
    try place.write("en/train.jsonl", "")
    try place.write("de/test.jsonl", "")
    try place.write(".git/test.jsonl", "")
    let folder = try place.folder()
    #expect(folder.configurations == ["de", "en"])
    #expect(folder.splits(of: "en") == ["test", "train"])
    #expect(folder.splits(of: "fr").isEmpty)
    let names = try folder.allFiles().map { $0.path(percentEncoded: false).suffix(13) }
    #expect(names == ["de/test.jsonl", "en/test.jsonl", "n/train.jsonl"])
    #expect(try folder.allFiles(configurations: ["de"]).count == 1)
  }

  @Test func `an unknown configuration or split is missing, with what is near`() throws {
    try place.write("eng_Latn/validation.jsonl", "")
    try place.write("eng_Latn/train.jsonl", "")
    let folder = try place.folder()
    let failures = [("eng_Lat", "train", "eng_Latn"), ("eng_Latn", "validaton", "validation")]
    for (configuration, split, near) in failures {
      let failure = try #require(
        #expect(throws: Failure.self) {
          _ = try folder.files(configuration: configuration, split: split)
        })
      #expect(failure.code == .missing && failure.hint?.contains(near) == true, "\(failure)")
    }
  }

  @Test func `the only split stands in for another where the rule allows it`() throws {
    try place.write("corpus/corpus.jsonl", "")
    try place.write("two/dev.jsonl", "")
    try place.write("two/train.jsonl", "")
    let folder = try place.folder()
    let files = try folder.files(configuration: "corpus", split: "test", rule: .orTheOnlyOne)
    #expect(files.map(\.lastPathComponent) == ["corpus.jsonl"])
    #expect(throws: Failure.self) { _ = try folder.files(configuration: "corpus", split: "test") }
    #expect(throws: Failure.self) {
      _ = try folder.files(configuration: "two", split: "test", rule: .orTheOnlyOne)
    }
    let exact = try folder.files(configuration: "two", split: "dev", rule: .orTheOnlyOne)
    #expect(exact.map(\.lastPathComponent) == ["dev.jsonl"])
  }

  @Test func `a pattern takes the matching files in order, a plain name means itself`() throws {
    for name in ["b.jsonl", "a.jsonl", "[x].jsonl", "x.jsonl"] { try place.write(name, "") }
    try place.write("README.md", Self.card("?.jsonl"))
    let files = try place.folder().files(configuration: "default", split: "test")
    #expect(files.map(\.lastPathComponent) == ["a.jsonl", "b.jsonl", "x.jsonl"])
    try place.write("README.md", Self.card("[x].jsonl"))
    let plain = try place.folder().files(configuration: "default", split: "test")
    #expect(plain.map(\.lastPathComponent) == ["[x].jsonl"])
  }

  @Test func `a file that the card names but nobody downloaded is missing`() throws {
    try place.write("README.md", Self.card("tests.jsonl"))
    try place.write("test.jsonl", "")
    let failure = try #require(
      #expect(throws: Failure.self) {
        _ = try place.folder().files(configuration: "default", split: "test")
      })
    #expect(failure.code == .missing && failure.subject.hasSuffix("tests.jsonl"))
    #expect(failure.hint == "did you mean test.jsonl?")
  }

  @Test(arguments: ["../secret.jsonl", "/etc/passwd", "a/../../secret.jsonl", "hf://x/y.jsonl"])
  func `paths out of the folder are refused`(_ path: String) throws {
    try place.write("README.md", Self.card(path))
    let failure = try #require(
      #expect(throws: Failure.self) {
        _ = try place.folder().files(configuration: "default", split: "test")
      })
    #expect(failure.code == .malformed && failure.message.contains("outside"))
  }

  @Test func `links out of the folder are refused, links within it are followed`() throws {
    let outside = try Workplace()
    let target = try outside.write("secret.jsonl", "{}")
    try FileManager.default.createSymbolicLink(
      at: place.root.appending(path: "test.jsonl"), withDestinationURL: target)
    let inside = try place.write("real/train.jsonl", "{}")
    try FileManager.default.createSymbolicLink(
      at: place.root.appending(path: "dev.jsonl"), withDestinationURL: inside)
    let folder = try place.folder()
    let failure = try #require(
      #expect(throws: Failure.self) {
        _ = try folder.files(configuration: "default", split: "test")
      })
    #expect(failure.code == .malformed && failure.message.contains("link"))
    #expect(try folder.files(configuration: "default", split: "dev").count == 1)
  }

  @Test func `the links of a hub cache into its own store are followed`() async throws {
    let blob = try place.write("datasets--o--n/blobs/abc", "{\"a\": 1}\n")
    let snapshot = place.root.appending(path: "datasets--o--n/snapshots/123")
    try FileManager.default.createDirectory(at: snapshot, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      at: snapshot.appending(path: "test.jsonl"), withDestinationURL: blob)
    #expect(try await DataFolder(snapshot).rows(["a"]) == [[.integer(1)]])
  }

  @Test func `so are links into the store that a cache's repositories share`() async throws {
    try place.write("blobs/ab/abc", "{\"a\": 1}\n")
    let repository = place.root.appending(path: "datasets--o--n")
    let snapshot = repository.appending(path: "snapshots/123")
    for folder in [snapshot, repository.appending(path: "blobs")] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    try FileManager.default.createSymbolicLink(
      atPath: repository.appending(path: "blobs/xyz").path,
      withDestinationPath: "../../blobs/ab/abc")
    try FileManager.default.createSymbolicLink(
      atPath: snapshot.appending(path: "test.jsonl").path, withDestinationPath: "../../blobs/xyz")
    #expect(try await DataFolder(snapshot).rows(["a"]) == [[.integer(1)]])
  }

  @Test func `a link to the folder is as good as the folder`() async throws {
    try place.write("real/test.jsonl", "{\"a\": 1}\n")
    let link = place.root.appending(path: "link")
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: place.root.appending(path: "real"))
    #expect(try await DataFolder(link).rows(["a"]) == [[.integer(1)]])
  }

  @Test func `a card that is not UTF-8 is refused`() throws {
    try place.write("README.md", [0x2D, 0xFF, 0xFE])
    #expect(throws: Failure.self) { _ = try place.folder() }
  }
}
