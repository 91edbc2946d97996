// The report page: complete, self-contained, escaped, and the same bytes every time.

import Core
import Foundation
import Testing

@testable import Leaderboard

struct PageTests {
  @Test func `the files of a report`() throws {
    let files = ReportPage(FormatTests.board).files
    #expect(
      files.map(\.path) == [
        "index.html", "report.md", "ranking.csv", "languages.csv", "tasks.csv", "ranking.tex",
        "board.json",
        "models/org__a-large.html", "models/b.html", "tasks/one.html", "tasks/two.html",
        "tasks/pairs.html",
      ])
    #expect(files.allSatisfy { $0.contents().hasSuffix("\n") })
    let json = try JSON(parsing: files[6].contents())
    #expect(json["schema"] == .integer(1))
    #expect(json["tasks"]?.array?.count == 3)
    #expect(json["languages"]?["languages"]?.array?.count == 3)
  }

  @Test func `names and descriptions are escaped`() {
    let name = "<script>alert(\"x\")</script> & 'y'"
    let board = Toy.board(
      [Toy.model("o/\(name)", ["t<i>": 0.5])], tasks: [Toy.task("t<i>", type: "<b>")],
      description: name)
    let page = ReportPage(board, title: name)
    #expect(!page.html.contains("<script>alert"))
    #expect(!page.html.contains("t<i>"))
    #expect(!page.html.contains("<b>\n") && !page.html.contains("<b></"))
    #expect(page.html.contains("&lt;script&gt;alert(&quot;x&quot;)"))
    #expect(!page.markdown.contains("<script>"))
    #expect(page.markdown.contains("\\<script\\>"))
  }

  @Test func `nothing is loaded from elsewhere`() {
    let html = ReportPage(FormatTests.board).html
    for sign in ["http:", "https:", "src=", "@import", "url(", "<link"] {
      #expect(!html.contains(sign), "\(sign)")
    }
    #expect(html.contains("prefers-color-scheme: dark"))
  }

  @Test func `every tag that is opened is closed`() {
    let html = ReportPage(FormatTests.board).html
    for tag in ["table", "thead", "tbody", "tr", "td", "th", "section", "p", "svg", "div", "dl"] {
      let opened =
        html.components(separatedBy: "<\(tag)>").count
        + html.components(separatedBy: "<\(tag) ").count - 2
      let closed = html.components(separatedBy: "</\(tag)>").count - 1
      #expect(opened == closed && opened > 0, "\(tag): \(opened) opened, \(closed) closed")
    }
  }

  @Test func `the page says what votes count against and what is missing`() {
    for text in [ReportPage(FormatTests.board).html, ReportPage(FormatTests.board).markdown] {
      #expect(text.contains("a pool of 2 models (pool \(FormatTests.board.pool.hash))"))
      #expect(text.contains("Pairs (1 of 2)"))
      #expect(text.contains("95.00"))
      #expect(text.contains("How to read this"))
    }
  }

  @Test func `the same board gives the same bytes`() {
    let (a, b) = (ReportPage(FormatTests.board).files, ReportPage(FormatTests.board).files)
    #expect(a.map { $0.contents() } == b.map { $0.contents() })
  }

  @Test func `dates and versions of the results are told`() {
    // 2025-10-21T00:00:00Z is 1,761,004,800 seconds after 1970; two days later 1,761,177,600.
    let model = Toy.Model(
      model: "A", revisions: ["0123456789abcdef0123456789abcdef01234567"],
      results: [
        Toy.result("one", [("default", 0.5, [])], version: "1.9.0", date: 1_761_004_800),
        Toy.result("two", [("default", 0.5, [])], version: "1.12.0", date: 1_761_177_600),
        Toy.result("three", [("default", 0.5, [])], version: nil),
      ])
    let board = Toy.board(
      [model], tasks: [Toy.task("one"), Toy.task("two"), Toy.task("three")])
    #expect(board.models[0].facts.measured == "2025-10-21 to 2025-10-23 (2 of 3 dated)")
    #expect(board.models[0].facts.rules == "1.9.0 to 1.12.0")
    #expect(board.sourceTable.allRows[0][1] == .text("0123456"))
  }

  @Test func `the axis of the chart has few round ticks around the values`() {
    #expect(Axis(over: [58.8, 62.9]) == Axis(low: 58, high: 63, step: 1))
    #expect(Axis(over: [15.9, 70.5]) == Axis(low: 0, high: 80, step: 20))
    #expect(Axis(over: [41, 69]) == Axis(low: 40, high: 70, step: 5))
    #expect(Axis(over: [-3, 12]) == Axis(low: -5, high: 15, step: 5))
    #expect(Axis(over: [50, 50]) == Axis(low: 50, high: 51, step: 1))
  }

  @Test func `each step of the colour scale holds a tenth of the scores`() {
    let scale = ShadeScale((0..<100).map { Double($0) })
    let steps = (0..<100).map { scale.step(Double($0)) }
    #expect((0..<10).allSatisfy { step in steps.count { $0 == step } == 10 })
    #expect(ShadeScale([0.5, 0.5]).step(0.5) == 0)
    #expect(ShadeScale([]).lowest == 0)
  }
}
