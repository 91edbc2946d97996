// The report in a real browser: what is clicked, typed, narrowed and darkened does what it should.

import Core
import Foundation
import TestSupport
import Testing

@testable import Leaderboard

@Suite(.enabled(if: Browser.isPresent, Browser.reason))
struct `The report in a browser` {
  /// 60 models by 80 tasks, one language each: 4,800 cells, so that maps are drawn.
  ///
  /// Model m has (m + 1) / 100 + t / 1000 on task t, so that models are ranked m59, m58, …; m0 lacks
  /// task 0.
  private static let board: Board = {
    let letters = (0..<80).map { place in
      let (first, second) = place.quotientAndRemainder(dividingBy: 26)
      return "q" + [first, second].map { String(UnicodeScalar(UInt8(97 + $0))) }.joined()
    }
    let tasks = letters.enumerated().map { place, code in
      Toy.task(
        "Task\(place)", type: place < 40 ? "STS" : "Retrieval",
        subsets: [("default", ["\(code)-Latn"])])
    }
    let models = (0..<60).map { model in
      Toy.Model(
        model: model == 7 ? "<script>alert(1)</script>/m7" : "org\(model % 3)/m\(model)",
        revisions: ["r1"],
        results: letters.enumerated().dropFirst(model == 0 ? 1 : 0).map { place, code in
          Toy.result(
            "Task\(place)",
            [("default", Double(model + 1) / 100 + Double(place) / 1000, ["\(code)-Latn"])])
        })
    }
    return Toy.board(models, tasks: tasks)
  }()

  private static let files = ReportPage(board).files.map { ($0.path, $0.contents()) }

  private func visit(_ script: String, isDark: Bool = false) async throws -> JSON {
    try await withTemporaryFolder { folder in
      for (path, text) in Self.files { try folder.write(path, text) }
      let visit = try await Browser.run(script, in: folder, isDark: isDark)
      #expect(visit.console == [])
      let said = try JSON(parsing: visit.said)
      #expect(said["error"] == nil, "\(visit.said)")
      return said
    }
  }

  private static let tools = """
    const ranking = (page) => page.document.querySelector("#ranking-table");
    const names = (page) => [...ranking(page).tBodies[0].rows].filter((row) => !row.hidden)
      .map((row) => row.querySelector("th").textContent);
    const head = (page, title) => [...ranking(page).tHead.rows[0].cells]
      .find((cell) => cell.textContent.startsWith(title));
    const type = (page, text) => {
      const box = page.document.querySelector("input[type=search]");
      box.value = text;
      box.dispatchEvent(new page.Event("input", { bubbles: true }));
    };

    """

  @Test func `sorts by the button of a column and says so`() async throws {
    let said = try await visit(
      Self.tools + """
        const page = await open("index.html", 1200);
        const first = names(page)[0];
        const cell = head(page, "Votes"), button = cell.querySelector("button");
        button.click();
        const down = [names(page)[0], cell.getAttribute("aria-sort")];
        button.click();
        const up = [names(page)[0], cell.getAttribute("aria-sort")];
        const count = page.document.querySelectorAll("[aria-sort]").length;
        say({ first, down, up, count, hash: page.location.hash });
        """)
    #expect(said["first"] == .string("org2/m59"))
    #expect(said["down"] == .strings(["org2/m59", "descending"]))
    // m0 has no score on one task and the least on all others.
    #expect(said["up"] == .strings(["org0/m0", "ascending"]))
    #expect(said["count"] == .integer(1))
    #expect(said["hash"] == .string("#sort=2a"))
  }

