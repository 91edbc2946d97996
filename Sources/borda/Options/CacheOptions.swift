// Where computed vectors are kept, and how many of them.

import ArgumentParser
import Core
import Foundation
import Storage

struct CacheFolderOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder of the embedding cache (default: $BORDA_CACHE, else borda/embeddings in the user's "
        + "cache folder).", valueName: "dir"))
  var cache: String?

  var url: URL {
    cache.map { URL(filePath: FilePaths.expandingTilde($0)) } ?? CacheFolder.embeddings
  }
}

struct CacheOptions: ParsableArguments {
  @OptionGroup var folder: CacheFolderOption

  @Option(
    name: .customLong("cache-size"),
    help: ArgumentHelp(
      "Most bytes of the cache on disk, all models together, 10GB or 500MB (default: a fifth of "
        + "what the disk has free).", valueName: "size"))
  var size: String?

  @Flag(name: .customLong("no-cache"), help: "Compute every vector anew and keep none.")
  var isOff = false

  func validate() throws {
    if isOff, folder.cache != nil || size != nil {
      throw ValidationError("--no-cache leaves nothing for --cache and --cache-size to do.")
    }
  }

  /// What the cache is made with; nil where there shall be none.
  ///
  /// - Throws: `.usage` where `--cache` names a file or `--cache-size` is no size.
  func settings(isQuiet: Bool) throws(Failure) -> EmbeddingCache.Settings? {
    if isOff { return nil }
    if let cache = folder.cache, FilePaths.kind(of: folder.url) == .file {
      throw Failure(.usage, cache, "is a file, not a folder", hint: "correct --cache")
    }
    var settings = EmbeddingCache.Settings(folder: folder.url)
    settings.size = try size.map { text throws(Failure) in
      try ByteCount(text, of: "--cache-size").bytes
    }
    if !isQuiet { settings.onNote = { Terminal.note($0) } }
    return settings
  }

  /// No option may be silently without effect.
  func refuse(for spec: String) throws(Failure) {
    for (option, isGiven) in [("--cache", folder.cache != nil), ("--cache-size", size != nil)]
    where isGiven {
      throw Failure(
        .usage, option, "means nothing to \(spec)",
        hint: "leave it out; its vectors are not cached")
    }
  }
}
