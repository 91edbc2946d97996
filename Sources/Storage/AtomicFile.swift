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
  /// then renamed over the old file.
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
  package static func write(pieces: some Sequence<String>, to file: URL) throws(Failure) {
    try write(to: file) { new throws(Failure) in
      var bytes: [UInt8] = []
      for piece in pieces {
        bytes += piece.utf8
        guard bytes.count > 1 << 16 else { continue }
        try new.append(bytes)
        bytes.removeAll(keepingCapacity: true)
      }
      try new.append(bytes)
    }
  }

  private static func write(
    to file: URL, _ body: (NewFile) throws(Failure) -> Void
  ) throws(Failure) {
    let folder = file.deletingLastPathComponent()
    try makeFolder(folder)
    let name = ".\(file.lastPathComponent).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
    let temporary = folder.appending(path: name).path(percentEncoded: false)
    let new = try NewFile(creating: URL(filePath: temporary), for: file)
    try body(new)
    try new.finish()
    guard rename(temporary, file.path(percentEncoded: false)) == 0 else {
      let failure = NewFile.refused(FilePaths.display(file), "cannot be written")
      unlink(temporary)
      throw failure
    }
  }

  /// Makes a folder and those above it.
  package static func makeFolder(_ folder: URL) throws(Failure) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        .system, FilePaths.display(folder), "the folder cannot be made",
        hint: "choose a folder you may write to", cause: reason(error))
    }
  }

  /// Whether a file could be written into this folder, tried for real.
  ///
  /// Asked before long work, so that a run of hours does not end at the first write.
  package static func checkWritable(_ folder: URL) throws(Failure) {
    try makeFolder(folder)
    let probe = folder.appending(path: ".borda-\(getpid()).tmp").path(percentEncoded: false)
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