  @Test func `filters models in tables and maps, and keeps the view in the address`() async throws {
    let said = try await visit(
      Self.tools + """
        const page = await open("index.html", 1200);
        const map = page.document.querySelector("#tasks-map"), field = map.firstElementChild;
        const tall = field.offsetHeight;
        type(page, "org1 m5");
        await rest();
        const some = names(page), said = page.document.querySelector("output").textContent;
        const short = field.offsetHeight, hash = page.location.hash;
        const boxes = page.document.querySelector("form").elements;
        boxes.complete.checked = true;
        type(page, "m0");
        const complete = names(page).length;
        page.document.querySelector("button[type=reset]").click();
        await rest();
        const all = names(page).length;
        const again = await open("index.html#q=m5&org=org1%2F&sort=1a", 1200);
        page.document.body.dispatchEvent(new page.KeyboardEvent("keydown", { key: "/", bubbles: true }));
        const focused = page.document.activeElement.name;
        say({ some, said, complete, all, rows: (tall - short) / 16, hash, focused, again: names(again) });
        """)
    // 50…59 with m % 3 = 1 are 52, 55, 58; m5 itself is in org2.
    let some = ["org1/m58", "org1/m55", "org1/m52"]
    #expect(said["some"] == .strings(some))
    #expect(said["said"] == .string("3 of 60"))
    #expect(said["rows"] == .integer(57))
    #expect(said["hash"] == .string("#q=org1+m5"))
    #expect(said["complete"] == .integer(0))
    #expect(said["all"] == .integer(60))
    #expect(said["again"] == .strings(some.reversed()))
    #expect(said["focused"] == .string("q"))
  }

  @Test func `a map is drawn and read with the keyboard`() async throws {
    let said = try await visit(
      Self.tools + """
        const page = await open("index.html", 1200);
        const map = page.document.querySelector("#tasks-map"), canvas = map.querySelector("canvas");
        map.scrollIntoView();
        // Drawn in the browser's own time, which a busy machine makes long.
        for (let i = 0; i < 50; i++) {
          await rest();
          if (canvas.style.width) break;
        }
        const ratio = page.devicePixelRatio;
        const seen = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        const at = (x, y) => {
          const place = 4 * (Math.round(y * ratio) * canvas.width + Math.round(x * ratio));
          return [...seen.data.slice(place, place + 4)].join();
        };
        const best = at(190 + 4, 130 + 4), blank = at(2, 2), worse = at(190 + 4, 130 + 20 * 16 + 4);
        for (const key of ["ArrowDown", "ArrowDown", "ArrowRight"]) {
          map.dispatchEvent(new page.KeyboardEvent("keydown", { key, bubbles: true }));
        }
        say({ best, blank, worse, said: page.document.querySelector("#tasks-map-said").textContent });
        """)
    #expect(said["best"] != said["blank"])
    #expect(said["best"] != said["worse"])
    // From the corner one down and one right: m58, the second task of Retrieval by name after Task40,
    // Task41: 0.59 + 0.041.
    #expect(said["said"] == .string("org1/m58, Task41 (Retrieval): 63.10"))
  }

  @Test func `no page is wider than a telephone`() async throws {
    let said = try await visit(
      """
      const pages = {};
      for (const path of ["index.html", "models/org2__m59.html", "tasks/task3.html"]) {
        const page = await open(path, 360), root = page.document.documentElement;
        pages[path] = [page.innerWidth, root.scrollWidth - root.clientWidth];
      }
      say(pages);
      """)
    #expect(said.members?.keys.count == 3)
    for (path, numbers) in said.members?.entries ?? [] {
      #expect(numbers == .array([.integer(360), .integer(0)]), "\(path)")
    }
  }

  @Test(arguments: [false, true])
  func `text stands out from the paper, light and dark`(isDark: Bool) async throws {
    let said = try await visit(
      """
      const page = await open("models/org2__m59.html", 1200);
      const style = page.getComputedStyle(page.document.documentElement);
      const light = (name) => {
        const hex = style.getPropertyValue(name).trim().slice(1);
        const [r, g, b] = [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
          .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const contrast = (a, b) => {
        const [dark, bright] = [light(a), light(b)].sort((x, y) => x - y);
        return (bright + 0.05) / (dark + 0.05);
      };
      const least = (ink) => Math.min(...Array.from({ length: 10 }, (_, i) => contrast(ink, "--h" + i)));
      say({
        paper: light("--paper"), ink: contrast("--ink", "--paper"), cells: least("--ink"),
        quiet: contrast("--quiet", "--paper"), accent: contrast("--accent", "--paper"),
      });
      """, isDark: isDark)
    #expect(((said["paper"]?.double ?? 0.5) < 0.1) == isDark)
    #expect((said["ink"]?.double ?? 0) > 7)
    // WCAG 2.2 asks for 4.5 of small text.
    for key in ["cells", "quiet", "accent"] {
      #expect((said[key]?.double ?? 0) > 4.5, "\(key)")
    }
  }
}
