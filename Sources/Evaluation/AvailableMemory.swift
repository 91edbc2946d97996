// How much memory this machine, or the group that this process was put into, has left; and how much
// the process takes.

package import Foundation

package enum AvailableMemory {
  /// Bytes that could be taken now: what the machine has left, or less where a control group says
  /// so; nil where the system does not tell.
  ///
  /// Memory that only holds copies of files counts as free. `root` is the root of the file system;
  /// tests have their own.
  package static func bytes(root: URL = URL(filePath: "/")) -> Int? {
    let known = [machine(root)] + groups(root)
    return known.compactMap { $0 }.min()
  }

  /// Bytes that this process takes now; nil where the system does not tell.
  package static var resident: Int? {
    kilobytes("VmRSS", in: text(URL(filePath: "/proc/self/status")))
  }

  private static func machine(_ root: URL) -> Int? {
    kilobytes("MemAvailable", in: text(root.appending(path: "proc/meminfo")))
      ?? (root.path == "/" ? Int(clamping: ProcessInfo.processInfo.physicalMemory) : nil)
  }

  /// What the groups of this process leave, from its own up to the root; of both versions.
  private static func groups(_ root: URL) -> [Int?] {
    let mount = root.appending(path: "sys/fs/cgroup")
    var left: [Int?] = []
    for line in text(root.appending(path: "proc/self/cgroup")).split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isSecond = parts[1].isEmpty
      guard isSecond || parts[1].split(separator: ",").contains("memory") else { continue }
      let base = isSecond ? mount : mount.appending(path: "memory")
      let files =
        isSecond
        ? ("memory.max", "memory.current")
        : ("memory.limit_in_bytes", "memory.usage_in_bytes")
      var names = parts[2].split(separator: "/").map(String.init)
      while true {
        let folder = names.reduce(base) { $0.appending(path: $1) }
        left.append(Self.left(in: folder, limit: files.0, usage: files.1))
        if names.isEmpty { break }
        names.removeLast()
      }
    }
    return left
  }

  private static func left(in folder: URL, limit: String, usage: String) -> Int? {
    // "max" means none, as do the huge numbers of the first version.
    guard let limit = number(folder.appending(path: limit)), limit < 1 << 60 else { return nil }
    let used = number(folder.appending(path: usage)) ?? 0
    let files =
      text(folder.appending(path: "memory.stat")).split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        return words.count == 2 && words[0] == "inactive_file" ? Int(words[1]) : nil
      }.first ?? 0
    return max(0, limit - max(0, used - files))
  }

  private static func kilobytes(_ key: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") where line.hasPrefix("\(key):") {
      let words = line.split(whereSeparator: \.isWhitespace)
      return words.count > 1 ? Int(words[1]).map { $0 * 1024 } : nil
    }
    return nil
  }

  private static func number(_ file: URL) -> Int? {
    Int(text(file).trimmingCharacters(in: .whitespacesAndNewlines))
  }

  private static func text(_ file: URL) -> String {
    (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }
}
