// `borda models merge`: several checkpoints into one.

import ArgumentParser
import Core
import Encoders
import Foundation
import Leaderboard
import Merging
import Storage
import Synchronization
import Tensors

extension Models {
  struct Merge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Merge checkpoints of one model into a new one.",
      discussion: """
        EXAMPLES:
          borda models merge ./step-1000 ./step-2000 ./step-3000 --out ./merged
          borda models merge ./a ./b ./c --weights 0.5,0.3,0.2 --dtype bfloat16 --out ./merged
          borda models merge ./a ./b --method slerp --t 0.3 --out ./merged
          borda models merge ./a ./b --method ties --base ./pretrained --density 0.5 --out ./merged

        METHODS:
          linear            the weighted mean (the default)
          slerp             the point at t on the arc between two checkpoints
          ties              base + the agreeing part of the largest changes
          task-arithmetic   base + the weighted sum of the changes

        Checkpoints that do not match are refused with every difference. To evaluate a mean without
        writing it, use --model merge:A+B+C.
        """)

    @Argument(help: "Checkpoint folders; configuration and tokenizer are those of the first.")
    var folders: [String] = []

    @OptionGroup(title: "Method") var method: MethodOptions

    @Option(
      help: ArgumentHelp(
        "Type of the merged weights: \(FloatType.allCases.map(\.rawValue).joined(separator: ", "))"
          + " (default: the checkpoints' own).", valueName: "type"))
    var dtype: String?

    @Option(
      help: ArgumentHelp("Folder for the result; must not exist or be empty.", valueName: "dir"))
    var out: String

    @Option(
      help: ArgumentHelp("Threads to compute with (default: all processors).", valueName: "n"))
    var threads: Int?

    @Flag(name: .customLong("quiet"), help: "No progress and no messages, only the answer.")
    var isQuiet = false

    @OptionGroup var format: FormatOption

    func validate() throws {
      guard !folders.isEmpty else {
        throw ValidationError("Name the checkpoint folders to merge, two or more.")
      }
      if let threads, !(1...1024).contains(threads) {
        throw ValidationError("--threads must be between 1 and 1024.")
      }
    }

    func run() async throws {
      try format.check()
      let method = try MergeMethod(try method.choice(), parents: folders.count)
      var options = Merger.Options()
      options.type = try type()
      options.threads = threads ?? Machine.cores
      options.tool = Version.text
      let parents = try folders.map { path throws(Failure) in try Self.folder(path) }
      let base = try self.method.base.map { path throws(Failure) in try Self.folder(path) }
      let target = URL(filePath: FilePaths.expandingTilde(out))
      // A file beyond the limit of `ulimit -f` is then an error like any other, not a signal.
      signal(SIGXFSZ, SIG_IGN)
      let chosen = options
      let display = MergeDisplay(isQuiet: isQuiet)
      let summary = try await Interruption.watching {
        let merger = try Failure.ofModel { () throws(Failure) in
          // What does not match is found before long hashing.
          _ = try Merger.match(parents + (base.map { [$0] } ?? []))
          return try Merger(
            try parents.map { url throws(Failure) in try MergeParent(checkpoint: url) },
            base: try base.map { url throws(Failure) in try MergeParent(checkpoint: url) },
            method: method, options: chosen)
        }
        display.tell(merger.notes.map { "note: \($0)" })
        defer { display.end() }
        return try await merger.write(to: target) { display.show($0) }
      }
      display.tell(summary.warnings.map { "warning: \($0)" })
      try format.print(MergeReport.of(summary, method, target))
    }

    private func type() throws(Failure) -> FloatType? {
      guard let dtype else { return nil }
      let names = FloatType.allCases.map(\.rawValue)
      guard let type = FloatType(rawValue: dtype) else {
        throw Failure(
          .usage, "--dtype", "there is no type '\(dtype)'",
          hint: Suggest.hint(
            for: dtype, among: names, otherwise: "use one of \(names.joined(separator: ", "))"))
      }
      return type
    }

    /// A folder that is there.
    private static func folder(_ path: String) throws(Failure) -> URL {
      guard case .checkpoint(let url) = try ModelSpec(path) else {
        throw Failure(
          .usage, path, "is no checkpoint folder", hint: "only checkpoints can be merged")
      }
      return url
    }
  }
}

/// How to merge.
struct MethodOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "One of \(MergeMethod.names.joined(separator: ", ")).", valueName: "method"))
  var method = MergeMethod.names[0]

  @Option(
    help: ArgumentHelp(
      "A weight for each checkpoint, in their order (default: equal); those of linear are divided by"
        + " their sum.", valueName: "w,w,…"))
  var weights: String?

  @Option(
    help: ArgumentHelp(
      "ties and task-arithmetic: the checkpoint that all were trained from.", valueName: "dir"))
  var base: String?

  @Option(
    help: ArgumentHelp(
      "slerp: 0 is the first checkpoint, 1 the second (default: 0.5).", valueName: "t"))
  var t: Double?

  @Option(
    help: ArgumentHelp(
      "ties: the share of every tensor's changes that is kept (default: 0.5).", valueName: "share"))
  var density: Double?

  func choice() throws(Failure) -> MergeMethod.Choice {
    var choice = MergeMethod.Choice()
    choice.method = method
    choice.t = t
    choice.density = density
    choice.hasBase = base != nil
    choice.weights = try weights.map { text throws(Failure) in
      try text.split(separator: ",", omittingEmptySubsequences: false).map { part throws(Failure) in
        guard let weight = Double(part.trimmingCharacters(in: .whitespaces)) else {
          throw Failure(
            .usage, "--weights", "'\(part)' is no number",
            hint: "give one for each checkpoint: --weights 0.5,0.3,0.2")
        }
        return weight
      }
    }
    return choice
  }
}

