// Vectors that `borda embed` writes, read again as a model and compared by `borda doctor parity`.

import Core
import Foundation
import TestSupport
import Testing

private let texts = "the cat sat\non the mat\nand slept\n"

@Suite struct `Stored vectors` {
  @Test(arguments: ["npy", "safetensors"])
  func `are a model that agrees with the one that made them`(format: String) async throws {
    try await withTemporaryFolder { folder in
      let embed = try await Program.run(
        ["embed", "baseline:hash", "--vectors", "stored", "--as", format], in: folder, input: texts)
      #expect(embed.status == 0, "\(embed.errors)")
      try folder.write("texts.txt", texts)
      let parity = try await Program.run(
        [
          "doctor", "parity", "baseline:hash", "vectors:stored", "--texts", "texts.txt",
          "--at-least", "1", "--format", "json",
        ], in: folder)
      #expect(parity.status == 0, "\(parity.errors)")
      let answer = try JSON(parsing: parity.output)
      #expect(answer["schema"]?.integer == 1 && answer["below"]?.integer == 0)
      #expect(answer["rows"]?.array?.map { $0["largest_difference"]?.double } == [0, 0, 0])
    }
  }

  @Test func `are found by the text with its prompt`() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("p.json", #"{"query": "query: "}"#)
      let embed = try await Program.run(
        ["embed", "baseline:hash", "--vectors", "v", "--prompts", "p.json", "--role", "query"],
        in: folder, input: texts)
      #expect(embed.status == 0, "\(embed.errors)")
      let lines = try String(contentsOf: folder.appending(path: "v/texts.jsonl"), encoding: .utf8)
      #expect(lines.hasPrefix(#"{"row": 0, "text": "query: the cat sat"}"#), "\(lines)")
      let found = try await Program.run(
        ["embed", "vectors:v", "--prompts", "p.json", "--role", "query"], in: folder, input: texts)
      #expect(found.status == 0, "\(found.errors)")
      let missed = try await Program.run(["embed", "vectors:v"], in: folder, input: texts)
      #expect(missed.status == 3)
      #expect(missed.errors.contains("has no vector for 3 of 3 texts"), "\(missed.errors)")
    }
  }

  @Test(arguments: [
    (["embed", "baseline:hash", "--vectors", "full"], 64, "has files already"),
    (["embed", "baseline:hash", "--output", "v.bin"], 64, "ends in .npy or .safetensors"),
    (["embed", "baseline:hash", "--as", "npy"], 64, "--as belongs to --vectors"),
    (["embed", "vectors:full"], 3, "there is no such file"),
    (["embed", "vectors:both"], 3, "has both embeddings.npy and embeddings.safetensors"),
    (["doctor", "parity", "baseline:hash", "baseline:hash", "--texts", "no"], 3, "no such file"),
    (
      ["doctor", "parity", "baseline:hash", "baseline:hash", "--texts", "-", "--max-tokens", "9"],
      64,
      "means nothing to baseline:hash"
    ),
    (["doctor", "parity", "baseline:hash", "baseline:hash", "--texts", "bytes"], 1, "bytes:2"),
  ])
  func `that cannot be had are refused by name`(
    arguments: [String], status: Int, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try folder.write("full/x", "")
      for file in ["embeddings.npy", "embeddings.safetensors", "texts.jsonl"] {
        try folder.write("both/\(file)", "")
      }
      try Data([97, 10, 255, 10]).write(to: folder.appending(path: "bytes"))
      let finished = try await Program.run(arguments, in: folder, input: texts)
      #expect(finished.status == Int32(status), "\(finished.errors)")
      #expect(finished.errors.contains(words), "\(finished.errors)")
    }
  }
}
