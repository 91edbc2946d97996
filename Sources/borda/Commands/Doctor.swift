// `borda doctor`: what this machine offers and lacks, and whether two engines agree.

import ArgumentParser
import Catalogue
import Core
import Datasets
import Evaluation
import Foundation
import Leaderboard
import Tensors

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what this machine offers, or whether two engines agree.",
    discussion: """
      EXAMPLES:
        borda doctor
        borda doctor parity ./my-checkpoint tei:http://localhost:8080 --texts texts.txt
      """,
    subcommands: [MachineFacts.self, Parities.self], defaultSubcommand: MachineFacts.self)
}

struct MachineFacts: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine", abstract: "Show what this machine offers and what is missing.")

  @OptionGroup var catalogue: CatalogueOptions
  @OptionGroup var format: FormatOption

  func run() throws {
    try format.check()
    var facts: [(name: String, value: String)] = [
      ("Borda", Version.number),
      ("Scoring rules", Runner.protocolVersion),
      ("Processor", Machine.processor),
      ("Processors in use", String(Machine.cores)),
      ("Memory", "\(Machine.memoryGiB.rounded(decimals: 1)) GiB"),
      ("Kernels", "\(InstructionSet.best.rawValue) (also: \(otherLevels))"),
      ("Task types", Evaluators.types.map(\.rawValue).joined(separator: ", ")),
      ("Models", ModelSpec.forms),
    ]
    facts.append(("DuckDB", duckDBText))
    do throws(Failure) {
      let catalogue = try catalogue.open()
      facts.append(("Catalogue", FilePaths.display(catalogue.root)))
      facts.append(("Tasks", String(catalogue.taskNames.count)))
      let problems = catalogue.failures.count
      if problems > 0 { facts.append(("Broken files", "\(problems); see borda tasks check")) }
    } catch {
      facts.append(("Catalogue", "none: \(error.message)"))
    }
    let json = JSON.object(
      facts.map { fact in
        (fact.name.lowercased().replacing(" ", with: "_"), .string(fact.value))
      })
    try format.print(FactSheet.report(title: "This machine", facts, json: json))
  }

  private var otherLevels: String {
    let others = InstructionSet.allCases.filter { $0.isSupported && $0 != .best }
    return others.isEmpty ? "none" : others.map(\.rawValue).joined(separator: ", ")
  }

  private var duckDBText: String {
    guard let program = try? catalogue.duckDB() else {
      return "not found; only needed for Parquet (pip install duckdb-cli)"
    }
    return FilePaths.display(program.program)
  }
}
