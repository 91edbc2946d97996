// Where tests find things: the repository, the program, the checkpoint, the reference material.

package import Foundation
package import Testing

package enum Repository {
  /// The root of the working tree, found from this file's own path.
  package static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  package static let tasks = root.appending(path: "Tasks")

  /// The program that was built together with the tests.
  package static let program: URL = {
    let tests = Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
    return tests.deletingLastPathComponent().appending(path: "borda")
  }()
}

/// Reference scores, data and checkpoints that stand beside the repository for its developers.
package enum Shared {
  package static let folder: URL? = {
    let url = Repository.root.deletingLastPathComponent().appending(path: "shared")
    return exists(url.appending(path: "golden")) ? url : nil
  }()

  package static let isPresent = folder != nil
  package static let reason: Comment =
    "the reference material is not beside this repository"

  /// A place below the folder; call it only in tests that are enabled by `isPresent`.
  package static func url(_ path: String) -> URL {
    (folder ?? URL(filePath: "/nonexistent")).appending(path: path)
  }
}

/// The real checkpoint all-MiniLM-L6-v2, which `make test` fetches.
package enum MiniLM {
  package static let folder = Repository.root.appending(path: ".demo/models/all-MiniLM-L6-v2")
  package static let isPresent = exists(folder.appending(path: "model.safetensors"))
  package static let reason: Comment = "all-MiniLM-L6-v2 is not in .demo/models; run make test"
}

/// A real Llama-shaped network, which `make test` converts from a GGUF file (docs/gguf.md).
package enum SmolLM2 {
  package static let folder = Repository.root.appending(path: ".demo/models/SmolLM2-135M-Instruct")
  package static let isPresent = exists(folder.appending(path: "model.safetensors"))
  package static let reason: Comment = "SmolLM2 is not in .demo/models; run make test"
}

package func exists(_ url: URL) -> Bool {
  FileManager.default.fileExists(atPath: url.path(percentEncoded: false))
}
