// Writing files so that nobody ever sees half of one; the only place that writes results to disk.

package import Core
package import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

package enum AtomicFile {
  /// Writes a file whole or not at all: a temporary name in the same folder, flushed to the disk,
  /// then renamed over the old file, and the folder flushed: after a power cut there is the old file
  /// or the new one.
  ///
  /// Missing folders are made.
  ///
  /// - Throws: `.system` naming the file, with what the operating system said. Nothing is left
  ///   behind then, and an old file stays as it was.
  package static func write(_ text: String, to file: URL) throws(Failure) {
    try write(Array(text.utf8), to: file)
  }

  package static func write(_ bytes: [UInt8], to file: URL) throws(Failure) {
    try write(to: file) { new throws(Failure) in try new.append(bytes) }
  }

  /// The same for a text that comes in pieces and need not be in memory as a whole.
  ///
  /// - Returns: the SHA-256 of the text.
  @discardableResult
  package static func write(
    pieces: some Sequence<String>, to file: URL
  ) throws(Failure) -> String {
    var hash = ContentHash.Running()
    try write(to: file) { new throws(Failure) in
      var bytes: [UInt8] = []
      for piece in pieces {
        bytes += piece.utf8
        guard bytes.count > 1 << 16 else { continue }
        hash.add(bytes)
        try new.append(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
      hash.add(bytes)
      try new.append(bytes)
    }
    return hash.end()
  }

  private static func write(
    to file: URL, _ body: (NewFile) throws(Failure) -> Void
  ) throws(Failure) {
    let folder = file.deletingLastPathComponent()
    try makeFolder(folder)
    let place = Leftovers.temporary(for: file)
    let temporary = place.path(percentEncoded: false)
    let new = try NewFile(creating: place, for: file)
    try body(new)
    try new.finish()
    guard rename(temporary, file.path(percentEncoded: false)) == 0 else {
      let failure = NewFile.refused(FilePaths.display(file), "cannot be written")
      unlink(temporary)
      throw failure
    }
    flushFolder(folder)
  }

  /// Flushes the names in a folder to the disk; some file systems need no such thing and refuse.
  private static func flushFolder(_ folder: URL) {
    let descriptor = open(folder.path(percentEncoded: false), O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Makes a folder and those above it.
  package static func makeFolder(_ folder: URL) throws(Failure) {
    guard FilePaths.kind(of: folder) != .folder else { return }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        .system, FilePaths.display(folder), "the folder cannot be made",
        hint: "choose a folder you may write to", cause: reason(error))
    }
    // Its own name is on the disk once the folder above is.
    flushFolder(folder.deletingLastPathComponent())
  }

  /// Whether a file could be written into this folder, tried for real.
  ///
  /// Asked before long work, so that a run of hours does not end at the first write.
  package static func checkWritable(_ folder: URL) throws(Failure) {
    try makeFolder(folder)
    let probe = Leftovers.temporary(for: folder.appending(path: "probe"))
      .path(percentEncoded: false)
    let descriptor = open(probe, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw NewFile.refused(FilePaths.display(folder), "the folder cannot be written to")
    }
    close(descriptor)
    unlink(probe)
  }

  private static func reason(_ error: any Error) -> String {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    if let underlying, underlying.domain == NSPOSIXErrorDomain {
      return String(cString: strerror(Int32(underlying.code)))
    }
    return error.localizedDescription
  }
}
