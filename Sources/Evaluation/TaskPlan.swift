// What one task of a run will have to do: found out before the first text is embedded.

package import Core
import Datasets
import Storage

/// Which cells of which tasks are evaluated.
package struct Selection: Sendable {
  package var tasks: [TaskDefinition]
  /// Only subsets that hold one of these languages; empty for all.
  package var languages: [Language]

  package init(tasks: [TaskDefinition], languages: [Language] = []) {
    self.tasks = tasks
    self.languages = languages
  }

  /// The cells of a task in the order of its file: split by split, subset by subset.
  package func cells(of task: TaskDefinition) -> [Cell] {
    let subsets = task.subsets.filter { subset in
      languages.isEmpty
        || subset.languages.contains { language in languages.contains { language.matches($0) } }
    }
    return task.splits.flatMap { split in subsets.map { Cell(subset: $0, split: split) } }
  }
}

/// The state of one task before a run.
package struct TaskPlan: Sendable {
  package let task: TaskDefinition
  package let state: State
  /// Cells still to evaluate, with what each will embed.
  package let remaining: [CellPlan]
  /// The opened task, so that a run need not read and hash its data again; nil where that failed.
  let work: OpenTask?

  init(
    task: TaskDefinition, state: State, remaining: [CellPlan] = [],
    work: OpenTask? = nil
  ) {
    self.task = task
    self.state = state
    self.remaining = remaining
    self.work = work
  }

  package enum State: Sendable {
    /// Nothing to do; why.
    case done(reason: String)
    /// To evaluate; why, where a result was there.
    case open(reason: String?)
    case failed(Failure)
  }

  package var texts: Int { remaining.reduce(0) { $0 + $1.texts } }
}

extension TaskPlan {
  /// Tasks with nothing to do or that cannot run first, then the open ones as `WorkOrder` has them.
  static func ordered(_ plans: [TaskPlan]) -> [TaskPlan] {
    let open = plans.filter(\.isOpen)
    let finished = plans.filter { if case .done = $0.state { true } else { false } }
    let order = WorkOrder.order(open.map(\.item), finished: finished.map(\.item))
    return plans.filter { !$0.isOpen } + order.map { open[$0] }
  }

  var isOpen: Bool { if case .open = state { true } else { false } }

  private var item: WorkOrder.Item {
    WorkOrder.Item(type: task.type, languages: Set(task.languages), cost: texts)
  }
}

/// What one cell still to evaluate will take.
package struct CellPlan: Sendable {
  package let cell: Cell
  /// Texts to embed; those that an earlier cell of the task embeds are not counted again.
  package let texts: Int
  package let needs: CellNeeds
  /// How long the texts are; nil where they were counted and not measured.
  package let lengths: TextLengths?
  /// Seconds that reading the data took.
  package let readSeconds: Double
  /// Bytes of what was read that a run keeps until it needs it; 0 where it reads again.
  package let keptBytes: Int
}

// MARK: Making plans

extension OpenTask {
  /// Reads the cells to do and counts what they will embed, in the order of `cells`, all of the
  /// task: random streams go through all of them.
  ///
  /// - Parameters:
  ///   - cells: the cells of the task.
  ///   - embedder: whose dimensions count; nothing is embedded.
  ///   - memory: what a cell may take.
  ///   - gauge: measures the texts; nil where their number is enough.
  ///   - readCells: keeps what is read for the run.
  ///   - limit: of a quick look.
  /// - Throws: what reading throws; `.unusable` where a cell does not fit into `memory`.
  /// - Returns: a plan for each cell to do, in order.
  func plan(
    _ cells: [Cell], _ embedder: any Embedder, _ memory: WorkMemory, _ gauge: TextGauge?,
    keepingIn readCells: ReadCells, limit: Int?
  ) async throws(Failure) -> [CellPlan] {
    let session = EmbeddingSession(
      embedder: embedder, task: TaskContext(task), memory: memory)
    var plans: [CellPlan] = []
    var kept: Set<String> = []
    let read = type(of: evaluator).drawsAcrossCells ? cells : todo
    data.expect(read.map { evaluator.parts(of: $0, in: data) })
    defer { data.expect([]) }
    for cell in cells {
      if Task.isCancelled { throw .interrupted(task.name) }
      if todo.contains(cell) {
        let plan = try await evaluator.plan(
          cell, of: self, session, gauge, keepingIn: readCells, limit: limit, kept: &kept)
        guard plan.needs.leastMemory <= memory.bytes else {
          throw memory.shortage(
            plan.needs.leastMemory, "\(task.name) (\(cell.subset.name), \(cell.split))")
        }
        plans.append(plan)
      } else {
        try await evaluator.pass(cell, of: data, with: session, limit: limit)
      }
    }
    return plans
  }
}

extension Evaluator {
  /// Loads one cell and says what it will take.
  fileprivate func plan(
    _ cell: Cell, of work: OpenTask, _ session: EmbeddingSession, _ gauge: TextGauge?,
    keepingIn read: ReadCells, limit: Int?, kept: inout Set<String>
  ) async throws(Failure) -> CellPlan {
    let start = ContinuousClock.now
    let problem = try await problem(cell, from: work.data, limit: limit)
    var readSeconds = (ContinuousClock.now - start).seconds
    var amount = CellAmount()
    var new = 0
    var lengths = TextLengths()
    for group in texts(of: problem, drawing: session.streams) {
      amount.texts += group.texts.count
      amount.textBytes += group.texts.reduce(0) { $0 + $1.utf8.count }
      if let name = group.keptAs, !kept.insert(name).inserted { continue }
      new += group.texts.count
      if let gauge {
        lengths += try await gauge.measure(group.texts, role: group.role, session.task)
      }
    }
    var documentBytes = 0
    let textBytes = Footprint.texts(amount.texts, bytes: amount.textBytes)
    if let documents = documents(of: problem) {
      let start = ContinuousClock.now
      let counting = gauge?.seconds ?? 0
      if let gauge {
        let before = lengths.bytes
        try await documents.forEachBlock { _, texts throws(Failure) in
          amount.documents += texts.count
          lengths += try await gauge.measure(texts, role: .document, session.task)
        }
        amount.documentBytes = lengths.bytes - before
        documentBytes = Footprint.texts(amount.documents, bytes: lengths.bytes - before)
      } else {
        let room = read.isForRun ? read.room - textBytes : 0
        amount.documents = try await documents.checkedCount(keepingUpTo: room)
        documentBytes = documents.keptBytes
      }
      readSeconds +=
        (ContinuousClock.now - start).seconds - ((gauge?.seconds ?? 0) - counting)
      new += amount.documents
    }
    let bytes = textBytes + documentBytes
    let isKept = read.keep(problem, bytes: bytes, of: cell, of: work.task)
    var needs = needs(of: problem, amount, dimensions: session.model.dimensions)
    if isKept { needs.memory += documentBytes }
    return CellPlan(
      cell: cell, texts: new, needs: needs, lengths: gauge == nil ? nil : lengths,
      readSeconds: readSeconds, keptBytes: isKept ? bytes : 0)
  }
}
