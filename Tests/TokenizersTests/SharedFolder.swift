// What the tokenizer tests need of the reference material.

import Core
import Foundation
import TestSupport

extension Shared {
  static func json(_ path: String) throws -> JSON {
    try JSON(parsing: Data(contentsOf: url(path)), leniency: .nonFinite)
  }
}
