// Looking up, in constant time, what `CategoryFacts` says of one scalar: its general category, and
// the classes that the patterns of pre-tokenizers are made of.

/// Every scalar's category and kinds, spread out once per process (about 2.2 MB).
struct CategoryTable: Sendable {
  /// What can be true of a scalar.
  struct Kinds: OptionSet {
    let rawValue: UInt8
    /// A letter: `\p{L}`.
    static let letter = Kinds(rawValue: 1)
    /// A number: `\p{N}`.
    static let number = Kinds(rawValue: 2)
    /// White space: `\s`.
    static let space = Kinds(rawValue: 4)
    /// `\w` of the pre-tokenizer `Whitespace` and of `single_word`.
    static let word = Kinds(rawValue: 8)
    /// A number for the pre-tokenizer `Digits`.
    static let digit = Kinds(rawValue: 16)
    /// `\w` in patterns: it lacks the joiners, and has a few Latin numbers more.
    static let patternWord = Kinds(rawValue: 32)
    static let han = Kinds(rawValue: 64)
    /// `\w` between brackets, without these numbers.
    static let classWord = Kinds(rawValue: 128)
  }

  /// Two letters each; a category is known by its place here.
  static let names = [
    "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
    "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  static let shared = CategoryTable()

  private let categories: [UInt8]
  private var kinds: [Kinds]

  private init() {
    let categories = Self.categories(of: CategoryFacts.runs)
    let ofWords = Self.mask("L") | Self.mask("M") | Self.mask("Nd") | Self.mask("Nl")
    kinds = Self.kinds(
      categories,
      [
        (Self.mask("L"), .letter), (Self.mask("N"), [.number, .digit]),
        (ofWords | Self.mask("Pc"), [.word, .patternWord, .classWord]),
      ])
    self.categories = categories
    mark(ScalarFacts.whitespace, .space)
    mark(CategoryFacts.circled, [.word, .patternWord, .classWord])
    mark([0x200C, 0x200D], .word)
    mark([0xB2, 0xB3, 0xB9, 0xB9, 0xBC, 0xBE], .patternWord)
    mark(CategoryFacts.newDigits, .digit)
    mark(CategoryFacts.han, .han)
  }

  /// The category of every scalar, as a place in `names`.
  private static func categories(of runs: String) -> [UInt8] {
    var categories: [UInt8] = []
    categories.reserveCapacity(0x110000)
    var name: [UInt8] = []
    var count = 0
    func endRun() {
      let text = String(decoding: name, as: UTF8.self)
      let place = UInt8(names.firstIndex(of: text) ?? names.count - 1)
      categories.append(contentsOf: repeatElement(place, count: max(count, 1)))
      name.removeAll()
      count = 0
    }
    for byte in runs.utf8 {
      if byte < UInt8(ascii: "A") {
        count = count * 10 + Int(byte - UInt8(ascii: "0"))
      } else {
        if name.count == 2 { endRun() }
        name.append(byte)
      }
    }
    endRun()
    precondition(categories.count == 0x110000, "the categories are \(categories.count) scalars")
    return categories
  }

  private static func kinds(_ categories: [UInt8], _ rules: [(mask: UInt32, kinds: Kinds)])
    -> [Kinds]
  {
    let byCategory = names.indices.map { place in
      rules.reduce(into: Kinds()) { if $1.mask >> UInt32(place) & 1 == 1 { $0.insert($1.kinds) } }
    }
    return categories.map { byCategory[Int($0)] }
  }

  private mutating func mark(_ ranges: [UInt32], _ kind: Kinds) {
    for i in stride(from: 0, to: ranges.count, by: 2) {
      for value in ranges[i]...ranges[i + 1] { kinds[Int(value)].insert(kind) }
    }
  }

  /// The categories whose name starts so (`L`, `Lu`), as bits by their place in `names`; 0 for none.
  static func mask(_ prefix: String) -> UInt32 {
    names.enumerated().reduce(0) { $1.element.hasPrefix(prefix) ? $0 | 1 << UInt32($1.offset) : $0 }
  }

  /// What is true of a scalar value (or an ASCII byte).
  @inline(__always)
  subscript(value: UInt32) -> Kinds { kinds[Int(value)] }

  /// The scalar's category as a bit, by its place in `names`.
  @inline(__always)
  func category(of value: UInt32) -> UInt32 { 1 << UInt32(categories[Int(value)]) }
}
