// The folder of task and benchmark files: finding it, and reading what is asked for by name.

package import Core
import Dispatch
package import Foundation
import Synchronization

/// All task and benchmark files below one folder.
///
/// Opening it reads names only: a file is read when its task is asked for. So a ranking costs the
/// files of its benchmark, and a broken file hides no other.
package struct Catalogue: Sendable {
  package let root: URL
  private let taskFiles: [String: URL]
  private let benchmarkFiles: [String: URL]
  /// Files whose name another file has, too.
  private let duplicates: [Failure]

  /// Looks at the names of every `*.yaml` below `root`; those in a folder named `Benchmarks` are
  /// benchmarks.
  package init(root: URL) throws(Failure) {
    guard FilePaths.kind(of: root) == .folder else {
      throw Failure(
        .missing, FilePaths.display(root), "there is no catalogue of tasks here",
        hint: "name the folder that holds the task files with --catalogue")
    }
    self.root = root
    var tasks: [String: URL] = [:]
    var benchmarks: [String: URL] = [:]
    var duplicates: [Failure] = []
    for path in Self.yamlPaths(below: root) {
      // The name of a file is the name of what it defines, so a broken file still has one.
      let file = root.appending(path: path)
      let parts = path.split(separator: "/")
      let stem = String(parts.last?.dropLast(path.hasSuffix(".yml") ? 4 : 5) ?? "")
      if parts.dropLast().last == "Benchmarks" {
        benchmarks[stem] = file
      } else if let other = tasks[stem] {
        duplicates.append(
          Failure(
            .malformed, FilePaths.display(file), "a second task named '\(stem)'",
            hint: "rename one of them; the other is \(FilePaths.display(other))"))
      } else {
        tasks[stem] = file
      }
    }
    taskFiles = tasks
    benchmarkFiles = benchmarks
    self.duplicates = duplicates
  }

  package var taskNames: [String] { taskFiles.keys.sorted() }
  package var benchmarkNames: [String] { benchmarkFiles.keys.sorted() }

  /// Every task that can be read, by name.
  package var tasks: [TaskDefinition] { tasks { _ in true } }

  /// Every task of a wanted name that can be read; the files of others are left alone.
  package func tasks(where isWanted: (String) -> Bool) -> [TaskDefinition] {
    read(taskNames.filter(isWanted)).compactMap { try? $0.get() }
  }

  /// Every benchmark that can be read, by name.
  package var benchmarks: [BenchmarkFile] {
    benchmarkNames.compactMap { try? benchmarkFile($0) }
  }

  /// What is wrong with files of the catalogue, benchmarks that do not fit their tasks included.
  package var failures: [Failure] { checked().failures }

  /// Reads every file once: the tasks by name, and what is wrong with tasks, benchmarks and facts of
  /// languages.
  package func checked() -> (tasks: [TaskDefinition], failures: [Failure]) {
    var failures = duplicates
    var tasks: [TaskDefinition] = []
    for result in read(taskNames) {
      switch result {
      case .success(let task): tasks.append(task)
      case .failure(let failure): failures.append(failure)
      }
    }
    let known = Dictionary(uniqueKeysWithValues: tasks.map { ($0.name, $0) })
    for name in benchmarkNames {
      do throws(Failure) {
        let benchmark = try benchmarkFile(name)
        for task in benchmark.taskNames {
          if let task = known[task] {
            _ = try benchmark.narrowed(task)
          } else if taskFiles[task] == nil {
            failures.append(
              unknown(task: task, subject: FilePaths.display(benchmark.file), .malformed))
          }
        }
      } catch {
        failures.append(error)
      }
    }
    do throws(Failure) {
      _ = try Self.languageFacts(below: root)
    } catch {
      failures.append(error)
    }
    return (tasks, failures)
  }

  /// A task by its name, or by the path of a task file anywhere.
  ///
  /// - Throws: `.usage` for an unknown name, with the nearest; `.missing` for a file that is not
  ///   there; whatever is wrong with its file.
  package func task(_ name: String) throws(Failure) -> TaskDefinition {
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      return try TaskFile.read(URL(filePath: FilePaths.expandingTilde(name)))
    }
    guard let file = taskFiles[name] else { throw unknown(task: name, subject: name, .usage) }
    return try read(file, named: name)
  }

  /// A benchmark with its tasks, narrowed as it says, by its name or an alias.
  package func benchmark(_ name: String) throws(Failure) -> Benchmark {
    let file = try benchmarkFile(name)
    let results = Self.concurrently(file.taskNames) { name throws(Failure) in
      try file.narrowed(try self.task(name))
    }
    var tasks: [TaskDefinition] = []
    for result in results { tasks.append(try result.get()) }
    return Benchmark(
      name: file.name, description: file.description, tasks: tasks,
      languageView: file.languageView)
  }

  /// A benchmark's own file, by its name or an alias.
  package func benchmarkFile(_ name: String) throws(Failure) -> BenchmarkFile {
    if let file = benchmarkFiles[name] {
      let benchmark = try BenchmarkFile(reading: file)
      guard benchmark.name == name else { throw Self.misnamed(file, benchmark.name) }
      return benchmark
    }
    let others = benchmarkFiles.values.compactMap { try? BenchmarkFile(reading: $0) }
    if let found = others.first(where: { $0.aliases.contains(name) }) { return found }
    throw Failure(
      .usage, name, "there is no such benchmark",
      hint: Suggest.hint(
        for: name, among: benchmarkNames + others.flatMap(\.aliases),
        otherwise: "borda benchmarks list shows them"))
  }
}

