// Any text as LaTeX in plain ASCII, for pdfLaTeX with any input and font encoding.

import Foundation

enum LaTeXText {
  /// The text with every character that LaTeX gives a meaning escaped, on one line.
  ///
  /// Accented Latin letters and common signs become commands; other scripts are transliterated, and
  /// what has no transliteration is named: an emoji becomes `{[}hugging face{]}`. No command before
  /// the text takes its beginning for an argument. Where it is `breaking`, a line may break after
  /// slashes, hyphens and underscores.
  static func escaped(_ text: String, breaking: Bool = false) -> String {
    var out = ""
    var strangers = ""
    var last: Character = " "
    for character in text {
      if let known = known(character) {
        out += transliterated(strangers)
        strangers = ""
        // Two of these beside each other would become another sign.
        if character == last, "-',".contains(character) { out += "{}" }
        out += known
        if breaking, "/-_".contains(character) { out += "\\allowbreak{}" }
      } else {
        strangers.append(character)
      }
      last = character
    }
    return out + transliterated(strangers)
  }

  /// Numbers as a cell shows them, every minus as long as a plus.
  static func number(_ text: String) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let isNegative = word.hasPrefix("-") && word.dropFirst().first?.isNumber == true
      return isNegative ? "$-$" + escaped(String(word.dropFirst())) : escaped(String(word))
    }.joined(separator: " ")
  }

  /// A length, `4pt` or `81.5pt`.
  static func points(_ length: Double) -> String {
    let tenths = Int((length * 10).rounded())
    return tenths.isMultiple(of: 10) ? "\(tenths / 10)pt" : "\(tenths / 10).\(tenths % 10)pt"
  }

  /// What stands for a character; nil where there is nothing in LaTeX itself.
  private static func known(_ character: Character) -> String? {
    if character.isWhitespace { return character == "\u{A0}" ? "~" : " " }
    if let sign = signs[character] { return sign }
    if let ascii = character.asciiValue {
      return ascii < 0x20 || ascii == 0x7F ? "" : "\(character)"
    }
    return accented(character)
  }

  /// A letter with its accents around it, `\'{e}`.
  private static func accented(_ character: Character) -> String? {
    let parts = Array(String(character).decomposedStringWithCanonicalMapping.unicodeScalars)
    guard let base = parts.first else { return nil }
    let isPlain = base.isASCII && base.properties.isAlphabetic
    let letter = isPlain ? String(base) : letters[Character(base)]
    guard var text = letter else { return nil }
    if parts.count > 1, text == "i" || text == "j" { text = "\\\(text)" }
    for mark in parts.dropFirst() {
      guard let accent = accents[mark] else { return nil }
      text = accent.isEmpty ? text : "\\\(accent){\(text)}"
    }
    return text
  }

  private static func transliterated(_ text: String) -> String {
    guard !text.isEmpty else { return "" }
    let latin = text.applyingTransform(.toLatin, reverse: false) ?? text
    return latin.map { known($0) ?? plain($0) }.joined()
  }

  /// Letters of the ASCII alphabet, nothing for signs that only change others, `{[}snowman{]}` for
  /// what stands for itself.
  private static func plain(_ character: Character) -> String {
    guard let scalar = character.unicodeScalars.first else { return "" }
    switch scalar.properties.generalCategory {
    case .modifierLetter, .modifierSymbol, .nonspacingMark, .spacingMark, .enclosingMark, .format,
      .control:
      return ""
    default: break
    }
    let ascii = StringTransform("Latin-ASCII")
    let plain = String(character).applyingTransform(ascii, reverse: false)
    if let plain, plain.allSatisfy(\.isASCII) { return escaped(plain) }
    let code = String(scalar.value, radix: 16, uppercase: true)
    return "{[}" + (scalar.properties.name?.lowercased() ?? "U+\(code)") + "{]}"
  }

  private static let signs: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "%": "\\%", "_": "\\_", "^": "\\textasciicircum{}", "~": "\\textasciitilde{}",
    "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "\\char34{}",
    "`": "\\char96{}", "[": "{[}", "]": "{]}", "*": "{*}",
    "–": "--", "—": "---", "‑": "-", "‐": "-", "−": "$-$", "±": "$\\pm$", "×": "$\\times$",
    "÷": "$\\div$", "·": "$\\cdot$", "•": "$\\bullet$", "≥": "$\\ge$", "≤": "$\\le$",
    "≠": "$\\ne$", "≈": "$\\approx$", "≡": "$\\equiv$", "∞": "$\\infty$", "√": "$\\surd$",
    "→": "$\\rightarrow$", "←": "$\\leftarrow$", "↔": "$\\leftrightarrow$", "↑": "$\\uparrow$",
    "↓": "$\\downarrow$", "∈": "$\\in$", "∑": "$\\sum$", "Σ": "$\\Sigma$", "∆": "$\\Delta$",
    "Δ": "$\\Delta$", "α": "$\\alpha$", "β": "$\\beta$", "γ": "$\\gamma$", "δ": "$\\delta$",
    "ε": "$\\varepsilon$", "θ": "$\\theta$", "λ": "$\\lambda$", "μ": "$\\mu$", "µ": "$\\mu$",
    "π": "$\\pi$", "ρ": "$\\rho$", "σ": "$\\sigma$", "τ": "$\\tau$", "φ": "$\\varphi$",
    "χ": "$\\chi$", "ω": "$\\omega$", "Ω": "$\\Omega$", "°": "$^{\\circ}$", "²": "$^2$",
    "³": "$^3$", "½": "$\\frac12$", "…": "\\dots{}", "‘": "\\char96{}", "’": "'", "“": "``",
    "”": "''", "„": ",,", "‚": ",", "«": "$\\ll$", "»": "$\\gg$", "§": "\\S{}", "¶": "\\P{}",
    "©": "\\copyright{}", "£": "\\pounds{}", "€": "EUR", "✓": "$\\surd$", "★": "$\\star$",
    "▲": "$\\bigtriangleup$", "▼": "$\\bigtriangledown$",
  ]

  /// Latin letters that are no letter with an accent.
  private static let letters: [Character: String] = [
    "ß": "\\ss{}", "æ": "\\ae{}", "Æ": "\\AE{}", "œ": "\\oe{}", "Œ": "\\OE{}", "ø": "\\o{}",
    "Ø": "\\O{}", "ł": "\\l{}", "Ł": "\\L{}", "ı": "\\i{}",
  ]

  /// Commands of combining marks; empty where the usual encodings have none.
  private static let accents: [Unicode.Scalar: String] = [
    "\u{300}": "`", "\u{301}": "'", "\u{302}": "^", "\u{303}": "~", "\u{304}": "=",
    "\u{306}": "u", "\u{307}": ".", "\u{308}": "\"", "\u{30A}": "r", "\u{30B}": "H",
    "\u{30C}": "v", "\u{323}": "d", "\u{327}": "c", "\u{328}": "", "\u{331}": "b",
  ]
}
