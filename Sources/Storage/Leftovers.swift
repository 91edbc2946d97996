// Temporary files: how they are named, so that those of processes that were killed can be told from
// those that are being written, and how they are swept away.

package import Core
package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

package enum Leftovers {
  /// The place where a file is written before it gets its name: `.<name>.<host>-<process>-<n>.tmp`
  /// in the same folder.
  package static func temporary(for file: URL) -> URL {
    // Names have 255 bytes at most.
    var name = file.lastPathComponent
    while name.utf8.count > 200 { name.removeLast() }
    let number = String(UInt32.random(in: 0 ... .max), radix: 16)
    return file.deletingLastPathComponent()
      .appending(path: ".\(name).\(host)-\(getpid())-\(number)\(ending)")
  }

  private static let ending = ".tmp"

  /// Removes the temporary files in a folder whose writers are dead.
  ///
  /// Those of another machine count as dead after a day: nobody writes a result that long.
  package static func sweep(_ folder: URL) {
    let path = folder.path(percentEncoded: false)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    for name in names where name.hasPrefix(".") && name.hasSuffix(ending) {
      let file = folder.appending(path: name).path(percentEncoded: false)
      guard let writer = writer(of: name), isDead(writer, file) else { continue }
      unlink(file)
    }
  }

  private static func isDead(_ writer: (host: String, process: pid_t), _ file: String) -> Bool {
    guard writer.host == host else {
      var facts = stat()
      guard stat(file, &facts) == 0 else { return false }
      #if canImport(Darwin)
        let changed = facts.st_mtimespec.tv_sec
      #else
        let changed = facts.st_mtim.tv_sec
      #endif
      return time(nil) - changed > 86_400
    }
    return kill(writer.process, 0) != 0 && errno == ESRCH
  }

  /// The machine and the process in a temporary file's name; nil for other files.
  private static func writer(of name: String) -> (host: String, process: pid_t)? {
    let parts = name.dropLast(ending.count).split(separator: ".").last?
      .split(separator: "-", omittingEmptySubsequences: false)
    guard let parts, parts.count == 3, parts[0].utf8.count == host.utf8.count,
      let process = pid_t(parts[1]), process > 0
    else { return nil }
    return (String(parts[0]), process)
  }

  /// Tells machines apart that share a folder.
  private static let host: String = {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(ContentHash.of(bytes).prefix(8))
  }()
}
