// The file of a frozen pool: JSON, schema 1, a line for every task and every model (docs/pools.md).

package import Core

extension FrozenPool {
  /// More than any pool has: 10,000 models on 500 tasks.
  package static let sizeLimit = 256 << 20

  /// The lines of the file, sealed with a hash of everything before the seal.
  package func lines(hash: (String) -> String) -> [String] {
    let body = body
    let seal = hash(body.joined(separator: "\n"))
    return body + ["\"seal\": \"\(seal)\"", "}", ""]
  }

  /// Everything but the seal, which is made from it.
  private var body: [String] {
    var lines = ["{"]
    let head: [(String, JSON)] = [
      ("schema", .integer(Self.schema)), ("kind", .string(Self.kind)),
      ("benchmark", .string(benchmark)), ("rules", .string(rules.rawValue)),
      ("pool", .object([("models", .integer(models)), ("hash", .string(hash))])),
    ]
    lines += head.map { "\(JSON.string($0).line): \($1.line)," }
    lines += Self.list("tasks", tasks.map(Self.json))
    lines += Self.list("models", entries.map(Self.json))
    return lines
  }

  private static let kind = "borda pool"

  private static func list(_ key: String, _ values: [JSON]) -> [String] {
    ["\"\(key)\": ["]
      + values.enumerated().map { $1.line + ($0 + 1 < values.count ? "," : "") } + ["],"]
  }

  private static func json(_ task: Task) -> JSON {
    let unscored = task.unscored
    return .object([
      ("task", .string(task.name)), ("type", .string(task.type)),
      ("definition", .string(task.definition)), ("subsets", .integer(task.subsets)),
      ("splits", .integer(task.splits)),
      ("unscored_subsets", ranges(of: unscored.subsets)),
      ("unscored_splits", ranges(of: unscored.splits)),
      (
        "coverages",
        .array(
          task.coverages.map { coverage in
            .object([
              ("subsets", ranges(of: places(coverage.subsets))),
              ("splits", ranges(of: places(coverage.splits))),
            ])
          })
      ),
    ])
  }

  private static func json(_ entry: Entry) -> JSON {
    .object([
      ("model", .string(entry.model)), ("revisions", .strings(entry.revisions)),
      ("means", .array(entry.means.map { .optional($0.value) { .number($0) } })),
      ("cells", .array(entry.means.map { .integer($0.cells) })),
      ("coverage", .array(entry.means.map { .integer(Int($0.coverage)) })),
      ("results", .integer(entry.facts.tasks)), ("dated", .integer(entry.facts.datedTasks)),
      ("dates", entry.facts.dates.map { .numbers([$0.lowerBound, $0.upperBound]) } ?? .null),
      ("versions", .strings(entry.facts.versions)),
    ])
  }

  private static func places(_ flags: [Bool]) -> [Int] { flags.indices.filter { flags[$0] } }

  /// Ascending places as `[first, count]` each, `[[0, 41]]` for the first 41.
  private static func ranges(of places: [Int]) -> JSON {
    var ranges: [(first: Int, count: Int)] = []
    for place in places {
      if let last = ranges.last, last.first + last.count == place {
        ranges[ranges.count - 1].count += 1
      } else {
        ranges.append((place, 1))
      }
    }
    return .array(ranges.map { .array([.integer($0.first), .integer($0.count)]) })
  }

  // MARK: Reading

  /// Reads the text of a file.
  ///
  /// - Throws: `.malformed` naming the file when it is no pool, was cut off, damaged or edited;
  ///   `.unsupported` for a later schema.
  package init(
    reading bytes: some Collection<UInt8>, file: String, hash: (String) -> String
  ) throws(Failure) {
    let reader = FrozenPoolReader(file: file)
    let json: JSON
    do throws(JSON.SyntaxError) {
      json = try JSON(parsing: bytes)
    } catch {
      throw reader.failure("is no pool of borda: \(error)")
    }
    guard json["kind"]?.string == Self.kind else {
      throw reader.failure("is no pool of borda: it lacks \"kind\": \"\(Self.kind)\"")
    }
    guard let schema = json["schema"]?.integer, schema == Self.schema else {
      throw Failure(
        .unsupported, file, "is a pool of another schema than \(Self.schema)",
        hint: "read it with the version of borda that wrote it, or freeze the pool again")
    }
    self = try reader.pool(json)
    let body = body.joined(separator: "\n")
    guard let seal = json["seal"]?.string, seal == hash(body) else {
      throw reader.failure("was damaged or edited: its contents are not those that were sealed")
    }
  }
}

/// Takes a pool out of JSON, every size checked before anything is made of it.
private struct FrozenPoolReader {
  let file: String

  func failure(_ message: String) -> Failure {
    Failure(
      .malformed, file, message,
      hint: "fetch the file again, or freeze the pool again with borda pool freeze")
  }

