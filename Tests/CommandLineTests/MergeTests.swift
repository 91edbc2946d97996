// `borda models merge` and `--model merge:…` as a user meets them.

import Core
import Foundation
import TestSupport
import Testing

/// A safetensors file of f32 zeros or random numbers; large ones are made of one block again and
/// again.
private func weights(_ tensors: [(name: String, count: Int)], seed: UInt64) -> Data {
  var random = SplitMix(state: seed)
  var header: [(String, JSON)] = []
  var data = Data()
  for (name, count) in tensors {
    let start = data.count
    let block = (0..<min(count, 4096)).map { _ in Float.random(in: -1...1, using: &random) }
    let bytes = block.withUnsafeBytes { Data($0) }
    while data.count - start < count * 4 {
      data.append(bytes.prefix(count * 4 - (data.count - start)))
    }
    header.append(
      (
        name,
        .object([
          ("dtype", .string("F32")), ("shape", .array([.integer(count)])),
          ("data_offsets", .array([.integer(start), .integer(data.count)])),
        ])
      ))
  }
  let text = Data(JSON.object(header).line.utf8)
  var length = UInt64(text.count).littleEndian
  return withUnsafeBytes(of: &length) { Data($0) } + text + data
}

private func write(_ folder: URL, _ tensors: [(name: String, count: Int)], seed: UInt64) throws {
  try folder.write("config.json", #"{"model_type": "bert"}"#)
  try folder.write("model.safetensors", weights(tensors, seed: seed))
}

private func names(in folder: URL) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted()
}

@Suite struct `Merging on the command line` {
  /// Arguments, exit code, and what standard error must hold.
  @Test(arguments: [
    (["--out", "o"], 64, "Name the checkpoint folders"),
    (["a", "b"], 64, "--out"),
    (["a", "b", "--out", "o", "--methd", "linear"], 64, "--method"),
    (["a", "b", "--out", "o", "--method", "slurp"], 64, "did you mean slerp?"),
    (["a", "b", "--out", "o", "--method", "task"], 64, "did you mean task-arithmetic?"),
    (["a", "b", "--out", "o", "--dtype", "float23"], 64, "did you mean float32"),
    (["a", "b", "--out", "o", "--weights", "0.5;0.5"], 64, "'0.5;0.5' is no number"),
    (["a", "b", "--out", "o", "--weights", "1,2,3"], 64, "3 weights for 2 checkpoints"),
    (["a", "b", "--out", "o", "--t", "0.5"], 64, "means nothing to the method linear"),
    (["a", "b", "--out", "o", "--method", "ties"], 64, "--base"),
    (["a", "b", "--out", "o", "--threads", "0"], 64, "--threads"),
    (["a", "b", "--out", "o", "--format", "tabel"], 64, "did you mean table?"),
    (["a", "bb", "--out", "o"], 3, "did you mean"),
    (["a", "vectors:a", "--out", "o"], 64, "only checkpoints can be merged"),
    (["a", "empty", "--out", "o"], 3, "empty"),
    (["a", "b", "--out", "a"], 64, "is one of the parents"),
    (["a", "b", "--out", "taken"], 64, "is there already and not empty"),
    (["a", "b", "--out", "a/config.json"], 64, "is a file"),
    (["a", "other", "--out", "o"], 3, "lacks the tensor w"),
  ])
  func `mistakes are answered with what is wrong, what to try and the right exit code`(
    arguments: [String], status: Int, words: String
  ) async throws {
    try await withTemporaryFolder { folder in
      try write(folder.appending(path: "a"), [("w", 8)], seed: 1)
      try write(folder.appending(path: "b"), [("w", 8)], seed: 2)
      try write(folder.appending(path: "other"), [("x", 8)], seed: 2)
      try folder.write("taken/file", "x")
      try folder.write("empty/notes", "x")
      let before = try names(in: folder)
      let finished = try await Program.run(["models", "merge"] + arguments, in: folder)
      #expect(finished.status == Int32(status), "\(finished.errors)")
      #expect(finished.errors.contains(words), "\(finished.errors)")
      #expect(finished.output.isEmpty)
      #expect(try names(in: folder) == before)
    }
  }

  @Test func `says tensor by tensor what it does, and what came out`() async throws {
    try await withTemporaryFolder { folder in
      try write(folder.appending(path: "a"), [("w", 8), ("v", 4)], seed: 1)
      try write(folder.appending(path: "b"), [("w", 8), ("v", 4)], seed: 1)
      let finished = try await Program.run(
        ["models", "merge", "a", "b", "--out", "deep/new", "--dtype", "bfloat16"], in: folder)
      #expect(finished.status == 0, "\(finished.errors)")
      #expect(finished.errors.contains("2 tensors to merge"))
      #expect(finished.errors.contains("2/2 w [8] BF16, cosine 1.0"))
      #expect(finished.output.contains("deep/new"))
      #expect(
        try names(in: folder.appending(path: "deep/new"))
          == ["README.md", "borda_merge.json", "config.json", "model.safetensors"])
      #expect(try names(in: folder.appending(path: "deep")) == ["new"])
      let json = try await Program.run(
        ["models", "merge", "a", "b", "--out", "o", "--format", "json", "--quiet"], in: folder)
      #expect(json.errors.isEmpty)
      let answer = try JSON(parsing: json.output)
      #expect(answer["schema"]?.integer == 1)
      #expect(answer["statistics"]?["parameters"]?.integer == 12)
      #expect(answer["parents"]?.array?.count == 2)
    }
  }

  @Test func `an interruption leaves nothing and exits with 130`() async throws {
    try await withTemporaryFolder { folder in
      // 8 tensors of 32 MB: several seconds of TIES on any machine.
      let tensors = (0..<8).map { (name: "t\($0)", count: 8_000_000) }
      try write(folder.appending(path: "a"), tensors, seed: 1)
      try write(folder.appending(path: "b"), tensors, seed: 2)
      let finished = try await Program.run(
        [
          "models", "merge", "a", "b", "--method", "ties", "--base", "a", "--out", "o",
          "--threads", "1",
        ], in: folder, interruptAfter: "tensors to merge")
      #expect(finished.status == 130, "\(finished.errors)")
      #expect(finished.errors.contains("was interrupted"))
      #expect(finished.output.isEmpty)
      #expect(try names(in: folder) == ["a", "b"])
    }
  }

  @Test func `a file that may not grow leaves nothing and is an error like any other`()
    async throws
  {
    try await withTemporaryFolder { folder in
      try write(folder.appending(path: "a"), [("w", 1_000_000)], seed: 1)
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      let program = Repository.program.path(percentEncoded: false)
      // 1,000 blocks of 512 or 1,024 bytes, where 4 MB are to be written.
      process.arguments = [
        "-c", "ulimit -f 1000; exec '\(program)' models merge a a --out o --quiet 2>&1",
      ]
      process.currentDirectoryURL = folder
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 1, "\(output)")
      #expect(output.contains("cannot be written") && output.contains("ulimit -f"), "\(output)")
      #expect(try names(in: folder) == ["a"])
    }
  }
}

