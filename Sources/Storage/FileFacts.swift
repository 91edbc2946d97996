// What a folder holds, with the facts that tell whether a file has changed: the system's calls for a
// hundred thousand files, where a URL and a dictionary for each would take longer than reading them.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An entry of a folder.
struct FileFacts: Sendable, Equatable {
  var name: String
  var isFolder: Bool
  var size: Int
  /// Nanoseconds since 1970.
  var modified: Int
  var inode: UInt64

  /// The entries of a folder, links followed, names that start with a dot left out; sorted by name.
  ///
  /// nil where the folder cannot be read.
  static func entries(of folder: String) -> [FileFacts]? {
    guard let directory = opendir(folder) else { return nil }
    defer { closedir(directory) }
    var entries: [FileFacts] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
      }
      guard !name.hasPrefix(".") else { continue }
      var facts = stat()
      guard fstatat(dirfd(directory), name, &facts, 0) == 0 else { continue }
      let kind = facts.st_mode & S_IFMT
      guard kind == S_IFDIR || kind == S_IFREG else { continue }
      #if canImport(Glibc)
        let time = facts.st_mtim
      #else
        let time = facts.st_mtimespec
      #endif
      entries.append(
        FileFacts(
          name: name, isFolder: kind == S_IFDIR, size: Int(facts.st_size),
          modified: Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec),
          inode: UInt64(facts.st_ino)))
    }
    return entries.sorted { $0.name < $1.name }
  }
}

/// The bytes of one file after the other, in one piece of memory.
struct FileBuffer: ~Copyable {
  private var memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 64)
  private var capacity = 1 << 16

  deinit { memory.deallocate() }

  /// Reads a whole file and hands over its bytes, behind which a zero byte stands.
  ///
  /// - Returns: nil where the file cannot be read, or has another size than `size` by now.
  mutating func read<T>(
    _ path: String, size: Int, _ use: (UnsafePointer<UInt8>, Int) -> T
  ) -> T? {
    if size + 1 > capacity {
      memory.deallocate()
      capacity = (size + 1) * 2
      memory = .allocate(byteCount: capacity, alignment: 64)
    }
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var done = 0
    while done <= size {
      #if canImport(Glibc)
        let count = Glibc.read(file, memory + done, size + 1 - done)
      #else
        let count = Darwin.read(file, memory + done, size + 1 - done)
      #endif
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      done += count
    }
    guard done == size else { return nil }
    memory.storeBytes(of: 0, toByteOffset: size, as: UInt8.self)
    return use(memory.assumingMemoryBound(to: UInt8.self), size)
  }
}
