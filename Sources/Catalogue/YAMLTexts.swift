// YAML files that hold nothing but texts under names, read as JSON values: files of prompts.

package import Core
package import Foundation
import Yams

package enum YAMLTexts {
  /// No file of prompts comes near this.
  private static let sizeLimit = 16 << 20

  /// The value that a YAML file holds; every scalar is a text, but for an empty one.
  ///
  /// - Throws: `.malformed` for what is not YAML or grows too large or too deep; `.system` for what
  ///   cannot be read.
  package static func read(_ file: URL) throws(Failure) -> JSON {
    let subject = FilePaths.display(file)
    let node: Node
    do {
      let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
      guard size <= sizeLimit else {
        throw Failure(.malformed, subject, "is larger than 16 MiB", hint: "is it a data file?")
      }
      node = try Yams.compose(yaml: try String(contentsOf: file, encoding: .utf8)) ?? Node("")
    } catch let failure as Failure {
      throw failure
    } catch let error as YamlError {
      throw Failure(
        .malformed, subject, "is not YAML", hint: "see docs/prompts.md for the format",
        cause: String("\(error)".split(separator: "\n").first ?? ""))
    } catch {
      throw Failure(
        .system, subject, "cannot be read as UTF-8 text",
        hint: "check its permissions and encoding", cause: error.localizedDescription)
    }
    var budget = 100_000
    return try value(of: node, depth: 0, &budget, subject)
  }

  /// `budget` is how many values may still come: aliases of aliases unfold without end.
  private static func value(
    of node: Node, depth: Int, _ budget: inout Int, _ subject: String
  ) throws(Failure) -> JSON {
    budget -= 1
    guard depth < 16, budget > 0 else {
      throw Failure(
        .malformed, subject, "holds too many values, or values nested too deep",
        hint: "see docs/prompts.md for the format")
    }
    switch node {
    case .scalar(let scalar):
      return node.null != nil && scalar.style == .plain ? .null : .string(scalar.string)
    case .sequence(let sequence):
      var values: [JSON] = []
      for element in sequence {
        values.append(try value(of: element, depth: depth + 1, &budget, subject))
      }
      return .array(values)
    case .mapping(let mapping):
      var members = JSON.Members()
      for (key, element) in mapping {
        guard let name = key.string else {
          throw Failure(.malformed, subject, "holds a name that is no text")
        }
        members[name] = try value(of: element, depth: depth + 1, &budget, subject)
      }
      return .object(members)
    case .alias:
      throw Failure(.malformed, subject, "holds an alias of nothing", hint: "write the text twice")
    }
  }
}
