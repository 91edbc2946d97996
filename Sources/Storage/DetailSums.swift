// The hashes of the files of details, one list for each task in the form of `sha256sum`: they tell
// which details are whole after a process was killed, a power cut, or a disk that forgot something.

package import Core
import Foundation

/// The hash of one file.
struct DetailSum: Hashable {
  /// In the folder of the details.
  let name: String
  let hash: String

  init(name: String, hash: String) {
    self.name = name
    self.hash = hash
  }

  /// nil for a line that was not written to its end.
  init?(line: Substring) {
    let parts = line.split(separator: "  ", maxSplits: 1)
    guard parts.count == 2, parts[0].utf8.count == 64, !parts[1].isEmpty else { return nil }
    self.init(name: String(parts[1]), hash: String(parts[0]))
  }

  var line: String { "\(hash)  \(name)\n" }
}

extension DetailStore {
  func sumsFile(of task: String) -> URL { folder.appending(path: "\(task).sha256") }

  /// Adds the hashes of a cell's files; of several for one file the last counts.
  func add(_ sums: [DetailSum], of task: String) throws(Failure) {
    let file = sumsFile(of: task)
    let text = (endsInLine(file) ? "" : "\n") + sums.map(\.line).joined()
    do {
      if FilePaths.kind(of: file) == nil { try Data().write(to: file) }
      let handle = try FileHandle(forWritingTo: file)
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: Data(text.utf8))
    } catch {
      throw Failure(
        .system, FilePaths.display(file), "cannot be written",
        hint: "free some space on this disk, then run the same command again",
        cause: error.localizedDescription)
    }
  }

  /// Whether nothing hangs over from a process that was killed while it wrote a line.
  private func endsInLine(_ file: URL) -> Bool {
    guard let handle = try? FileHandle(forReadingFrom: file) else { return true }
    defer { try? handle.close() }
    guard let end = try? handle.seekToEnd(), end > 0,
      (try? handle.seek(toOffset: end - 1)) != nil
    else { return true }
    return (try? handle.read(upToCount: 1)) == Data([UInt8(ascii: "\n")])
  }

  /// Writes the list of hashes anew: one for each file, sorted by name.
  package func finishSums(of task: String) throws(Failure) {
    let known = sums(of: task)
    let text = names(of: task).compactMap { name in
      known[name].map { DetailSum(name: name, hash: $0).line }
    }.joined()
    let file = sumsFile(of: task)
    guard !text.isEmpty || FilePaths.kind(of: file) != nil else { return }
    if (try? Data(contentsOf: file)) == Data(text.utf8) { return }
    try AtomicFile.write(text, to: file)
  }

  /// The cells of a task whose files are whole, and the names of damaged files.
  ///
  /// Reads all files once. Files without a hash are those of a cell that was not finished.
  package func check(_ task: String) -> (whole: Set<DetailCell>, damaged: [String]) {
    let known = sums(of: task)
    var whole = Set(cells(of: task))
    var damaged: [String] = []
    let present = names(of: task)
    for name in present {
      guard let cell = Self.cell(in: name, of: task)?.cell else { continue }
      guard let hash = known[name] else {
        whole.remove(cell)
        continue
      }
      guard (try? ContentHash.of(file: folder.appending(path: name))) != hash else { continue }
      whole.remove(cell)
      damaged.append(FilePaths.display(folder.appending(path: name)))
    }
    for name in Set(known.keys).subtracting(present) {
      if let cell = Self.cell(in: name, of: task)?.cell { whole.remove(cell) }
    }
    return (whole, damaged)
  }

  private func sums(of task: String) -> [String: String] {
    guard let data = try? Data(contentsOf: sumsFile(of: task)) else { return [:] }
    var sums: [String: String] = [:]
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      if let sum = DetailSum(line: line) { sums[sum.name] = sum.hash }
    }
    return sums
  }
}
