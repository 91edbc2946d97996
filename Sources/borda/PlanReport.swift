// The answer of a dry run: what every task would do, and what it would take.

import Core
import Evaluation
import Leaderboard

enum PlanReport {
  /// Cells, texts, tokens, bytes to download, memory and time of every task and in all.
  ///
  /// - Parameters:
  ///   - estimate: of the run.
  ///   - model: whom it is for.
  ///   - budget: what the run may take.
  ///   - downloads: what tasks still have to fetch.
  /// - Returns: a table, the same as records, and JSON.
  static func of(
    _ estimate: RunEstimate, model: ModelIdentity, budget: MemoryBudget,
    downloads: [TaskDownload]
  ) -> Report {
    let rows = estimate.tasks.map { estimate in
      PlanRow(estimate, download: downloads.first { $0.task == estimate.plan.task.name })
    }
    let total = PlanTotal(estimate, model, budget, downloads)
    let table = TableView(
      title: "What would be done", columns: PlanRow.columns(hasDownloads: !downloads.isEmpty),
      rows: rows.map { $0.cells(hasDownloads: !downloads.isEmpty) },
      footnotes: total.sentences(rows))
    let records = TableView(
      title: "What would be done", columns: PlanRow.recordColumns, rows: rows.map(\.record))
    let json = JSON.object(total.json + [("tasks", .array(rows.map(\.json)))])
    return Report(tables: [table], records: records, json: json)
  }
}

/// One task of a plan, in every form that reports have.
private struct PlanRow {
  let estimate: TaskEstimate
  let download: TaskDownload?

  init(_ estimate: TaskEstimate, download: TaskDownload?) {
    self.estimate = estimate
    self.download = download
  }

  private var plan: TaskPlan { estimate.plan }
  /// What stands before numbers that were not counted.
  private var mark: String { estimate.isCounted ? "" : "~" }

  private var state: String {
    switch plan.state {
    case .done(let reason): "done: \(reason)"
    case .open(let reason): reason.map { "to do: \($0)" } ?? "to do"
    case .failed(let failure):
      if failure.code == .missing, download != nil {
        "to download, then to do"
      } else {
        "cannot run: \(failure.subject): \(failure.message)"
      }
    }
  }

  static func columns(hasDownloads: Bool) -> [TableView.Column] {
    var columns: [TableView.Column] = [
      .init("task", "Task", .text), .init("type", "Type", .text),
      .init("subsets", "Subsets", .count), .init("texts", "Texts", .count),
      .init("tokens", "Tokens", .count), .init("memory", "Memory", .count),
      .init("time", "Time", .count),
    ]
    if hasDownloads { columns.append(.init("download", "Download", .count)) }
    return columns + [.init("state", "State", .text)]
  }

  func cells(hasDownloads: Bool) -> [TableView.Cell] {
    func cell(_ text: String?) -> TableView.Cell { text.map { .text($0) } ?? .absent }
    var cells: [TableView.Cell] = [
      .text(plan.task.name), .text(plan.task.type.rawValue), .integer(plan.remaining.count),
      cell(estimate.texts.map { mark + NumberText.grouped($0) }),
      cell(estimate.tokens.map { mark + NumberText.grouped($0) }),
      cell(estimate.memory.map { ByteCount($0).description }),
      cell(estimate.seconds.map { mark + ClockText.of($0) }),
    ]
    if hasDownloads {
      cells.append(
        cell(download.map { $0.missingBytes.map { ByteCount($0).description } ?? "unknown" }))
    }
    return cells + [.text(state)]
  }

  static let recordColumns: [TableView.Column] = [
    .init("task", "Task", .text), .init("type", "Type", .text),
    .init("subsets", "Subsets", .count), .init("texts", "Texts", .count),
    .init("tokens", "Tokens", .count), .init("counted", "Counted", .text),
    .init("truncated", "Truncated", .count), .init("memory_bytes", "Memory", .count),
    .init("download_bytes", "Download", .count), .init("seconds", "Seconds", .count),
    .init("processor_seconds", "Processor seconds", .count), .init("state", "State", .text),
  ]

