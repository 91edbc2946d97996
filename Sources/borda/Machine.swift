// Facts about this machine: for `doctor`, and for the sidecars of results.

import Foundation
import Tensors

enum Machine {
  /// The name of the processor as the system tells it.
  static let processor: String = {
    let file = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    for line in file.split(separator: "\n") where line.hasPrefix("model name") {
      if let colon = line.firstIndex(of: ":") {
        return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      }
    }
    #if arch(arm64)
      return "arm64"
    #else
      return "unknown"
    #endif
  }()

  /// Processors this process may use.
  static let cores = ProcessInfo.processInfo.activeProcessorCount

  static let memoryGiB = Double(ProcessInfo.processInfo.physicalMemory) / 1_073_741_824

  /// What the sidecar of a result records.
  static func facts(threads: Int) -> [String: String] {
    [
      "processor": processor,
      "instruction_set": InstructionSet.best.rawValue,
      "threads": String(threads),
      "system": ProcessInfo.processInfo.operatingSystemVersionString,
      "borda": Version.number,
    ]
  }

  /// Seconds of processor time this process has used, all threads, user and system.
  static var processorSeconds: Double {
    var usage = rusage()
    // RUSAGE_SELF, which Glibc declares as an enumeration that its own function does not take.
    getrusage(0, &usage)
    let times = [usage.ru_utime, usage.ru_stime]
    return times.reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6 }
  }
}
