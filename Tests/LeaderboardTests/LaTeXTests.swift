// The LaTeX format: letter by letter, the shape of any table, and pdfLaTeX itself where it is there.

import Core
import Foundation
import TestSupport
import Testing

@testable import Leaderboard

struct LaTeXTests {
  static let pdflatex = URL(filePath: "/usr/bin/pdflatex")

  private func latex(_ tables: [TableView]) -> String {
    LaTeXFormat.render(
      Report(tables: tables, records: TableView(title: "", columns: [], rows: []), json: .null),
      style: .plain)
  }

  @Test(arguments: [
    ("a_b#c&d%e$f", "a\\_b\\#c\\&d\\%e\\$f"),
    ("~^\\{}", "\\textasciitilde{}\\textasciicircum{}\\textbackslash{}\\{\\}"),
    ("<b>|\"`", "\\textless{}b\\textgreater{}\\textbar{}\\char34{}\\char96{}"),
    ("[x]*", "{[}x{]}{*}"),
    ("a--b", "a-{}-b"),
    ("line\nbreak\ttab", "line break tab"),
    ("1–2 ± 3 ≥ 4", "1--2 $\\pm$ 3 $\\ge$ 4"),
    ("\u{A0}é ï ł ø ß Å ą", "~\\'{e} \\\"{\\i} \\l{} \\o{} \\ss{} \\r{A} a"),
    ("模型", "m\\'{o} x\\'{\\i}ng"),
    ("модель", "model"),
    ("عربي", "rby"),
    ("🤗x", "{[}hugging face{]}x"),
    ("a\u{7}b", "ab"),
  ]) func `any text is ASCII that LaTeX prints`(text: String, expected: String) {
    let escaped = LaTeXText.escaped(text)
    #expect(escaped.allSatisfy { $0.isASCII }, "\(escaped)")
    #expect(escaped == expected)
  }

  @Test(arguments: [
    ("-3.12", "$-$3.12"), ("+0.84", "+0.84"), ("3/4", "3/4"), ("–", "--"),
    ("-0.31 to -0.05", "$-$0.31 to $-$0.05"),
  ]) func `numbers have a minus, not a hyphen`(text: String, expected: String) {
    #expect(LaTeXText.number(text) == expected)
  }

