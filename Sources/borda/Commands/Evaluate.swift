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
        borda evaluate --model intfloat/multilingual-e5-small --tasks STSBenchmark
        borda evaluate --model ./my-checkpoint --tasks StarterSTS ./mytask.yaml
        borda evaluate --model vectors:./stored --tasks StarterSTS --languages deu
        borda evaluate --model ./my-checkpoint --prompts e5 --benchmark Starter
        borda evaluate --model tei:http://localhost:8080 --benchmark Starter
        borda evaluate --model openai:http://localhost:8000#org/model --benchmark Starter
        borda evaluate --model ./my-checkpoint --benchmark Starter --dry-run
        borda evaluate --model ./my-checkpoint --benchmark Starter --memory 4GB
        borda evaluate --model ./my-checkpoint --tasks StarterRetrieval --details
        borda evaluate --model ./my-checkpoint --benchmark Starter --budget 1h30m
        borda evaluate --model ./my-checkpoint --benchmark Starter --limit 50

      Data and models of a hub that the shared cache lacks are fetched first; what
      and how much is said before. With --offline nothing is asked of a hub.
      Results that are current are skipped; an interrupted run goes on where it stopped, and so
      does one whose budget was over (docs/anytime.md). Ctrl-C finishes the batch in hand and
      saves, a second one stops at once (docs/runs.md).
      """)

  @Option(help: ArgumentHelp("\(ModelSpec.forms).", valueName: "spec"))
  var model: String

  @OptionGroup(title: "Tasks") var tasks: TaskOptions
  @OptionGroup(title: "Model") var options: ModelOptions
  @OptionGroup(title: "Embedding cache") var cache: CacheOptions
  @OptionGroup(title: "Memory") var memory: MemoryOption

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

  @Option(
    help: ArgumentHelp(
      "Stop after this time (90s, 30m, 1h30m), having done first what says most for its cost; what "
        + "is left makes exit code 4.", valueName: "time"))
  var budget: Budget?

  @Option(
    help: ArgumentHelp(
      "A quick look at n pairs, rows, documents or queries of each subset at most; kept apart from "
        + "results.", valueName: "n"))
  var limit: Int?

  @Flag(
    name: .customLong("details"),
    help: "Keep what became of every query, pair or text, for borda details.")
  var keepsDetails = false

  @Flag(
    name: .customLong("dry-run"),
    help: "Say what would be done and what it would take: texts, tokens, memory, time.")
  var isDryRun = false

  @Flag(name: .customLong("quiet"), help: "No progress and no messages, only the answer.")
  var isQuiet = false

  @Flag(
    name: .customLong("no-progress"),
    help: "Say what becomes of every task, but not how far it is.")
  var hidesProgress = false

  @OptionGroup var format: FormatOption

  func validate() throws {
    if let limit, limit < 2 {
      throw ValidationError("--limit must be at least 2: no score can be had of a single item.")
    }
  }

  func run() async throws {
    // Loading the model and reading the data are part of the time.
    let start = ContinuousClock.now
    try format.check()
    Interruption.arm()
    let (selection, _) = try tasks.selection(otherwise: .refusal)
    let store = ResultStore(root: ResultsFolder.url(results), limit: limit)
    let dataFolder = try data.map { path throws(Failure) in
      let url = URL(filePath: FilePaths.expandingTilde(path))
      guard FilePaths.kind(of: url) == .folder else {
        throw Failure(.missing, path, "there is no such folder", hint: "correct --data")
      }
      return url
    }
    // A dry run fetches no model; a run does it when it loads it.
    if isDryRun {
      _ = try await HubModel.local(try ModelSpec(model), isOffline: options.isOffline, isDry: true)
    }
    let allowance = try memory.budget()
    let kept = try cache.settings(isQuiet: isQuiet)
    let loaded = try await LoadedModel(
      // In a dry run what is kept would make the model look faster than it is.
      spec: model, options: options, cache: isDryRun ? nil : kept,
      memory: allowance, onNote: { [isQuiet] in if !isQuiet { Terminal.note($0) } })
    if !loaded.isCacheable { try cache.refuse(for: model) }
    var runner = Runner(
      embedder: loaded.embedder, prompts: loaded.prompts, store: store,
      locator: DataLocator(override: dataFolder, duckDB: try tasks.catalogue.duckDB()))
    runner.rerun = rerun
    runner.keepsDetails = keepsDetails
    runner.deadline = budget.map { start + $0.duration }
    runner.memory = try allowance.work(beside: loaded.embedder)
    runner.machine = Machine.facts(threads: options.threadCount)
    var supply = try await HubSupply.of(
      selection, for: runner, isOffline: options.isOffline, isQuiet: isQuiet)
    runner.locator = supply.locator(beside: runner.locator)
    if isDryRun {
      let estimate = try await runner.estimate(
        selection, resident: AvailableMemory.resident ?? MemoryBudget.program,
        processorSeconds: { Machine.processorSeconds })
      let report = PlanReport.of(
        estimate, model: loaded.embedder.model, budget: allowance, downloads: supply.downloads)
      try format.print(limit.map { report.markedAsQuickLook(limit: $0) } ?? report)
      return
    }
    try await supply.fetch(isQuiet: isQuiet)
    runner.locator = supply.locator(beside: runner.locator)
    let damage = try store.prepare(for: loaded.embedder.model)
    if !isQuiet, let damage { Terminal.note(damage) }
    if !isQuiet { (loaded.notes + loaded.choice.messages).forEach(Terminal.note) }
    try await evaluate(selection, runner)
  }

  private func evaluate(_ selection: Selection, _ runner: Runner) async throws {
    let display = ProgressDisplay(isQuiet: isQuiet, showsProgress: !hidesProgress)
    if !isQuiet { Terminal.note("model: \(runner.embedder.model.summary)") }
    let summary = try await Interruption.watching {
      await runner.run(selection) { display.show($0) }
    }
    display.end()
    let model = runner.embedder.model
    try format.print(EvaluationReport.of(selection, runner.store, model, summary))
    if !isQuiet {
      let folder = FilePaths.display(runner.store.folder(of: model))
      let own = FilePaths.display(runner.store.ownFolder(of: model))
      Terminal.note(limit == nil ? "results: \(folder)" : "no results, a quick look: \(own)")
    }
    try end(summary, of: selection)
  }

  /// Turns what a run left undone into the exit code.
  private func end(_ summary: RunSummary, of selection: Selection) throws {
    if summary.isInterrupted { throw Self.interruption(summary, of: selection) }
    if let failure = summary.gaveUp {
      var ending = failure
      ending.message += "; the last \(NumberText.count(summary.failed.count, "task")) failed so"
      if !summary.untried.isEmpty {
        ending.message += ", \(NumberText.count(summary.untried.count, "task")) not tried"
      }
      throw ending
    }
    guard !summary.failed.isEmpty else {
      if let budget, !summary.unfinished.isEmpty { throw Failure.budgetIsOver(budget, summary) }
      return
    }
    // With quiet progress nobody has seen the reasons yet.
    if isQuiet { summary.failed.forEach { Terminal.complain($0.failure) } }
    if !isQuiet {
      Terminal.note("failed: \(summary.failed.map(\.task).joined(separator: ", "))")
    }
    let codes = Set(summary.failed.map(\.failure.exitCode))
    let isOneReason = summary.failed.count == selection.tasks.count && codes.count == 1
    throw ExitCode(isOneReason ? codes.first ?? 1 : 1)
  }

  /// What is saved of an interrupted run.
  private static func interruption(_ summary: RunSummary, of selection: Selection) -> Failure {
    let finished = summary.evaluated.count + summary.skipped.count
    var saved = ["\(finished) of \(NumberText.count(selection.tasks.count, "task")) finished"]
    saved += summary.unfinished.filter { $0.finished > 0 }.map { task in
      "\(task.finished) of \(NumberText.count(task.finished + task.cells, "subset")) of \(task.task)"
    }
    return Failure(
      .interrupted, "run", "was interrupted; saved: \(saved.joined(separator: ", "))",
      hint: "run the same command again to go on")
  }
}

extension Rerun: ExpressibleByArgument {}

extension Failure {
  /// Says what is left of a run whose budget is over.
  fileprivate static func budgetIsOver(_ budget: Budget, _ summary: RunSummary) -> Failure {
    let left = summary.unfinished
    let tasks = NumberText.count(left.count, "task")
    let cells = NumberText.count(left.reduce(0) { $0 + $1.cells }, "subset")
    let counts = left.compactMap(\.texts)
    let texts =
      counts.count == left.count ? ", \(NumberText.count(counts.reduce(0, +), "text"))" : ""
    let seconds = left.compactMap(\.seconds)
    let time =
      seconds.count == left.count ? ", about \(ClockText.of(seconds.reduce(0, +))) of work" : ""
    return Failure(
      .incomplete, "--budget \(budget)",
      "the time is over; left: \(tasks) (\(NameList.text(left.map(\.task), most: 8))), \(cells)"
        + "\(texts)\(time)",
      hint: "run the same command again to go on")
  }
}

extension ModelIdentity {
  /// One line about a model.
  var summary: String {
    var parts = ["\(name) @ \(revision.prefix(12))", "\(dimensions) dimensions"]
    if let maxTokens { parts.append("\(maxTokens) tokens") }
    return (parts + [dtype, engine]).joined(separator: ", ")
  }
}
