// One file of the embedding cache: the vectors of one model in an SQLite database.

import Core
import Foundation
import GRDB

/// An open cache file.
///
/// Vectors lie in the order in which they were stored, in chunks that came together; an index leads
/// from keys to them. The last use is kept for each chunk, not for each vector.
final class EmbeddingCacheFile: Sendable {
  /// Raised with every change of the tables.
  static let schema = 1
  /// "BRDA", which marks the database as ours.
  private static let application = 0x4252_4441
  /// Keys in one question.
  static let groupSize = 256
  /// Row numbers of a chunk: its own number times this, and up.
  private static let rowsPerChunk: Int64 = 1 << 16

  private let queue: DatabaseQueue
  private let dimensions: Int

  // MARK: Opening

  /// Opens a file, or makes it.
  ///
  /// - Parameters:
  ///   - url: in a folder that is there.
  ///   - facts: what `borda cache show` tells of the model; its `identity` must be the file's.
  ///   - dimensions: width of every vector.
  ///   - isShared: whether processes of other machines may have it open too, on a network file
  ///     system, where SQLite's faster journal is unsafe.
  ///   - patience: seconds to wait for others.
  /// - Throws: what is wrong with the file, or with its place.
  init(
    _ url: URL, facts: [String: String], dimensions: Int, isShared: Bool, patience: Double
  ) throws(EmbeddingCacheTrouble) {
    self.dimensions = dimensions
    let end = ContinuousClock.now + .seconds(patience)
    // Switching a new file to its journal does not wait for others who do the same.
    while true {
      do {
        queue = try Self.open(
          url, facts, pageSize: EmbeddingCacheEntry.pages(dimensions: dimensions).size,
          isShared: isShared, patience: patience)
        return
      } catch let trouble as EmbeddingCacheTrouble {
        throw trouble
      } catch {
        let trouble = EmbeddingCacheTrouble(error)
        guard trouble == .busy, .now < end else { throw trouble }
        usleep(20_000)
      }
    }
  }

