// Which catalogue of tasks and benchmarks: the one that came with the program, or another folder.

import ArgumentParser
import Catalogue
import Core
import Foundation

struct CatalogueOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with task files, instead of the one that came with borda.", valueName: "dir"))
  var catalogue: String?

  /// Opens the catalogue.
  func open() throws(Failure) -> Catalogue { try Catalogue(root: try root()) }

  /// The folder of the catalogue.
  func root() throws(Failure) -> URL {
    if let catalogue { return URL(filePath: FilePaths.expandingTilde(catalogue)) }
    return try Catalogue.folder(ofExecutable: Self.program)
  }

  /// The program file.
  static var program: URL {
    Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])
  }
}

/// Repeated values: commas and blanks both separate.
enum Lists {
  static func split(_ values: [String]) -> [String] {
    values.flatMap { $0.split(separator: ",").map(String.init) }
  }

  /// Language codes, with or without a script.
  static func languages(_ values: [String]) throws(Failure) -> [Language] {
    var languages: [Language] = []
    for code in split(values) {
      guard let language = Language(code) else {
        throw Failure(
          .usage, code, "is no language code",
          hint: "write ISO 639-3, with a script if you like: deu or deu-Latn")
      }
      languages.append(language)
    }
    return languages
  }
}
