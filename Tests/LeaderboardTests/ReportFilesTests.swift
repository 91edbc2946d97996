// The pages of models and tasks: where they are, what leads to them, what stands on them.

import Core
import Foundation
import Testing

@testable import Leaderboard

struct ReportFilesTests {
  @Test(arguments: [
    ("sentence-transformers/all-MiniLM-L6-v2", "sentence-transformers__all-minilm-l6-v2"),
    ("../../etc", "etc"), ("MTEB(Multilingual, v2)", "mteb-multilingual-v2"),
    ("a b", "a-b"), ("Ünï/Ω.x", "n-__-.x"), ("日本語", ""), (".", ""), ("x/..", "x"),
  ])
  func `a slug is made of plain letters`(name: String, slug: String) {
    #expect(Slugs.plain(name) == slug)
  }

  @Test func `slugs are different even where case and accents are not told apart`() {
    let names = [
      "a/b", "A/B", "a b", "a-b", "日本", "語", "", "con", "nul.txt", "e\u{301}", "\u{E9}",
      String(repeating: "x", count: 500), String(repeating: "x", count: 501), "<script>",
      "../../etc",
    ]
    let slugs = names.compactMap { Slugs(names)[$0] }
    #expect(slugs.count == names.count)
    #expect(Set(slugs.map { $0.lowercased() }).count == names.count)
    let allowed = Set("abcdefghijklmnopqrstuvwxyz0123456789-._")
    for slug in slugs {
      #expect(!slug.isEmpty && slug.count < 128 && slug.allSatisfy(allowed.contains), "\(slug)")
      #expect(!slug.hasPrefix(".") && slug != "con" && slug != "nul.txt")
    }
    #expect(names.reversed().compactMap { Slugs(names.reversed())[$0] } == slugs.reversed())
    // Who shares nothing keeps a plain name, whoever else is there.
    #expect(Slugs(["a/b", "A/B", "c/d"])["c/d"] == "c__d")
  }

  @Test func `text is escaped and markup is not`() {
    let name = "<i a='b'>\"&\u{0}\u{9F}é"
    #expect(
      ("<b>\(name)</b>" as HTML).markup
        == "<b>&lt;i a=&#39;b&#39;&gt;&quot;&amp;\u{FFFD}\u{FFFD}é</b>")
    #expect(("\("<br>" as HTML)\(3)" as HTML).markup == "<br>3")
  }

  /// Names that try to break out, models that lack things, enough tasks for every section.
  private static let board: Board = {
    let names = ["<script>alert(1)</script>/x", "../../etc", "A/b", "a/B", "o/\"onload='x'", "日本"]
    let tasks = (0..<20).map { Toy.task("T<\($0)>&", type: $0 % 2 == 0 ? "STS" : "\"Odd\"") }
    let models = names.enumerated().map { place, name in
      Toy.Model(
        model: name, revisions: ["</style>"],
        results: tasks.dropFirst(place).map { task in
          Toy.result(task.name, [("default", Double(place + 1) / 10, ["eng-Latn"])])
        })
    }
    return Toy.board(models, tasks: tasks)
  }()

  private static func pages(_ board: Board) -> [String: String] {
    Dictionary(uniqueKeysWithValues: ReportPage(board).files.map { ($0.path, $0.contents()) })
  }

  @Test func `every link leads to a file of the folder or a place on its page`() throws {
    let pages = Self.pages(Self.board)
    // Seven files, six models, twenty tasks.
    #expect(pages.count == 33)
    #expect(Set(pages.keys.map { $0.lowercased() }).count == 33)
    var links = 0
    for (path, html) in pages where path.hasSuffix(".html") {
      for link in html.components(separatedBy: " href=\"").dropFirst() {
        let target = String(link.prefix { $0 != "\"" })
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let folder = path.split(separator: "/").dropLast().map(String.init)
        let file = parts[0].isEmpty ? path : Self.resolved(String(parts[0]), in: folder)
        let page = try #require(pages[file], "\(path) links to \(target)")
        if parts.count == 2 { #expect(page.contains("id=\"\(parts[1])\""), "\(path) to \(target)") }
        links += 1
      }
    }
    #expect(links > 400)
  }

  private static func resolved(_ target: String, in folder: [String]) -> String {
    var place = folder
    for part in target.split(separator: "/") {
      if part == ".." { _ = place.popLast() } else { place.append(String(part)) }
    }
    return place.joined(separator: "/")
  }

  @Test func `no name becomes markup on any page`() {
    for (path, html) in Self.pages(Self.board) where path.hasSuffix(".html") {
      #expect(!html.contains("<script>alert"), "\(path)")
      #expect(!html.contains("T<"), "\(path)")
      #expect(!html.contains("\"onload"), "\(path)")
      #expect(html.components(separatedBy: "</style>").count == 2, "\(path)")
      for sign in ["http:", "https:", "src=", "@import", "url(", "<link"] {
        #expect(!html.contains(sign), "\(path) \(sign)")
      }
    }
  }

  @Test func `the page of a model says where it stands`() throws {
    let page = try #require(Self.pages(FormatTests.board)["models/b.html"])
    // B: Pairs 95 in part, first of 2; One 75, second of 2; Two missing. Votes 1, rank 2.
    for text in [
      "rank 2", "1 votes", "1 of 3 tasks complete", "Pairs (1 of 2 cells)", ">1/2<", ">2/2<",
      "95.00<i>*</i>", "<dd>Two</dd>", "org__a-large.html", "href=\"../tasks/pairs.html\"",
    ] {
      #expect(page.contains(text), "\(text)")
    }
  }

  @Test func `the page of a task has all scores and who lacks one`() throws {
    let pages = Self.pages(FormatTests.board)
    let pairs = try #require(pages["tasks/pairs.html"])
    // By the mean of what is scored: B's 95 of half before A's 80 of all.
    let (b, a) = (pairs.range(of: ">95.00<i>*</i>"), pairs.range(of: ">80.00<"))
    #expect(try #require(b).lowerBound < #require(a).lowerBound)
    #expect(pairs.contains(">1/2<"))
    let two = try #require(pages["tasks/two.html"])
    #expect(two.contains("Without a score"))
    #expect(two.contains("<a href=\"../models/b.html\">B</a>"))
  }

  @Test func `ranks, quartiles and the leader of a task`() {
    let spread = Spread([0.5, nil, 0.9, 0.9, 0.1], isComplete: [true, true, false, true, true])
    #expect(spread.ranks == [3, nil, 1, 1, 4])
    // The first of the best is not complete.
    #expect(spread.leader == 3)
    // Sorted 0.1 0.5 0.9 0.9: the median half-way between 0.5 and 0.9, the quartile at place 0.75.
    #expect(spread.median == 0.7)
    #expect(spread.quantile(0.25) == 0.4)
    #expect(spread.share(below: 0) == 1.0 / 3)
    #expect(Spread([]).median == nil)
    #expect(spread.counts(in: Axis(low: 0, high: 100, step: 20), bins: 4) == [1, 0, 1, 2])
  }

  @Test(arguments: [
    (0.69378, true, 16938), (-1.0, true, 0), (1.0, false, 20000 + 0x8000), (0.0, true, 10000),
  ])
  func `a score of a map is hundredths above -100`(score: Double, isComplete: Bool, code: Int) {
    #expect(Int(ScoreMap.code(score, isComplete: isComplete)) == code)
    #expect(ScoreMap.code(nil, isComplete: false) == 0x7FFF)
  }
}
