// The index of a large folder of results: the scores of every file with the facts that tell whether
// the file has changed. A cache: it may be deleted at any time, and a damaged one is as good as none.

import Core
import Foundation

/// An index as it was written last.
struct ResultIndex {
  private(set) var names = ScoreNames()
  private var files: [String: (facts: FileFacts, content: ResultFile.Content)] = [:]
  /// When it was written, nanoseconds since 1970.
  private var written = 0

  var count: Int { files.count }

  /// Where the index of a folder of results is kept.
  static func file(for root: URL, in folder: URL) -> URL {
    let path = root.standardizedFileURL.resolvingSymlinksInPath().path(percentEncoded: false)
    return folder.appending(path: "results-\(ContentHash.of(path).prefix(16)).index")
  }

  /// What a file holds, if it is the one that was read; nil where it may have changed.
  ///
  /// A file changed within two seconds before the index was written does not count as known: file
  /// systems with coarse times could not tell a later change from it.
  func content(of path: String, facts: FileFacts) -> ResultFile.Content? {
    guard let known = files[path], known.facts.size == facts.size,
      known.facts.modified == facts.modified, known.facts.inode == facts.inode,
      facts.modified < written - 2_000_000_000
    else { return nil }
    return known.content
  }

  // MARK: Format

  // Little-endian: magic, sum of the rest, the rest. Texts and lists stand behind their lengths.
  private static let magic: UInt64 = 0x3158_4944_4E49_4442  // "BDINIDX1"

  /// nil for a file that is absent, of another version, or damaged.
  init?(reading url: URL) {
    guard let data = try? Data(contentsOf: url, options: .alwaysMapped), data.count > 24 else {
      return nil
    }
    let isRead = data.withUnsafeBytes { bytes in
      var reader = IndexReader(bytes)
      guard reader.integer() == Int(bitPattern: UInt(Self.magic)),
        reader.integer() == DamageSum.of(UnsafeRawBufferPointer(rebasing: bytes[16...]))
      else { return false }
      return read(&reader)
    }
    guard isRead else { return nil }
  }

  private mutating func read(_ reader: inout IndexReader) -> Bool {
    written = reader.integer()
    for _ in 0..<reader.count() { _ = names.place(of: reader.text()) }
    for _ in 0..<reader.count() {
      _ = names.place(of: (0..<reader.count()).map { _ in reader.text() })
    }
    let (texts, lists) = (Int32(names.texts.count), Int32(names.lists.count))
    let fileCount = reader.count()
    files.reserveCapacity(fileCount)
    for _ in 0..<fileCount {
      let path = reader.text()
      let facts = FileFacts(
        name: "", isFolder: false, size: reader.integer(), modified: reader.integer(),
        inode: UInt64(bitPattern: Int64(reader.integer())))
      guard let content = Self.content(&reader, texts, lists), !reader.isBeyondEnd else {
        return false
      }
      files[path] = (facts, content)
    }
    return !reader.isBeyondEnd
  }

  private static func content(
    _ reader: inout IndexReader, _ texts: Int32, _ lists: Int32
  ) -> ResultFile.Content? {
    if reader.integer() == 0 { return .refused(reader.text()) }
    var scores = TaskScores(task: reader.text())
    let version = reader.text()
    scores.mtebVersion = version.isEmpty ? nil : version
    let date = reader.double()
    scores.date = date.isNaN ? nil : date
    let count = reader.count()
    scores.cells.reserveCapacity(count)
    for _ in 0..<count {
      let cell = reader.cell()
      guard (0..<texts).contains(cell.split), (0..<texts).contains(cell.subset),
        (0..<lists).contains(cell.languages)
      else { return nil }
      scores.cells.append(cell)
    }
    for _ in 0..<reader.count() {
      let (split, subset) = (reader.text(), reader.text())
      let metrics = (0..<reader.count()).map { _ in (reader.text(), reader.double()) }
      scores.oldRows.append(
        OldRow(
          split: split, subset: subset.isEmpty ? nil : subset,
          metrics: Dictionary(metrics) { _, last in last }))
    }
    return .scores(scores)
  }

  /// Writes an index; a folder that cannot be written to goes without one.
  static func write(_ files: [ResultFile], _ names: ScoreNames, to url: URL) {
    var body = IndexWriter()
    body.integer(Int(Date().timeIntervalSince1970 * 1e9))
    body.integer(names.texts.count)
    for text in names.texts { body.text(text) }
    body.integer(names.lists.count)
    for list in names.lists {
      body.integer(list.count)
      for text in list { body.text(text) }
    }
    body.integer(files.count)
    for file in files {
      body.text(file.path)
      body.integer(file.facts.size)
      body.integer(file.facts.modified)
      body.integer(Int(Int64(bitPattern: file.facts.inode)))
      body.content(file.content)
    }
    var head = IndexWriter()
    head.integer(Int(bitPattern: UInt(magic)))
    head.integer(body.bytes.withUnsafeBytes { DamageSum.of($0) })
    try? AtomicFile.write(head.bytes + body.bytes, to: url)
  }
}

private struct IndexWriter {
  var bytes: [UInt8] = []

  private mutating func append<T>(_ value: T) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  mutating func integer(_ value: Int) { append(value.littleEndian) }
  mutating func double(_ value: Double) { append(value.bitPattern.littleEndian) }

  mutating func text(_ text: String) {
    integer(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func content(_ content: ResultFile.Content) {
    switch content {
    case .refused(let problem):
      integer(0)
      text(problem)
    case .scores(let scores):
      integer(1)
      text(scores.task)
      text(scores.mtebVersion ?? "")
      double(scores.date ?? .nan)
      integer(scores.cells.count)
      for cell in scores.cells {
        append(cell.split.littleEndian)
        append(cell.subset.littleEndian)
        append(cell.languages.littleEndian)
        double(cell.score)
      }
      integer(scores.oldRows.count)
      for row in scores.oldRows {
        text(row.split)
        text(row.subset ?? "")
        integer(row.metrics.count)
        for (name, value) in row.metrics.sorted(by: { $0.key < $1.key }) {
          text(name)
          double(value)
        }
      }
    }
  }
}

/// Reads what `IndexWriter` wrote; beyond the end everything is zero and empty.
private struct IndexReader {
  private let bytes: UnsafeRawBufferPointer
  private var at = 0
  private(set) var isBeyondEnd = false

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private mutating func load<T: BitwiseCopyable>(_ zero: T) -> T {
    guard bytes.count - at >= MemoryLayout<T>.size else {
      isBeyondEnd = true
      return zero
    }
    defer { at += MemoryLayout<T>.size }
    return bytes.loadUnaligned(fromByteOffset: at, as: T.self)
  }

  mutating func integer() -> Int { Int(littleEndian: load(0)) }
  mutating func double() -> Double { Double(bitPattern: UInt64(littleEndian: load(0))) }

  /// A number of things that follow, none smaller than a byte.
  mutating func count() -> Int {
    let count = integer()
    guard count >= 0, count <= bytes.count - at else {
      isBeyondEnd = true
      return 0
    }
    return count
  }

  mutating func text() -> String {
    let length = count()
    guard length > 0 else { return "" }
    defer { at += length }
    return String(decoding: bytes[at..<at + length], as: UTF8.self)
  }

  mutating func cell() -> ScoredCell {
    let (split, subset, languages) = (
      Int32(littleEndian: load(0)), Int32(littleEndian: load(0)), Int32(littleEndian: load(0))
    )
    return ScoredCell(split: split, subset: subset, languages: languages, score: double())
  }
}
