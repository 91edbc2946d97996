// What a run would take: texts, tokens, memory and time of every task, from plans whose texts were
// measured; of tasks whose data are elsewhere, from the sizes in their files.

package import Core
import Foundation

/// The estimate for one task.
package struct TaskEstimate: Sendable {
  package let plan: TaskPlan
  /// Texts to embed; nil where nobody knows.
  package internal(set) var texts: Int?
  /// Tokens to embed; nil for models without a tokenizer here, and where nobody knows.
  package internal(set) var tokens: Int?
  /// Whether texts and tokens were counted in the data, not guessed from the task's file.
  package internal(set) var isCounted = true
  /// Texts that the model will cut.
  package internal(set) var truncated = 0
  /// Bytes at the peak, those of the model included.
  package internal(set) var memory: Int?
  /// nil where nothing is known about the speed.
  package internal(set) var time: TimeSpan?
  /// Units of text by length.
  var unitsByStratum: [Int: Int] = [:]

  package var seconds: Double? { time?.seconds }
}

/// What a whole run would take.
package struct RunEstimate: Sendable {
  package let tasks: [TaskEstimate]
  package let calibration: Calibration?
  /// Bytes of the model with its work space.
  package let modelMemory: Int

  package var texts: Int { tasks.reduce(0) { $0 + ($1.texts ?? 0) } }
  /// nil where the tokens of some task are unknown.
  package var tokens: Int? { Self.sum(open.map(\.tokens)) }
  package var time: TimeSpan? {
    let times = open.map(\.time)
    guard !times.contains(where: { $0 == nil }) else { return nil }
    return times.compactMap { $0 }.reduce(TimeSpan(), +)
  }
  package var isCounted: Bool { open.allSatisfy(\.isCounted) }
  /// Bytes at the peak of the hungriest task.
  package var memory: Int { open.compactMap(\.memory).max() ?? modelMemory }

  /// Tasks with something to do.
  private var open: [TaskEstimate] {
    tasks.filter { $0.texts != nil }
  }

  private static func sum(_ numbers: [Int?]) -> Int? {
    let known = numbers.compactMap { $0 }
    return known.count == numbers.count ? known.reduce(0, +) : nil
  }
}

extension Runner {
  /// Plans, measures all texts, and embeds a sample of them for a few seconds.
  ///
  /// - Parameters:
  ///   - selection: what would be evaluated.
  ///   - resident: bytes that the program takes by now, with the model.
  ///   - processorSeconds: what this process has used of processors so far.
  /// - Throws: what the embedder throws at the sample.
  /// - Returns: what every task would take.
  package func estimate(
    _ selection: Selection, resident: Int,
    processorSeconds: @escaping @Sendable () -> Double
  ) async throws(Failure) -> RunEstimate {
    let gauge = TextGauge(embedder)
    let plans = await plan(selection, gauge: gauge)
    var estimates = plans.map { TaskEstimate(counting: $0) }
    await guess(&estimates, gauge)
    var units: [Int: Int] = [:]
    for estimate in estimates { units.merge(estimate.unitsByStratum, uniquingKeysWith: +) }
    var calibration: Calibration?
    if !units.isEmpty {
      let work = plans.flatMap(\.remaining).flatMap(\.needs.work.keys)
      let kinds = ScoringKind.allCases.filter { Set(work).contains($0) }
      calibration = try await Calibration(
        gauge, units: units, kinds: kinds, processorSeconds: processorSeconds)
    }
    let longest = plans.flatMap(\.remaining).compactMap(\.lengths?.longest).max() ?? 512
    let own = embedder.memory(longestText: longest)
    let model = max(resident, own.weights) + own.workspaces
    let kept = plans.flatMap(\.remaining).reduce(0) { $0 + $1.keptBytes }
    for place in estimates.indices {
      estimates[place].addTime(calibration)
      // Beside each cell lies what was read for all others.
      let cells = plans[place].remaining.map {
        min($0.needs.memory + kept - $0.keptBytes, memory.bytes)
      }
      estimates[place].memory = cells.max().map { model + $0 }
    }
    return RunEstimate(tasks: estimates, calibration: calibration, modelMemory: model)
  }

  /// Guesses what is not at hand from the sizes that task files state.
  private func guess(_ estimates: inout [TaskEstimate], _ gauge: TextGauge) async {
    var counted = TextLengths()
    for estimate in estimates {
      for cell in estimate.plan.remaining { if let lengths = cell.lengths { counted += lengths } }
    }
    for place in estimates.indices {
      let task = estimates[place].plan.task
      guard case .failed(let failure) = estimates[place].plan.state,
        [.missing, .tryAgain].contains(failure.code),
        case .hub = task.data, let texts = task.statedTexts
      else { continue }
      var known: TextLengths? = counted
      if counted.texts == 0 {
        known = try? await gauge.measure(
          MadeUpTexts.of(task), role: task.type.roles.last ?? nil, TaskContext(task))
      }
      let length = known.map { $0.units / max(1, $0.texts) } ?? 0
      estimates[place].isCounted = false
      estimates[place].texts = texts
      estimates[place].tokens = known?.tokens.map { _ in texts * length }
      estimates[place].unitsByStratum = [TextLengths.stratum(of: length): texts * length]
    }
  }
}

extension TaskEstimate {
  /// What was counted in the data of a task.
  init(counting plan: TaskPlan) {
    self.plan = plan
    if case .done = plan.state { (texts, tokens, time) = (0, 0, TimeSpan()) }
    guard case .open = plan.state else { return }
    var lengths = TextLengths()
    for cell in plan.remaining { if let own = cell.lengths { lengths += own } }
    texts = plan.texts
    tokens = lengths.tokens
    truncated = lengths.truncated
    unitsByStratum = lengths.unitsByStratum
  }

  fileprivate mutating func addTime(_ calibration: Calibration?) {
    guard texts != 0, texts != nil, let embedding = calibration?.embeddingTime(unitsByStratum)
    else { return }
    time = plan.remaining.reduce(embedding) { sum, cell in
      let scoring = calibration?.scoringTime(cell.needs.work) ?? TimeSpan()
      // A run reads the data to count before it begins, and again where they are not kept.
      let readings: Double = cell.keptBytes > 0 ? 1 : 2
      let reading = TimeSpan(
        seconds: readings * cell.readSeconds, processorSeconds: readings * cell.readSeconds)
      return sum + scoring + reading
    }
  }
}

extension TaskDefinition {
  /// Texts to embed by the sizes that the task's file states; nil where it states none.
  ///
  /// Two for a row that pairs texts; of clusterings as many as the cap leaves.
  var statedTexts: Int? {
    guard let size else { return nil }
    switch type {
    case .sts, .pairClassification, .bitextMining: return 2 * size
    case .clustering:
      switch clustering.documentCap ?? .fraction(0.04) {
      case .fraction(let share) where !clustering.isLegacy: return Int(share * Double(size))
      case .count(let limit) where !clustering.isLegacy: return min(limit, size)
      default: return size
      }
    default: return size
    }
  }
}

/// Texts of common lengths, for calibrations without data.
private enum MadeUpTexts {
  /// Sentences of 20 words, and passages of 90 for tasks that rank documents.
  static func of(_ task: TaskDefinition) -> [String] {
    let words = "a of the quick question answers river stone people between never light city".split(
      separator: " ")
    let count = task.type.roles.contains(.document) ? 90 : 20
    return (0..<64).map { text in
      (0..<count).map { String(words[(text * 7 + $0 * 5) % words.count]) }.joined(separator: " ")
    }
  }
}