  private func require<T>(_ value: T?, _ what: String) throws(Failure) -> T {
    guard let value else { throw failure("is no whole pool: \(what)") }
    return value
  }

  func pool(_ json: JSON) throws(Failure) -> FrozenPool {
    let pool = json["pool"]
    var tasks: [FrozenPool.Task] = []
    for task in try require(json["tasks"]?.array, "no tasks") { tasks.append(try self.task(task)) }
    var entries: [FrozenPool.Entry] = []
    for model in try require(json["models"]?.array, "no models") {
      entries.append(try entry(model, tasks))
    }
    guard Set(tasks.map(\.name)).count == tasks.count,
      Set(entries.map(\.model)).count == entries.count
    else { throw failure("is no whole pool: a name stands there twice") }
    let rules = json["rules"]?.string
    return FrozenPool(
      benchmark: try require(json["benchmark"]?.string, "no benchmark"),
      rules: try require(rules.flatMap(Rules.init), "unknown rules '\(rules ?? "")'"),
      models: try require(pool?["models"]?.integer, "no size"),
      hash: try require(pool?["hash"]?.string, "no hash"), tasks: tasks, entries: entries)
  }

  /// Subsets of the largest task known are 41,412.
  private static let mostSubsets = 1 << 20

  private func task(_ json: JSON) throws(Failure) -> FrozenPool.Task {
    let name = try require(json["task"]?.string, "a task without a name")
    let (subsets, splits) = (json["subsets"]?.integer ?? 0, json["splits"]?.integer ?? 0)
    guard (1...Self.mostSubsets).contains(subsets), (1...1000).contains(splits) else {
      throw failure("is no whole pool: \(name) has \(subsets) subsets and \(splits) splits")
    }
    let list = try require(json["coverages"]?.array, "\(name) has no coverages")
    guard list.count <= 1 << 16, list.count * subsets <= 1 << 28 else {
      throw failure("is no whole pool: \(name) has \(list.count) coverages")
    }
    var coverages: [Frame.Seen] = []
    for coverage in list {
      coverages.append(
        Frame.Seen(
          subsets: try flags(coverage["subsets"], count: subsets, name),
          splits: try flags(coverage["splits"], count: splits, name)))
    }
    return FrozenPool.Task(
      name: name, type: try require(json["type"]?.string, "\(name) has no type"),
      definition: try require(json["definition"]?.string, "\(name) has no definition"),
      subsets: subsets, splits: splits, coverages: coverages)
  }

  private func flags(_ json: JSON?, count: Int, _ task: String) throws(Failure) -> [Bool] {
    var flags = [Bool](repeating: false, count: count)
    for range in try require(json?.array, "\(task) has a coverage without places") {
      guard let pair = range.array, pair.count == 2, let first = pair[0].integer,
        let length = pair[1].integer, (0..<count).contains(first), length > 0,
        length <= count - first
      else { throw failure("is no whole pool: \(task) has a coverage beyond its \(count) places") }
      for place in first..<(first + length) { flags[place] = true }
    }
    return flags
  }

  private func entry(
    _ json: JSON, _ tasks: [FrozenPool.Task]
  ) throws(Failure) -> FrozenPool.Entry {
    let name = try require(json["model"]?.string, "a model without a name")
    let lists = ["means", "cells", "coverage"].map { json[$0]?.array ?? [] }
    guard lists.allSatisfy({ $0.count == tasks.count }) else {
      throw failure("is no whole pool: \(name) has not one score, or gap, for each task")
    }
    var means: [Frame.TaskMean] = []
    for (place, task) in tasks.enumerated() {
      means.append(try mean(lists.map { $0[place] }, task, name))
    }
    var facts = Board.Facts()
    facts.tasks = json["results"]?.integer ?? 0
    facts.datedTasks = json["dated"]?.integer ?? 0
    if let dates = json["dates"]?.array?.compactMap(\.double), dates.count == 2,
      dates[0] <= dates[1]
    {
      facts.dates = dates[0]...dates[1]
    }
    facts.versions = json["versions"]?.array?.compactMap(\.string) ?? []
    let revisions = try require(json["revisions"]?.array, "\(name) has no revisions")
    return FrozenPool.Entry(
      model: name, revisions: revisions.compactMap(\.string), means: means, facts: facts)
  }

  /// One score: mean, cells and place of its coverage.
  private func mean(
    _ values: [JSON], _ task: FrozenPool.Task, _ model: String
  ) throws(Failure) -> Frame.TaskMean {
    let place = Int32(exactly: values[2].integer ?? -2) ?? -2
    let cells = values[1].integer ?? -1
    if values[0].isNull, cells == 0, place == -1 { return .none }
    guard let value = values[0].double, value.isFinite, cells > 0,
      cells <= task.subsets * task.splits, task.coverages.indices.contains(Int(place))
    else { throw failure("is no whole pool: \(model) has no sound score on \(task.name)") }
    return Frame.TaskMean(value: value, cells: cells, coverage: place)
  }
}
