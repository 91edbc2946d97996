// How much a disk has room for: caches ask before they write.

package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

package enum DiskSpace {
  /// Bytes that a user may still write, and the size of the file system; nil where nobody knows.
  package static func of(_ folder: URL) -> (free: Int, total: Int)? {
    var facts = statvfs()
    guard statvfs(folder.path(percentEncoded: false), &facts) == 0 else { return nil }
    let unit = Int(clamping: facts.f_frsize)
    let free = Int(clamping: facts.f_bavail).multipliedReportingOverflow(by: unit)
    let total = Int(clamping: facts.f_blocks).multipliedReportingOverflow(by: unit)
    return free.overflow || total.overflow ? nil : (free.partialValue, total.partialValue)
  }
}
