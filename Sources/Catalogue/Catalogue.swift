// The folder of task and benchmark files: finding it, and finding things in it by name.

package import Core
package import Foundation

/// All task and benchmark files below one folder.
///
/// A broken file never hides the others: it is kept as a `Failure` and thrown when asked for.
package struct Catalogue: Sendable {
  package let root: URL
  private let taskFiles: [String: Result<TaskDefinition, Failure>]
  private let benchmarkFiles: [String: Result<BenchmarkFile, Failure>]

  /// Reads every `*.yaml` below `root`; those in a folder named `Benchmarks` are benchmarks.
  package init(root: URL) throws(Failure) {
    guard FilePaths.kind(of: root) == .folder else {
      throw Failure(
        .missing, FilePaths.display(root), "there is no catalogue of tasks here",
        hint: "name the folder that holds the task files with --catalogue")
    }
    self.root = root
    var tasks: [String: Result<TaskDefinition, Failure>] = [:]
    var benchmarks: [String: Result<BenchmarkFile, Failure>] = [:]
    for file in Self.yamlFiles(below: root) {
      // The name of a file is the name of what it defines, so a broken file still has one.
      let stem = file.deletingPathExtension().lastPathComponent
      if file.deletingLastPathComponent().lastPathComponent == "Benchmarks" {
        benchmarks[stem] = Result { () throws(Failure) in try BenchmarkFile(reading: file) }
          .named(stem, by: \.name, file)
      } else if let other = tasks[stem] {
        let place = (try? other.get()).map { FilePaths.display($0.file) } ?? "another file"
        tasks[stem] = .failure(
          Failure(
            .malformed, FilePaths.display(file), "a second task named '\(stem)'",
            hint: "rename one of them; the other is \(place)"))
      } else {
        tasks[stem] = Result { () throws(Failure) in try TaskFile.read(file) }
          .named(stem, by: \.name, file)
      }
    }
    taskFiles = tasks
    benchmarkFiles = benchmarks
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

  package var taskNames: [String] { taskFiles.keys.sorted() }
  package var benchmarkNames: [String] { benchmarkFiles.keys.sorted() }

  /// Every task that could be read, by name.
  package var tasks: [TaskDefinition] {
    taskNames.compactMap { try? taskFiles[$0]?.get() }
  }

  /// Every benchmark that could be read, by name.
  package var benchmarks: [BenchmarkFile] {
    benchmarkNames.compactMap { try? benchmarkFiles[$0]?.get() }
  }

  /// What is wrong with files of the catalogue, benchmarks naming unknown tasks and facts of
  /// languages included.
  package var failures: [Failure] {
    var failures = taskNames.compactMap { taskFiles[$0]?.failure }
    failures += benchmarkNames.compactMap { benchmarkFiles[$0]?.failure }
    for benchmark in benchmarks {
      for name in benchmark.taskNames where taskFiles[name] == nil {
        failures.append(unknown(task: name, subject: FilePaths.display(benchmark.file), .malformed))
      }
    }
    do {
      _ = try Self.languageFacts(below: root)
    } catch {
      failures.append(error)
    }
    return failures
  }

  /// A task by its name, or by the path of a task file anywhere.
  ///
  /// - Throws: `.usage` for an unknown name, with the nearest; `.missing` for a file that is not
  ///   there; whatever is wrong with its file.
  package func task(_ name: String) throws(Failure) -> TaskDefinition {
    if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      return try TaskFile.read(URL(filePath: FilePaths.expandingTilde(name)))
    }
    guard let entry = taskFiles[name] else { throw unknown(task: name, subject: name, .usage) }
    return try entry.get()
  }

  /// A benchmark with its tasks, by name.
  package func benchmark(_ name: String) throws(Failure) -> Benchmark {
    guard let entry = benchmarkFiles[name] else {
      throw Failure(
        .usage, name, "there is no such benchmark",
        hint: Suggest.hint(
          for: name, among: benchmarkNames, otherwise: "borda benchmarks list shows them"))
    }
    let file = try entry.get()
    var tasks: [TaskDefinition] = []
    for task in file.taskNames { tasks.append(try self.task(task)) }
    return Benchmark(
      name: file.name, description: file.description, tasks: tasks,
      languageView: file.languageView)
  }

  private func unknown(task name: String, subject: String, _ code: Failure.Code) -> Failure {
    let message = subject == name ? "there is no such task" : "names the unknown task '\(name)'"
    return Failure(
      code, subject, message,
      hint: Suggest.hint(for: name, among: taskNames, otherwise: "borda tasks list shows them"))
  }

  private static func yamlFiles(below root: URL) -> [URL] {
    let names = FileManager.default.enumerator(atPath: root.path(percentEncoded: false))
    let paths = (names?.allObjects as? [String] ?? []).filter {
      $0.hasSuffix(".yaml") || $0.hasSuffix(".yml")
    }
    return paths.sorted().map { root.appending(path: $0) }
  }
}

extension Result where Failure == Core.Failure {
  /// Refuses a definition whose name is not its file's name.
  fileprivate func named(
    _ stem: String, by name: (Success) -> String, _ file: URL
  ) -> Result<Success, Core.Failure> {
    guard case .success(let value) = self, name(value) != stem else { return self }
    return .failure(
      Core.Failure(
        .malformed, FilePaths.display(file), "names itself '\(name(value))', its file '\(stem)'",
        hint: "rename one of them; a name and its file's name are the same"))
  }

  fileprivate var failure: Core.Failure? {
    if case .failure(let failure) = self { failure } else { nil }
  }
}
