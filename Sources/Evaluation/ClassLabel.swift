// Labels as data sets write them, and the classes that they become.

import Core

/// The name of a class: a whole number or a text.
///
/// Numbers are ordered as numbers, texts by their code points, as the reference orders its classes;
/// "10" comes before "2".
enum ClassLabel: Hashable, Comparable, Sendable {
  case number(Int)
  case text(ExactText)

  /// nil for what can name no class.
  init?(_ value: JSON) {
    switch value {
    case .integer(let number): self = .number(number)
    case .string(let text): self = .text(ExactText(text))
    default: return nil
    }
  }

  var isText: Bool { if case .text = self { true } else { false } }

  static func < (a: ClassLabel, b: ClassLabel) -> Bool {
    switch (a, b) {
    case (.number(let a), .number(let b)): a < b
    // The order of UTF-8's bytes is the order of the code points.
    case (.text(let a), .text(let b)): a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
    case (.number, .text): true
    case (.text, .number): false
    }
  }
}

/// Different labels in ascending order; a label's class is its place among them.
struct ClassLabels: Sendable {
  let labels: [ClassLabel]
  private let classes: [ClassLabel: Int]

  init(_ labels: some Sequence<ClassLabel>) {
    self.labels = Set(labels).sorted()
    classes = Dictionary(uniqueKeysWithValues: self.labels.enumerated().map { ($1, $0) })
  }

  var count: Int { labels.count }

  /// nil for a label that is not among them.
  func classOf(_ label: ClassLabel) -> Int? { classes[label] }

  /// The numbers that the labels are; nil where they are texts.
  var numbers: [Int]? {
    let numbers = labels.compactMap { if case .number(let number) = $0 { number } else { nil } }
    return numbers.count == labels.count ? numbers : nil
  }
}

/// Holds the labels of one data set to one kind, row by row.
struct LabelKind {
  private var isText: Bool?

  /// Reads a label.
  ///
  /// - Throws: `.malformed` for what is no label, and for a text among numbers or the reverse,
  ///   which have no common order.
  mutating func label(_ value: JSON, in row: PairTable.Row) throws(Failure) -> ClassLabel {
    guard let label = ClassLabel(value) else {
      throw row.malformed("the label \(value.line.prefix(60)) is no text and no whole number")
    }
    if let isText, isText != label.isText {
      throw row.malformed(
        "the label \(value.line.prefix(60)) is a \(label.isText ? "text" : "number") where others "
          + "are \(isText ? "texts" : "numbers")")
    }
    isText = label.isText
    return label
  }
}
