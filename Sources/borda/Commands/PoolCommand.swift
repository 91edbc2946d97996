// `borda pool`: a pool of models in one small file, written and looked at.

import ArgumentParser
import Catalogue
import Core
import Foundation
import Leaderboard
import Storage

struct PoolCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pool",
    abstract: "Freeze a pool of models into one file, and look into such a file.",
    discussion: """
      EXAMPLES:
        borda pool freeze --results ../results --benchmark Starter --out pool.json
        borda pool show pool.json
        borda rank --pool pool.json --results Reports/results

      A frozen pool holds the mean of every model on every task, and places
      own models exactly as the result files would.
      """, subcommands: [Freeze.self, Show.self])

  struct Freeze: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the models of results folders as a pool to place others in.",
      discussion: """
        EXAMPLES:
          borda pool freeze --results ../results --benchmark Starter --out pool.json
          borda pool freeze --benchmark Starter --rules 2025-10 --out old.json

        Equal pools give equal files. Scores by language are not kept.
        """)

    @OptionGroup var scores: ScoresToRead

    @Option(help: ArgumentHelp("The file to write; an old one is replaced.", valueName: "file"))
    var out: String

    func run() throws {
      guard let name = scores.benchmark else {
        throw Failure(
          .usage, "--benchmark", "a frozen pool is of a benchmark, and none is named",
          hint: "add --benchmark; borda benchmarks list shows them")
      }
      let catalogue = try scores.catalogue.open()
      let benchmark = try catalogue.benchmark(name)
      let scan = try scores.scan(scores.results.folders)
      scores.describe(scan, benchmark, in: catalogue)
      try scores.check(refused: scan.refused.count)
      let frame = Frame(pool: try scores.chosen(of: scan.scores), benchmark: benchmark)
      let board = Board(
        frame: frame.withoutCells, benchmark: benchmark, rules: scores.rules ?? .current,
        hash: ContentHash.of)
      guard !board.models.isEmpty else {
        throw Failure(
          .incomplete, name, "no model has a complete task",
          hint: "name other folders with --results, or count what there is with --rules 2025-10")
      }
      let file = ResultsFolder.url(out)
      try PoolFile.write(FrozenPool(board, hash: ContentHash.of), to: file)
      Terminal.note("\(FilePaths.display(file)): \(board.pool.label) of \(name)")
      try Terminal.print(FilePaths.display(file) + "\n")
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a frozen pool is of, and check that it is whole.",
      discussion: """
        EXAMPLES:
          borda pool show pool.json
          borda pool show pool.json --format json
        """)

    @Argument(help: "A file that borda pool freeze wrote.") var file: String
    @OptionGroup var catalogue: CatalogueOptions
    @OptionGroup var format: FormatOption

    func run() throws {
      try format.check()
      let place = ResultsFolder.url(file)
      guard FilePaths.kind(of: place) == .file else {
        let isFolder = FilePaths.kind(of: place) == .folder
        throw Failure(
          isFolder ? .usage : .missing, FilePaths.display(place),
          isFolder ? "is a folder, not a frozen pool" : "there is no such file",
          hint: "name a file that borda pool freeze wrote")
      }
      let file = try PoolFile(reading: place)
      let catalogue = try self.catalogue.open()
      var fit = "Fits the catalogue: own models can be placed in it with borda rank --pool."
      do throws(Failure) {
        _ = try file.frame(of: try file.benchmark(in: catalogue, asked: nil))
      } catch {
        if error.code == .malformed { throw error }
        fit = "Does not fit the catalogue: \(error.subject): \(error.message)."
      }
      try format.print(file.pool.report(notes: [fit]))
    }
  }
}