@Suite(.enabled(if: Shared.isPresent, Shared.reason))
struct `A mean of checkpoints that is not written` {
  private static let folder = Shared.url("models/18_merge").path(percentEncoded: false)
  private static let lines = "one text\nanother\nein dritter\n"

  private func embed(_ spec: String, in folder: URL) async throws -> Finished {
    try await Program.run(["embed", spec], in: folder, input: Self.lines)
  }

  @Test(arguments: ["linear_abc", "linear_weighted_abc_0.5_0.3_0.2"])
  func `embeds exactly as the merge that is written`(name: String) async throws {
    try await withTemporaryFolder { folder in
      let isWeighted = name.contains("weighted")
      let parents = ["a", "b", "c"].map { "\(Self.folder)/\($0)" }
      let merged = try await Program.run(
        ["models", "merge"] + parents + ["--out", "o"]
          + (isWeighted ? ["--weights", "0.5,0.3,0.2"] : []), in: folder)
      #expect(merged.status == 0, "\(merged.errors)")
      let shares = isWeighted ? ["*0.5", "*0.3", "*0.2"] : ["", "", ""]
      let spec = "merge:" + zip(parents, shares).map { $0 + $1 }.joined(separator: "+")
      let written = try await embed("./o", in: folder)
      let averaged = try await embed(spec, in: folder)
      #expect(averaged.status == 0, "\(averaged.errors)")
      #expect(written.output.split(separator: "\n").count == 3)
      #expect(averaged.output == written.output)
    }
  }

  @Test func `has a name and a revision of its own, from its parents and their weights`()
    async throws
  {
    try await withTemporaryFolder { folder in
      var revisions: [String?] = []
      for shares in ["a+FOLDER/b", "a*1+FOLDER/b*1", "a*2+FOLDER/b*1", "b+FOLDER/a"] {
        let spec = "merge:\(Self.folder)/" + shares.replacing("FOLDER", with: Self.folder)
        let shown = try await Program.run(
          ["models", "show", spec, "--format", "json"], in: folder)
        #expect(shown.status == 0, "\(shown.errors)")
        let json = try JSON(parsing: shown.output)
        #expect(json["name"]?.string?.hasPrefix("local/merge-") == true)
        #expect(json["settings"]?["merge"]?.string == "linear")
        #expect(json["settings"]?["merge_parent_2"]?.string?.contains("local/") == true)
        revisions.append(json["revision"]?.string)
      }
      #expect(revisions[0] == revisions[1])
      #expect(Set(revisions).count == 3)
    }
  }

  @Test(arguments: [
    ("merge:", 64, "names no folder"), ("merge:a+nothing", 3, "there is no such folder"),
    ("merge:a*0.5+b", 64, "gives weights to 1 of 2"), ("merge:a*x+b", 64, "'x' is no weight"),
    ("merge:a*1+b*-1", 64, "sum 0.0"), ("merge:a+other", 3, "do not match"),
  ])
  func `is refused with what is wrong`(spec: String, status: Int, words: String) async throws {
    try await withTemporaryFolder { folder in
      for name in ["a", "b"] {
        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: name).path(percentEncoded: false),
          withDestinationPath: "\(Self.folder)/\(name)")
      }
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "other").path(percentEncoded: false),
        withDestinationPath: Shared.url("models/01_bert_wordpiece").path(percentEncoded: false))
      let finished = try await embed(spec, in: folder)
      #expect(finished.status == Int32(status), "\(finished.errors)")
      #expect(finished.errors.contains(words), "\(finished.errors)")
    }
  }

  @Test func `may have a plus sign or an asterisk in a folder's name`() async throws {
    try await withTemporaryFolder { folder in
      for (name, target) in [("c++", "a"), ("x*2", "b")] {
        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: name).path(percentEncoded: false),
          withDestinationPath: "\(Self.folder)/\(target)")
      }
      let finished = try await embed("merge:c+++x*2", in: folder)
      #expect(finished.status == 0, "\(finished.errors)")
      let weighted = try await embed("merge:c++*1+x*2*3", in: folder)
      #expect(weighted.status == 0, "\(weighted.errors)")
      #expect(finished.output != weighted.output)
    }
  }
}