extension MergeParent {
  /// A checkpoint folder with its name, revision and hashes.
  ///
  /// - Throws: `Failure` for a folder that is no sound checkpoint, for instance one whose files are
  ///   links to places outside.
  init(checkpoint folder: URL) throws(Failure) {
    // The pooling does not matter to a merge, but a folder may state none.
    _ = try Checkpoint(folder: folder, pooling: Pooling([.mean]))
    let files = try ContentHash.listing(Checkpoint.identityFiles(below: folder), below: folder)
    let origin = CheckpointOrigin(folder, hash: ContentHash.of(files))
    self.init(folder: folder, name: origin.name, revision: origin.revision, files: files)
  }
}

// MARK: Progress and answer

/// Progress of a merge on standard error: one moving line on a terminal, a line per tensor elsewhere.
private final class MergeDisplay: Sendable {
  private let isQuiet: Bool
  private let isMoving: Bool
  private let state = Mutex((done: 0, total: 0, hasLine: false))

  init(isQuiet: Bool) {
    self.isQuiet = isQuiet
    isMoving = Terminal.errorIsTerminal
  }

  func tell(_ lines: [String]) {
    if !isQuiet { lines.forEach(Terminal.note) }
  }

  func show(_ event: MergeEvent) {
    guard !isQuiet else { return }
    state.withLock { state in
      switch event {
      case .started(let tensors, let bytes):
        state.total = tensors
        let size = (Double(bytes) / 1e6).rounded(decimals: 1)
        Terminal.note("\(NumberText.count(tensors, "tensor")) to merge, \(size) MB")
      case .merged(let name, let shape, let type, let cosine):
        state.done += 1
        let likeness = cosine.map { ", cosine \($0.rounded(decimals: 3))" } ?? ""
        line("\(state.done)/\(state.total) \(name) \(shape) \(type)\(likeness)", &state.hasLine)
      case .copied(let name):
        state.done += 1
        line("\(state.done)/\(state.total) \(name) copied", &state.hasLine)
      }
    }
  }

  /// Removes the moving line.
  func end() {
    state.withLock { state in
      if state.hasLine { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
      state.hasLine = false
    }
  }

  private func line(_ text: String, _ hasLine: inout Bool) {
    guard isMoving else { return Terminal.note(text) }
    let width = Terminal.columns(of: STDERR_FILENO) ?? 80
    FileHandle.standardError.write(Data("\r\u{1B}[K\(text.prefix(width - 1))".utf8))
    hasLine = true
  }
}

private enum MergeReport {
  /// The answer: where the result is, how it was made, what the parents have in common.
  static func of(_ summary: MergeSummary, _ method: MergeMethod, _ target: URL) -> Report {
    var facts = [
      ("Folder", FilePaths.display(target)), ("Method", method.name),
    ]
    facts += method.parameters.map { ($0.0.capitalized, $0.1.line) }
    facts += [
      ("Tensors", NumberText.grouped(summary.tensors)),
      ("Parameters", NumberText.grouped(summary.parameters)),
      (
        "Types",
        summary.types.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
          .joined(separator: ", ")
      ),
      ("Files", summary.files.joined(separator: ", ")),
    ]
    if summary.copiedTensors > 0 { facts.append(("Copied", "\(summary.copiedTensors)")) }
    if let ratio = summary.normRatio { facts.append(("Norm ratio", text(ratio))) }
    if let angles = summary.angles {
      let all = [angles.smallest, angles.mean, angles.largest].map { "\($0.rounded(decimals: 1))" }
      facts.append(("Angles", "\(all[0])° to \(all[2])°, mean \(all[1])°"))
    }
    if let straight = summary.straightTensors {
      facts.append(("Straight", NumberText.count(straight, "tensor")))
    }
    if let conflicts = summary.conflicts { facts.append(("Sign conflicts", text(conflicts))) }
    facts += summary.parents.map { ($0.label, text($0)) }
    facts += summary.warnings.map { ("Warning", $0) }
    let json = JSON.object([
      ("schema", .integer(1)), ("folder", .string(FilePaths.display(target))),
      ("method", .string(method.name)), ("parameters", .object(method.parameters)),
      (
        "parents",
        .array(
          summary.parents.map { .object([("folder", .string($0.label))] + $0.statistics) })
      ),
      ("statistics", summary.statistics), ("files", .strings(summary.files)),
      ("notes", .strings(summary.notes)), ("warnings", .strings(summary.warnings)),
    ])
    return FactSheet.report(
      title: "Merged", facts.map { (name: $0.0, value: $0.1) }, json: json)
  }

  private static func text(_ value: Double) -> String { "\(value.rounded(decimals: 4))" }

  /// What one parent has in common with the others.
  private static func text(_ parent: MergeSummary.Parent) -> String {
    var parts: [String] = []
    if let cosine = parent.cosine { parts.append("cosine \(text(cosine))") }
    parts.append("distance \(text(parent.distance))")
    if let change = parent.change { parts.append("change \(text(change))") }
    if let agreement = parent.agreement { parts.append("agreement \(text(agreement))") }
    return parts.joined(separator: ", ")
  }
}
