// Whether the disk of a cache is a disk of this machine.

import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

enum EmbeddingCacheDisk {
  /// The kind of network file system a folder is on; nil for a disk of this machine.
  static func networkKind(of folder: URL) -> String? {
    #if os(Linux)
      guard let mounts = try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8) else {
        return nil
      }
      let path = folder.resolvingSymlinksInPath().path(percentEncoded: false)
      return networkKind(of: path, mounts: mounts)
    #else
      var facts = statfs()
      guard statfs(folder.path(percentEncoded: false), &facts) == 0 else { return nil }
      return facts.f_flags & UInt32(MNT_LOCAL) == 0 ? "network" : nil
    #endif
  }

  /// Types of file systems whose files other machines may have open too.
  private static let networkKinds: Set<String> = [
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "lustre", "gpfs", "beegfs", "afs", "9p",
    "panfs",
    "pvfs2", "orangefs", "gfs2", "ocfs2", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph",
    "fuse.s3fs", "fuse.gcsfuse", "fuse.juicefs",
  ]

  /// The same by a table of mounts as `/proc/self/mountinfo` has it: the place is the fifth word of a
  /// line, the type the first one after a lonely dash, and the longest place that leads to the path
  /// counts.
  static func networkKind(of path: String, mounts: String) -> String? {
    var best = (length: -1, kind: "")
    for line in mounts.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 5, let dash = words.dropFirst(5).firstIndex(of: "-"),
        dash + 1 < words.count
      else { continue }
      let place = words[4].replacing("\\040", with: " ")
      let isAbove = place == "/" || path == place || path.hasPrefix(place + "/")
      guard isAbove, place.utf8.count >= best.length else { continue }
      best = (place.utf8.count, String(words[dash + 1]))
    }
    return networkKinds.contains(best.kind) ? best.kind : nil
  }
}
