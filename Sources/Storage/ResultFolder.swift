// One folder of results as files with their scores: found, taken from the index where they have not
// changed, else scanned on all cores.

import Core
import Dispatch
import Foundation
import Synchronization

/// A result file and what is in it.
struct ResultFile: Sendable {
  /// Below the root: `<model>/<revision>/<Task>.json`.
  var path: String
  /// The model's name as its `model_meta.json` gives it, else made from the folder's.
  var model: String
  var revision: String
  var facts: FileFacts
  var content: Content

  enum Content: Sendable {
    case scores(TaskScores)
    case refused(String)
  }
}

struct ResultFolder {
  let root: URL
  private(set) var files: [ResultFile] = []
  private(set) var names = ScoreNames()
  /// How many files were taken from the index.
  private(set) var indexed = 0

  /// Folders with fewer files are read faster than an index is looked up.
  private static let smallestIndexed = 1000
  /// Larger than any result file (Flores, with 41,412 subsets, has 8.5 MB).
  private static let sizeLimit = 256 << 20

  init(_ root: URL, indexFolder: URL?, threads: Int) {
    self.root = root
    let path = root.path(percentEncoded: false)
    let listed = Self.list(path)
    let indexFile = indexFolder.map { ResultIndex.file(for: root, in: $0) }
    let usesIndex = listed.count >= Self.smallestIndexed
    let index = usesIndex ? indexFile.flatMap { ResultIndex(reading: $0) } : nil
    if let index { names = index.names }
    var waiting: [Int] = []
    files = listed
    for place in listed.indices {
      if let content = index?.content(of: listed[place].path, facts: listed[place].facts) {
        files[place].content = content
        indexed += 1
      } else {
        waiting.append(place)
      }
    }
    scan(waiting, below: path, threads: threads)
    if usesIndex, !waiting.isEmpty || index?.count != listed.count, let indexFile {
      ResultIndex.write(files, names, to: indexFile)
    }
  }

  /// Every file that should be a result, in the order of their paths.
  private static func list(_ root: String) -> [ResultFile] {
    var files: [ResultFile] = []
    for model in FileFacts.entries(of: root) ?? [] where model.isFolder {
      let folder = root + "/" + model.name
      for revision in FileFacts.entries(of: folder) ?? [] where revision.isFolder {
        let entries = FileFacts.entries(of: folder + "/" + revision.name) ?? []
        let place = URL(filePath: "\(folder)/\(revision.name)")
        let hasMeta = entries.contains { $0.name == ResultLayout.meta && !$0.isFolder }
        let name =
          (hasMeta ? ResultLayout.modelName(of: place) : nil)
          ?? ResultLayout.name(ofFolder: model.name)
        for entry in entries where !entry.isFolder && ResultLayout.isResult(entry.name) {
          files.append(
            ResultFile(
              path: "\(model.name)/\(revision.name)/\(entry.name)", model: name,
              revision: revision.name, facts: entry, content: .refused("was not read")))
        }
      }
    }
    return files
  }

  // MARK: Scanning

  /// Files of a piece of work: enough to cost nothing by themselves, few enough to share out.
  private static let pieceSize = 64

  private mutating func scan(_ waiting: [Int], below root: String, threads: Int) {
    guard !waiting.isEmpty else { return }
    let files = files
    let next = Atomic<Int>(0)
    let results = Mutex<[(NameTable, [(place: Int, content: ResultFile.Content)])]>([])
    DispatchQueue.concurrentPerform(iterations: max(1, threads)) { _ in
      var buffer = FileBuffer()
      var table = NameTable()
      var own: [(Int, ResultFile.Content)] = []
      while true {
        let start = next.wrappingAdd(Self.pieceSize, ordering: .relaxed).oldValue
        guard start < waiting.count else { break }
        for place in waiting[start..<min(start + Self.pieceSize, waiting.count)] {
          own.append((place, Self.content(of: files[place], below: root, &buffer, &table)))
        }
      }
      results.withLock { $0.append((table, own)) }
    }
    for (table, contents) in results.withLock({ $0 }) { take(contents, table) }
  }

  /// Puts one worker's contents in their places, their names among those of all.
  private mutating func take(
    _ contents: [(place: Int, content: ResultFile.Content)], _ table: NameTable
  ) {
    let texts = table.texts.map { names.place(of: $0) }
    let lists = table.lists.map { names.place(of: $0) }
    for (place, content) in contents {
      guard case .scores(var scores) = content else {
        files[place].content = content
        continue
      }
      scores.renumber(texts: texts, lists: lists)
      files[place].content = .scores(scores)
    }
  }

  private static func content(
    of file: ResultFile, below root: String, _ buffer: inout FileBuffer, _ table: inout NameTable
  ) -> ResultFile.Content {
    guard file.facts.size <= sizeLimit else { return .refused("is larger than any result file") }
    let content = buffer.read("\(root)/\(file.path)", size: file.facts.size) { bytes, count in
      var scanner = ResultScanner(bytes, count: count)
      do throws(ResultScanner.Problem) {
        return Self.content(try scanner.scan(with: &table), of: file, bytes, count)
      } catch {
        return ResultFile.Content.refused("\(error.text) at byte \(error.offset)")
      }
    }
    return content ?? .refused("cannot be read; check its permissions")
  }

  private static func content(
    _ scanned: ScannedResult, of file: ResultFile, _ bytes: UnsafePointer<UInt8>, _ count: Int
  ) -> ResultFile.Content {
    if scanned.hasScores {
      guard let task = scanned.task else { return .refused("no task_name") }
      return .scores(
        TaskScores(
          task: task, mtebVersion: scanned.mtebVersion, date: scanned.date, cells: scanned.cells))
    }
    let all = UnsafeBufferPointer(start: bytes, count: count)
    guard let json = try? JSON(parsing: all, leniency: [.nonFinite, .duplicateKeys]),
      OldSchema.isOld(json)
    else { return .refused("no scores object: not a result file") }
    let task = String(file.facts.name.dropLast(".json".count))
    return .scores(
      TaskScores(
        task: task, mtebVersion: json["mteb_version"]?.string, oldRows: OldSchema.rows(json)))
  }
}