// MARK: - Files

extension Catalogue {
  private func read(_ file: URL, named name: String) throws(Failure) -> TaskDefinition {
    let task = try TaskFile.read(file)
    guard task.name == name else { throw Self.misnamed(file, task.name) }
    return task
  }

  private static func misnamed(_ file: URL, _ name: String) -> Failure {
    let stem = file.deletingPathExtension().lastPathComponent
    return Failure(
      .malformed, FilePaths.display(file), "names itself '\(name)', its file '\(stem)'",
      hint: "rename one of them; a name and its file's name are the same")
  }

  private func read(_ names: [String]) -> [Result<TaskDefinition, Failure>] {
    Self.concurrently(names) { name throws(Failure) in try self.task(name) }
  }

  /// What `read` makes of every name, in their order, on all cores.
  private static func concurrently<T: Sendable>(
    _ names: [String], _ read: @Sendable (String) throws(Failure) -> T
  ) -> [Result<T, Failure>] {
    let results = Mutex<[Result<T, Failure>?]>(Array(repeating: nil, count: names.count))
    DispatchQueue.concurrentPerform(iterations: names.count) { place in
      let result = Result { () throws(Failure) in try read(names[place]) }
      results.withLock { $0[place] = result }
    }
    return results.withLock { $0.compactMap(\.self) }
  }

  private func unknown(task name: String, subject: String, _ code: Failure.Code) -> Failure {
    let message = subject == name ? "there is no such task" : "names the unknown task '\(name)'"
    return Failure(
      code, subject, message,
      hint: Suggest.hint(for: name, among: taskNames, otherwise: "borda tasks list shows them"))
  }

  /// Relative to the folder, sorted.
  private static func yamlPaths(below root: URL) -> [String] {
    let names = FileManager.default.enumerator(atPath: root.path(percentEncoded: false))
    var paths: [String] = []
    while let path = names?.nextObject() as? String {
      if path.hasSuffix(".yaml") || path.hasSuffix(".yml") { paths.append(path) }
    }
    return paths.sorted()
  }

  /// The catalogue that belongs to a program file: `Tasks` beside it as installed
  /// (`<prefix>/share/borda/Tasks`), or in the repository it was built in.
  package static func folder(ofExecutable executable: URL) throws(Failure) -> URL {
    let resolved = executable.resolvingSymlinksInPath()
    var place = resolved.deletingLastPathComponent()
    let installed = place.deletingLastPathComponent().appending(path: "share/borda/Tasks")
    if FilePaths.kind(of: installed) == .folder { return installed }
    while place.path(percentEncoded: false) != "/" {
      let tasks = place.appending(path: "Tasks")
      if FilePaths.kind(of: place.appending(path: "Package.swift")) == .file,
        FilePaths.kind(of: tasks) == .folder
      {
        return tasks
      }
      place.deleteLastPathComponent()
    }
    throw Failure(
      .missing, "catalogue", "no Tasks folder belongs to \(FilePaths.display(resolved))",
      hint: "name the folder that holds the task files with --catalogue")
  }
}
