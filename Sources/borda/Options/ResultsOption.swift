// Where results lie.

import ArgumentParser
import Core
import Foundation

/// Results go to `Reports/results` below the working directory unless told otherwise.
enum ResultsFolder {
  static let standard = "Reports/results"

  static func url(_ path: String) -> URL { URL(filePath: FilePaths.expandingTilde(path)) }
}

struct ResultsToRead: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Folders of results (default: \(ResultsFolder.standard)).", valueName: "dir"))
  var results: [String] = []

  var folders: [URL] {
    (results.isEmpty ? [ResultsFolder.standard] : results).map(ResultsFolder.url)
  }
}