  private static func open(
    _ url: URL, _ facts: [String: String], pageSize: Int, isShared: Bool, patience: Double
  ) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(patience)
    // A broken file may refuse even to roll back; the library would end the process for that.
    configuration.allowsUnsafeTransactions = true
    let queue = try DatabaseQueue(
      path: url.path(percentEncoded: false), configuration: configuration)
    try queue.inDatabase { database in
      if try Int.fetchOne(database, sql: "PRAGMA page_count") == 0 {
        try database.execute(sql: "PRAGMA page_size = \(pageSize)")
        try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
      }
      // A cache may lose its last seconds in a power cut; it need not wait for the disk.
      try database.execute(sql: "PRAGMA journal_mode = \(isShared ? "TRUNCATE" : "WAL")")
      try database.execute(sql: "PRAGMA synchronous = \(isShared ? "FULL" : "NORMAL")")
      try database.execute(sql: "PRAGMA wal_autocheckpoint = \((4 << 20) / pageSize)")
      try prepare(database, facts)
    }
    return queue
  }

  /// Makes the tables of an empty database, and looks at those of any other.
  private static func prepare(_ database: Database, _ facts: [String: String]) throws {
    func number(_ pragma: String) throws -> Int {
      try Int.fetchOne(database, sql: "PRAGMA \(pragma)") ?? 0
    }
    if try number("user_version") == 0 {
      try database.inTransaction(.immediate) {
        // Another process may have made them meanwhile.
        guard try number("user_version") == 0 else { return .rollback }
        guard try number("schema_version") == 0 else {
          throw EmbeddingCacheTrouble.damaged("it is another program's database")
        }
        try database.execute(
          sql: """
            CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE chunk
              (id INTEGER PRIMARY KEY AUTOINCREMENT, texts INTEGER NOT NULL, used REAL NOT NULL);
            CREATE TABLE vector (id INTEGER PRIMARY KEY, key BLOB NOT NULL, value BLOB NOT NULL);
            CREATE UNIQUE INDEX vector_key ON vector (key);
            PRAGMA application_id = \(application);
            PRAGMA user_version = \(schema);
            """)
        for (name, value) in facts {
          try database.execute(
            sql: "INSERT INTO fact (name, value) VALUES (?, ?)", arguments: [name, value])
        }
        return .commit
      }
    }
    guard try number("application_id") == application else {
      throw EmbeddingCacheTrouble.damaged("it is another program's database")
    }
    guard try number("user_version") <= schema else { throw EmbeddingCacheTrouble.newer }
    let identity = try String.fetchOne(
      database, sql: "SELECT CAST(value AS TEXT) FROM fact WHERE name = 'identity'")
    guard identity == facts["identity"] else {
      throw EmbeddingCacheTrouble.damaged("it belongs to another model")
    }
  }

  func close() { try? queue.close() }

  private func run<T>(_ body: (Database) throws -> T) throws(EmbeddingCacheTrouble) -> T {
    do {
      return try queue.inDatabase(body)
    } catch {
      throw EmbeddingCacheTrouble(error)
    }
  }

  // MARK: Vectors

  /// What was found for some keys.
  struct Found {
    /// What the text of each key cost; nil for a miss.
    var costs: [TextCost?]
    /// The chunks that it came from.
    var chunks: Set<Int64> = []
    /// Keys whose entries were damaged; they are misses.
    var damaged: [EmbeddingCacheKey] = []
  }

  /// Looks up at most `groupSize` keys, no two of them equal, with one question.
  ///
  /// Vectors are copied to rows `rows` of `values`, [texts, dimensions], one for each key.
  func find(
    _ keys: [EmbeddingCacheKey], rows: [Int], to values: inout [Float]
  ) throws(EmbeddingCacheTrouble) -> Found {
    var places: [EmbeddingCacheKey: Int] = [:]
    for (place, key) in keys.enumerated() { places[key] = place }
    var found = Found(costs: Array(repeating: nil, count: keys.count))
    let size = EmbeddingCacheEntry.size(dimensions: dimensions)
    // Two statements at most to prepare: one for full groups, one for the rest of a request. A value of
    // another length is not even read.
    let count = keys.count == Self.groupSize ? keys.count : Self.rounded(keys.count)
    let marks = Array(repeating: "?", count: count).joined(separator: ",")
    let sql = """
      SELECT CAST(id AS INTEGER), key, CASE WHEN typeof(value) = 'blob' AND length(value) = \(size) THEN value END
      FROM vector WHERE key IN (\(marks))
      """
    var arguments = keys.map(\.data)
    arguments += Array(repeating: arguments[0], count: count - keys.count)
    try run { database in
      let statement = try database.cachedStatement(sql: sql)
      let rowCursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
      while let row = try rowCursor.next() {
        let key = try row.withUnsafeData(atIndex: 1) { data in
          data.flatMap { $0.withUnsafeBytes { EmbeddingCacheKey($0) } }
        }
        guard let key, let place = places[key] else { continue }
        let cost = try row.withUnsafeData(atIndex: 2) { data in
          data.flatMap {
            $0.withUnsafeBytes {
              EmbeddingCacheEntry.read(
                $0, key, dimensions: dimensions, to: rows[place], of: &values)
            }
          }
        }
        guard let cost else {
          found.damaged.append(key)
          continue
        }
        found.costs[place] = cost
        if let id = row[0] as Int64? { found.chunks.insert(id / Self.rowsPerChunk) }
      }
    }
    return found
  }

  /// The next power of two, so that there are few different questions to prepare.
  private static func rounded(_ count: Int) -> Int {
    var power = 1
    while power < count { power *= 2 }
    return power
  }

  /// Stores vectors that came together, in one transaction; what is there under a key is replaced.
  ///
  /// - Returns: the number of the new chunk.
  func store(
    _ entries: [(key: EmbeddingCacheKey, data: Data)], now: Double
  ) throws(EmbeddingCacheTrouble) -> Int64 {
    precondition(entries.count <= Self.rowsPerChunk, "\(entries.count) vectors in a chunk")
    return try run { database in
      var chunk: Int64 = 0
      try database.inTransaction(.immediate) {
        try database.execute(
          sql: "INSERT INTO chunk (texts, used) VALUES (?, ?)", arguments: [entries.count, now])
        chunk = database.lastInsertedRowID
        let statement = try database.cachedStatement(
          sql: "INSERT OR REPLACE INTO vector (id, key, value) VALUES (?, ?, ?)")
        let first = try Self.rows(of: chunk).lowerBound
        for (place, entry) in entries.enumerated() {
          try statement.execute(
            arguments: [first + Int64(place), entry.key.data, entry.data])
        }
        return .commit
      }
      return chunk
    }
  }

  /// The row numbers of a chunk; a number that no chunk has is damage.
  private static func rows(of chunk: Int64) throws(EmbeddingCacheTrouble) -> Range<Int64> {
    guard chunk >= 0, chunk < Int64.max / (2 * rowsPerChunk) else {
      throw .damaged("it has a chunk numbered \(chunk)")
    }
    return chunk * rowsPerChunk..<(chunk + 1) * rowsPerChunk
  }

  /// Removes entries.
  func remove(_ keys: [EmbeddingCacheKey]) throws(EmbeddingCacheTrouble) {
    try run { database in
      for key in keys {
        try database.execute(sql: "DELETE FROM vector WHERE key = ?", arguments: [key.data])
      }
    }
  }

  // MARK: Use and size

  /// Records that chunks were used, in one transaction.
  func markUse(of chunks: [Int64], now: Double) throws(EmbeddingCacheTrouble) {
    try run { database in
      try database.inTransaction(.immediate) {
        let statement = try database.cachedStatement(
          sql: "UPDATE chunk SET used = ? WHERE id = ? AND used < ?")
        for chunk in chunks { try statement.execute(arguments: [now, chunk, now]) }
        return .commit
      }
    }
  }

  /// Bytes inside the file that new entries can take before it grows.
  func freeBytes() throws(EmbeddingCacheTrouble) -> Int {
    try run { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
      return try pages * (Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
    }
  }

  /// Removes chunks that were last used before a time, the oldest first, until about `bytes` are free.
  ///
  /// With `shrinks` the file gives its free pages back to the disk.
  func evict(
    bytes: Int, usedBefore time: Double, shrinks: Bool
  ) throws(EmbeddingCacheTrouble) {
    let each = EmbeddingCacheEntry.pages(dimensions: dimensions).bytesPerEntry
    try run { database in
      var freed = 0
      let chunks = try Row.fetchAll(
        database,
        sql: "SELECT CAST(id AS INTEGER) FROM chunk WHERE used < ? ORDER BY used, id",
        arguments: [time])
      var rest = chunks[...]
      while freed < bytes, !rest.isEmpty {
        // A transaction for some chunks: others get their turn between, and the journal stays small.
        try database.inTransaction(.immediate) {
          for chunk in rest.prefix(16) where freed < bytes {
            guard let id = chunk[0] as Int64? else { continue }
            let rows = try Self.rows(of: id)
            try database.execute(
              sql: "DELETE FROM vector WHERE id >= ? AND id < ?",
              arguments: [rows.lowerBound, rows.upperBound])
            freed += database.changesCount * each
            try database.execute(sql: "DELETE FROM chunk WHERE id = ?", arguments: [id])
          }
          return .commit
        }
        rest = rest.dropFirst(16)
      }
      guard shrinks else { return }
      try database.execute(sql: "PRAGMA incremental_vacuum")
    }
    if shrinks { try emptyJournal() }
  }

  /// Moves what waits in the journal into the database, and gives the journal's bytes back.
  func emptyJournal() throws(EmbeddingCacheTrouble) {
    try run { database in
      _ = try Row.fetchAll(database, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
  }

  /// What a file holds, read without making or changing anything.
  static func summary(
    of url: URL, patience: Double
  ) throws(EmbeddingCacheTrouble) -> (facts: [String: String], texts: Int) {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(patience)
    do {
      let queue = try DatabaseQueue(
        path: url.path(percentEncoded: false), configuration: configuration)
      return try queue.inDatabase { database in
        guard try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0 <= schema else {
          throw EmbeddingCacheTrouble.newer
        }
        let rows = try Row.fetchAll(
          database, sql: "SELECT CAST(name AS TEXT), CAST(value AS TEXT) FROM fact LIMIT 100")
        let pairs = rows.map { ($0[0] as String? ?? "", $0[1] as String? ?? "") }
        let facts = Dictionary(pairs) { $1 }
        return (facts, try Int.fetchOne(database, sql: "SELECT count(*) FROM vector") ?? 0)
      }
    } catch let trouble as EmbeddingCacheTrouble {
      throw trouble
    } catch {
      throw EmbeddingCacheTrouble(error)
    }
  }
}

extension EmbeddingCacheTrouble {
  /// Sorts what SQLite says.
  init(_ error: any Error) {
    guard let error = error as? DatabaseError else {
      self = error as? EmbeddingCacheTrouble ?? .damaged("it has values of other kinds")
      return
    }
    let message = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
    // An unknown table or column, or a broken rule, is a damaged schema.
    case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH,
      .SQLITE_FORMAT:
      self = .damaged(message)
    default: self = .refused(message)
    }
  }
}