  var record: [TableView.Cell] {
    func cell(_ number: Int?) -> TableView.Cell { number.map { .integer($0) } ?? .absent }
    func seconds(_ value: Double?) -> TableView.Cell {
      value.map { .text($0.rounded(decimals: 1).description) } ?? .absent
    }
    return [
      .text(plan.task.name), .text(plan.task.type.rawValue), .integer(plan.remaining.count),
      cell(estimate.texts), cell(estimate.tokens), .text(estimate.isCounted ? "yes" : "no"),
      .integer(estimate.truncated), cell(estimate.memory), cell(download?.missingBytes),
      seconds(estimate.seconds), seconds(estimate.time?.processorSeconds), .text(state),
    ]
  }

  var json: JSON {
    .object([
      ("task", .string(plan.task.name)), ("type", .string(plan.task.type.rawValue)),
      ("subsets", .integer(plan.remaining.count)),
      ("texts", .optional(estimate.texts) { .integer($0) }),
      ("tokens", .optional(estimate.tokens) { .integer($0) }),
      ("counted", .bool(estimate.isCounted)), ("truncated", .integer(estimate.truncated)),
      ("memory_bytes", .optional(estimate.memory) { .integer($0) }),
      ("download_bytes", .optional(download?.missingBytes) { .integer($0) }),
      ("seconds", .optional(estimate.seconds) { .number($0.rounded(decimals: 3)) }),
      (
        "processor_seconds",
        .optional(estimate.time) { .number($0.processorSeconds.rounded(decimals: 3)) }
      ),
      ("state", .string(state)),
    ])
  }
}

/// A plan as a whole.
private struct PlanTotal {
  let estimate: RunEstimate
  let model: ModelIdentity
  let budget: MemoryBudget
  let downloads: [TaskDownload]

  init(
    _ estimate: RunEstimate, _ model: ModelIdentity, _ budget: MemoryBudget,
    _ downloads: [TaskDownload]
  ) {
    self.estimate = estimate
    self.model = model
    self.budget = budget
    self.downloads = downloads
  }

  /// nil where some of them are unknown.
  private var downloadBytes: Int? {
    let known = downloads.compactMap(\.missingBytes)
    return known.count == downloads.count ? known.reduce(0, +) : nil
  }

  func sentences(_ rows: [PlanRow]) -> [String] {
    let mark = estimate.isCounted ? "" : "about "
    var amounts = [mark + NumberText.count(estimate.texts, "text")]
    if let tokens = estimate.tokens, tokens > 0 {
      amounts.append(mark + NumberText.count(tokens, "token"))
    }
    if let time = estimate.time, estimate.texts > 0 {
      amounts.append("about \(ClockText.of(time.seconds))")
    }
    amounts.append("\(ByteCount(estimate.memory)) of memory at the peak")
    var sentences = ["In all \(amounts.joined(separator: ", ")) for \(model.name); \(toDownload)."]
    if let total = budget.total {
      sentences.append(
        "The budget of memory is \(ByteCount(total))"
          + (budget.isAsked ? "." : ", four fifths of what is available; --memory sets another."))
    }
    let truncated = estimate.tasks.reduce(0) { $0 + $1.truncated }
    if truncated > 0 {
      sentences.append(
        "\(NumberText.count(truncated, "text")) will be cut at \(model.maxTokens ?? 0) tokens.")
    }
    if let calibration = estimate.calibration {
      sentences.append(
        "Times come from \(NumberText.count(calibration.texts, "text")) embedded now, in "
          + "\(ClockText.of(calibration.took.seconds)).")
    }
    if !estimate.isCounted {
      sentences.append("~ guessed from the sizes in the task's file; its data are not here.")
    }
    return sentences
  }

  private var toDownload: String {
    guard !downloads.isEmpty else { return "nothing to download" }
    return downloadBytes.map { "\(ByteCount($0)) to download" } ?? "an unknown amount to download"
  }

  var json: [(String, JSON)] {
    [
      ("schema", .integer(1)), ("model", .string(model.name)),
      ("texts", .integer(estimate.texts)),
      ("tokens", .optional(estimate.tokens) { .integer($0) }),
      ("counted", .bool(estimate.isCounted)),
      ("memory_bytes", .integer(estimate.memory)),
      ("model_memory_bytes", .integer(estimate.modelMemory)),
      ("memory_budget_bytes", .optional(budget.total) { .integer($0) }),
      ("download_bytes", .optional(downloadBytes) { .integer($0) }),
      ("seconds", .optional(estimate.time) { .number($0.seconds.rounded(decimals: 3)) }),
      (
        "processor_seconds",
        .optional(estimate.time) { .number($0.processorSeconds.rounded(decimals: 3)) }
      ),
    ]
  }
}
