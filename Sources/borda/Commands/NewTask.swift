// `borda tasks new`: a commented task file to begin with.

import ArgumentParser
import Catalogue
import Core
import Evaluation
import Foundation
import Storage

extension Tasks {
  struct New: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a commented task file of a type, to begin a task of your own.",
      discussion: """
        EXAMPLES:
          borda tasks new STS MyPairs
          borda tasks new Retrieval MySearch --with-data
          borda evaluate --model baseline:hash --tasks ./MySearch.yaml

        The file says where the data are looked for and which columns they need;
        --with-data writes a few rows there, so that the task runs at once.
        """)

    @Argument(help: "Type of the task, such as STS or Retrieval.") var type: String
    @Argument(help: "Name of the task, and of its file.") var name: String

    @Option(
      help: ArgumentHelp("Folder for the file (default: this one).", valueName: "dir"))
    var out = "."

    @Flag(name: .customLong("with-data"), help: "Write a few rows of data in the right layout too.")
    var withData = false

    func run() throws {
      let type = try Lists.types([self.type])[0]
      guard let template = TaskTemplate.of(type) else {
        throw Failure(.unsupported, type.rawValue, "has no template")
      }
      try checkName()
      let folder = URL(filePath: FilePaths.expandingTilde(out))
      var files = [(path: "\(name).yaml", text: template.text(named: name))]
      if withData { files += template.data(named: name) }
      for file in files where FilePaths.kind(of: folder.appending(path: file.path)) != nil {
        throw Failure(
          .usage, FilePaths.display(folder.appending(path: file.path)), "is there already",
          hint: "choose another name, or another folder with --out")
      }
      // The task file last: where it is, its data are too.
      for file in files.reversed() {
        try AtomicFile.write(file.text, to: folder.appending(path: file.path))
      }
      for file in files {
        try Terminal.print(FilePaths.display(folder.appending(path: file.path)) + "\n")
      }
    }

    /// The rules of task files, which the written one has to keep.
    private func checkName() throws(Failure) {
      let isPlain = name.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0))
      }
      guard isPlain, let first = name.first, first.isLetter || first.isNumber, name.count <= 100
      else {
        throw Failure(
          .usage, name, "is no name for a task",
          hint: "use letters, digits, '-', '_' and '.', beginning with a letter or digit")
      }
    }
  }
}
