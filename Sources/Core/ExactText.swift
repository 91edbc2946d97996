// Texts told apart by their bytes.

/// A text as a key: equal only to the very same bytes.
///
/// To `String` itself canonically equivalent texts are equal (`é` as one character or as two), but
/// to models, tokenizers and data sets they are different texts.
package struct ExactText: Hashable, Sendable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package static func == (a: ExactText, b: ExactText) -> Bool {
    a.text.utf8.elementsEqual(b.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