  @Test func `a table of tasks under headings`() {
    let table = FormatTests.board.taskTable()
    #expect(
      latex([table]) == """
        % Needs \\usepackage{booktabs} in the preamble; then \\input this file.

        \\begin{table}[htbp]
        \\centering
        \\caption{Toy: 2 models, 3 tasks, scores by task}
        \\label{tab:toy-2-models-3-tasks-scores-by-task}
        \\normalsize
        \\setlength{\\tabcolsep}{6pt}
        \\makebox[\\linewidth]{%
        \\begin{tabular}{@{}lrr@{}}
        \\toprule
        Task & \\begin{tabular}[b]{@{}r@{}}A-\\\\large\\end{tabular} & B \\tabularnewline
        \\midrule
        \\textbf{BitextMining} & 80.00 & -- \\tabularnewline
        \\quad Pairs & 80.00 & 95.00\\rlap{{*}} \\tabularnewline
        \\midrule
        \\textbf{STS} & 65.62 & -- \\tabularnewline
        \\quad One & \\textbf{81.25} & 75.00 \\tabularnewline
        \\quad Two & 50.00 & -- \\tabularnewline
        \\bottomrule
        \\end{tabular}}
        \\par\\smallskip
        \\begin{minipage}{\\linewidth}
        \\footnotesize\\raggedright
        {*} Partial: not every subset and split is scored. The mean of those that are counts for votes, not for means.\\par
        -- No result; of a type: not every task complete.\\par
        \\end{minipage}
        \\end{table}

        """)
  }

  /// Tables that are short, long, wide, long and wide, wordy, empty, and full of markup.
  static let shapes: [TableView] = {
    func scores(_ columns: Int, rows: Int) -> TableView {
      TableView(
        title: "\(columns) columns & \(rows) rows_100%",
        columns: [.init("rank", "Rank", .rank), .init("model", "Model", .text)]
          + (0..<columns).map { .init("c\($0)", "some_long-model-name-\($0)", .score) },
        groups: [
          .init(
            rows: (0..<rows).map { row in
              [.integer(row + 1), .text("org/model_\(row)")]
                + (0..<columns).map { .score(Double(row * columns + $0) / 1000) }
            }),
          .init(
            heading: [.text("Under a heading")] + (0...columns).map { _ in .text("") },
            rows: [
              [.integer(1), .text("模型 #1")] + (0..<columns).map { _ in .difference(-0.0123) }
            ]),
        ],
        footnotes: ["A note with 100 % of \\ and _ and {.", "* Another."])
    }
    let words = Array(repeating: "BelebeleRetrieval/zho_Hans (12 of 40)", count: 9)
    let wordy = TableView(
      title: "Wordy",
      columns: [.init("a", "Model", .text), .init("b", "Missing", .text), .init("n", "N", .count)],
      rows: (0..<3).map {
        [.text("org/m\($0)"), .text(words.joined(separator: ", ")), .integer($0)]
      })
    let markup = TableView(
      title: "~^\\{}$&#%_|<>\"`'",
      columns: [.init("a", "A_1 & B", .text), .init("b", "%", .votes)],
      rows: [
        "[x]", "*", "\\\\", "–±≥×→", "Ünïcødé łß 🤗", "日本語/модель", "", "{", "$x$", "a,,b--c''d",
      ]
      .map { [.text($0), .votes(1.5)] })
    let empty = TableView(title: "Empty", columns: [.init("a", "A", .text)], rows: [])
    return [
      scores(3, rows: 4), scores(3, rows: 120), scores(20, rows: 5), scores(20, rows: 90), wordy,
      markup, empty,
    ]
  }()

  /// Ampersands that part cells, those in braces and escaped ones aside.
  private func cells(of line: String) -> Int {
    var depth = 0
    var count = 1
    var before: Character = " "
    for character in line {
      if before != "\\" {
        if character == "{" { depth += 1 }
        if character == "}" { depth -= 1 }
        if character == "&", depth == 0 { count += 1 }
      }
      before = before == "\\" && character == "\\" ? " " : character
    }
    #expect(depth == 0, "\(line)")
    return count
  }

  @Test func `every row has the cells that its columns ask for, whatever the shape`() {
    var columns = 0
    for line in latex(Self.shapes).split(separator: "\n").map(String.init) {
      #expect(line.allSatisfy { $0.isASCII })
      if line.hasPrefix("\\begin{tabular}") || line.hasPrefix("\\begin{longtable}") {
        columns =
          line.replacing(/p\{[0-9.]+pt\}/, with: "p").replacing("@{}", with: "")
          .split(separator: "{").last?.dropLast().count ?? 0
      } else if line.hasSuffix("\\tabularnewline"), !line.hasPrefix("\\caption") {
        let isAcross = line.hasPrefix("\\multicolumn{\(columns)}")
        #expect(cells(of: line) == (isAcross ? 1 : columns), "\(line)")
      }
    }
  }

  @Test func `wide tables become panels, long ones longtables, long texts lines`() {
    let texts = Self.shapes.map { latex([$0]) }
    func count(_ part: String, _ text: String) -> Int { text.ranges(of: part).count }
    #expect(
      texts.map { count("\\begin{longtable}", $0) }.map { $0 > 0 } == [
        false, true, false, true, false, false, false,
      ])
    #expect(texts[1].hasPrefix("% Needs \\usepackage{booktabs,longtable}"))
    #expect(count("\\toprule", texts[2]) > 1)
    #expect(
      count("\\addtocounter{table}{-1}", texts[3]) == count("\\begin{longtable}", texts[3]) - 1)
    #expect(texts[4].contains("{@{}lp{"))
    #expect(texts[4].contains("zho\\_\\allowbreak{}Hans"))
  }

  @Test(.enabled(if: exists(LaTeXTests.pdflatex), "needs pdflatex"))
  func `pdfLaTeX takes all of it without a complaint`() async throws {
    try await withTemporaryFolder { folder in
      let ablation = try Ablation(
        title: "Checkpoints", types: PaperTables.types, rows: PaperTables.checkpoints,
        footing: PaperTables.footing, baseline: "1", gaining: "Merged")
      let tables = Self.shapes + [ablation.table, FormatTests.board.taskTable()]
      try Data(latex(tables).utf8).write(to: folder.appending(path: "tables.tex"))
      let document = """
        \\documentclass{article}
        \\usepackage{booktabs,longtable}
        \\begin{document}
        \\input{tables}
        \\end{document}
        """
      try Data(document.utf8).write(to: folder.appending(path: "paper.tex"))
      let process = Process()
      process.executableURL = Self.pdflatex
      process.arguments = ["-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
      process.currentDirectoryURL = folder
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      let log = try Data(contentsOf: folder.appending(path: "paper.log"))
      let lines = String(decoding: log, as: UTF8.self).split(separator: "\n")
      #expect(lines.filter { $0.hasPrefix("!") || $0.hasPrefix("Overfull \\hbox") } == [])
    }
  }
}
