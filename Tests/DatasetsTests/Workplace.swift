// What the tests of data folders share: a temporary folder, the programs, the reading of all rows.

import Core
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// A folder of its own for one test, removed at the end.
final class Workplace: Sendable {
  private let folder: TemporaryFolder
  var root: URL { folder.url }

  init() throws { folder = try TemporaryFolder() }

  @discardableResult
  func write(_ path: String, _ bytes: some Sequence<UInt8>) throws -> URL {
    try root.write(path, Data(bytes))
  }

  @discardableResult
  func write(_ path: String, _ text: String) throws -> URL { try root.write(path, text) }

  /// A program that runs a shell script.
  func script(_ name: String, _ text: String) throws -> URL {
    let file = try write(name, "#!/bin/sh\n" + text)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: file.path(percentEncoded: false))
    return file
  }

  func folder(duckDB: DuckDB? = Programs.duckDB) throws -> DataFolder {
    try DataFolder(root, duckDB: duckDB)
  }
}

enum Programs {
  static let duckDB = DuckDB.find(extraFolders: [Repository.root.appending(path: ".demo/bin")])
  static let hasDuckDB = duckDB != nil
  static let hasGzip = Subprogram.find("gzip") != nil
  static let hasZstd = Subprogram.find("zstd") != nil

  /// Runs a program to its end.
  static func run(_ program: URL, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  static func run(_ name: String, _ arguments: [String]) throws {
    try run(try #require(Subprogram.find(name)), arguments)
  }

  static func sql(_ statements: String) throws {
    try run(try #require(duckDB).program, ["-init", "/dev/null", "-batch", "-c", statements])
  }
}

extension DataFolder {
  /// All rows of a split at once.
  func rows(
    _ columns: [Column], configuration: String = "default", split: String = "test",
    rule: SplitRule = .exact
  ) async throws(Failure) -> [[JSON]] {
    var rows: [[JSON]] = []
    try await forEachRow(
      configuration: configuration, split: split, columns: columns, rule: rule
    ) { rows.append($0) }
    return rows
  }

  /// The failure that reading a split must end with.
  func failure(
    _ columns: [Column], configuration: String = "default", split: String = "test",
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Failure {
    try #require(
      await #expect(throws: Failure.self, sourceLocation: sourceLocation) {
        _ = try await rows(columns, configuration: configuration, split: split)
      }, sourceLocation: sourceLocation)
  }
}
