// `borda evaluate`: one model, some tasks, a result file for each.

import ArgumentParser
import Core
import Evaluation
import Foundation
import Leaderboard
import Storage

struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Evaluate a model on tasks and keep the results.",
    discussion: """
      EXAMPLES:
        borda evaluate --model ./all-MiniLM-L6-v2 --benchmark Starter
        borda evaluate --model ./my-checkpoint --tasks StarterSTS ./mytask.yaml
        borda evaluate --model vectors:./stored --tasks StarterSTS --languages deu
        borda evaluate --model ./my-checkpoint --prompts e5 --benchmark Starter
        borda evaluate --model ./my-checkpoint --benchmark Starter --dry-run
        borda evaluate --model ./my-checkpoint --tasks StarterRetrieval --details

      Results that are current are skipped; an interrupted run goes on where it stopped.
      """)

  @Option(help: ArgumentHelp("\(ModelSpec.forms).", valueName: "spec"))
  var model: String

  @OptionGroup(title: "Tasks") var tasks: TaskOptions
  @OptionGroup(title: "Model") var options: ModelOptions

  @Option(help: ArgumentHelp("Folder for the results.", valueName: "dir"))
  var results = ResultsFolder.standard

  @Option(
    help: ArgumentHelp(
      "Folder with the data of tasks that name a hub, one folder per task.", valueName: "dir"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "What to evaluate again: missing (absent or made from other inputs), always, never.",
      valueName: "when"))
  var rerun = Rerun.missing

  @Flag(
    name: .customLong("details"),
    help: "Keep what became of every query, pair or text, for borda details.")
  var keepsDetails = false

  @Flag(name: .customLong("dry-run"), help: "Say what would be done, embed nothing.")
  var isDryRun = false

  @Flag(name: .customLong("quiet"), help: "No progress and no messages, only the answer.")
  var isQuiet = false

  @OptionGroup var format: FormatOption

  func run() async throws {
    try format.check()
    let (selection, _) = try tasks.selection(otherwise: .refusal)
    let store = ResultStore(root: ResultsFolder.url(results))
    let dataFolder = try data.map { path throws(Failure) in
      let url = URL(filePath: FilePaths.expandingTilde(path))
      guard FilePaths.kind(of: url) == .folder else {
        throw Failure(.missing, path, "there is no such folder", hint: "correct --data")
      }
      return url
    }
    let loaded = try LoadedModel(spec: model, options: options)
    var runner = Runner(
      embedder: loaded.embedder, prompts: loaded.prompts, store: store,
      locator: DataLocator(override: dataFolder, duckDB: try tasks.catalogue.duckDB()))
    runner.rerun = rerun
    runner.keepsDetails = keepsDetails
    runner.machine = Machine.facts(threads: options.threadCount)
    if isDryRun {
      try format.print(PlanReport.of(await runner.plan(selection), model: loaded.embedder.model))
      return
    }
    try AtomicFile.checkWritable(store.root)
    if !isQuiet { loaded.choice.messages.forEach(Terminal.note) }
    try await evaluate(selection, runner)
  }

  private func evaluate(_ selection: Selection, _ runner: Runner) async throws {
    let display = ProgressDisplay(isQuiet: isQuiet)
    if !isQuiet { Terminal.note("model: \(runner.embedder.model.summary)") }
    let summary = try await Interruption.watching {
      await runner.run(selection) { display.show($0) }
    }
    display.end()
    try format.print(EvaluationReport.of(selection, runner.store, runner.embedder.model))
    if !isQuiet {
      Terminal.note("results: \(FilePaths.display(runner.store.folder(of: runner.embedder.model)))")
    }
    if summary.isInterrupted {
      throw Failure(
        .interrupted, "run", "was interrupted; everything finished is saved",
        hint: "run the same command again to go on")
    }
    guard summary.failed.isEmpty else {
      // With quiet progress nobody has seen the reasons yet.
      if isQuiet { summary.failed.forEach { Terminal.complain($0.failure) } }
      if !isQuiet {
        Terminal.note("failed: \(summary.failed.map(\.task).joined(separator: ", "))")
      }
      let codes = Set(summary.failed.map(\.failure.exitCode))
      let isOneReason = summary.failed.count == selection.tasks.count && codes.count == 1
      throw ExitCode(isOneReason ? codes.first ?? 1 : 1)
    }
  }
}

extension Rerun: ExpressibleByArgument {}

extension ModelIdentity {
  /// One line about a model.
  var summary: String {
    var parts = ["\(name) @ \(revision.prefix(12))", "\(dimensions) dimensions"]
    if let maxTokens { parts.append("\(maxTokens) tokens") }
    return (parts + [dtype, engine]).joined(separator: ", ")
  }
}
