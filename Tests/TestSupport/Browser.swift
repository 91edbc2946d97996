// A real browser without a window: opens a page from disk, runs a script in it, tells what it saw.

package import Foundation
package import Testing

/// Chromium, which `make test` installs.
package enum Browser {
  package static let program: URL? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = path.split(separator: ":").map { URL(filePath: String($0)) }
    return ["chromium", "chromium-browser", "google-chrome"].lazy
      .flatMap { name in folders.map { $0.appending(path: name) } }
      .first { FileManager.default.isExecutableFile(atPath: $0.path(percentEncoded: false)) }
  }()

  package static let isPresent = program != nil
  package static let reason: Comment = "there is no chromium; run make test"

  /// What a page said.
  package struct Visit: Sendable {
    /// What the script handed to `say`, a JSON object.
    package let said: String
    /// Every line of the console, errors of scripts and of loading among them.
    package let console: [String]
  }

  /// Runs a script on a page of its own in `folder`, from where it may open the folder's pages.
  ///
  /// The script is the body of an async function. `open(path, width)` loads a page in a frame of that
  /// width and gives its window; `say(object)` is the answer.
  package static func run(_ script: String, in folder: URL, isDark: Bool = false) async throws
    -> Visit
  {
    let program = try #require(program)
    let page = try folder.write(".visit-\(UUID().uuidString).html", harness(script))
    let profile = try TemporaryFolder()
    defer { try? FileManager.default.removeItem(at: page) }
    let process = Process()
    process.executableURL = program
    process.arguments = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
      "--no-first-run", "--disable-extensions", "--disable-background-networking",
      "--allow-file-access-from-files", "--enable-logging=stderr", "--window-size=1400,1000",
      "--blink-settings=preferredColorScheme=\(isDark ? 0 : 1)", "--virtual-time-budget=30000",
      "--user-data-dir=\(profile.url.path(percentEncoded: false))", "--dump-dom",
      page.absoluteString,
    ]
    let files = ["out", "err"].map { profile.url.appending(path: $0) }
    for file in files { try Data().write(to: file) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    try process.run()
    let end = ContinuousClock.now + .seconds(120)
    while process.isRunning {
      if ContinuousClock.now > end { process.terminate() }
      try await Task.sleep(for: .milliseconds(20))
    }
    let (dump, log) = (try text(of: files[0]), try text(of: files[1]))
    let said = dump.components(separatedBy: "<pre id=\"said\">").dropFirst().first?
      .components(separatedBy: "</pre>").first
    let console = log.split(separator: "\n").map(String.init).filter { $0.contains("CONSOLE") }
    let complaint: Comment = "the page said nothing: \(log.suffix(2000))"
    return Visit(said: unescaped(try #require(said, complaint)), console: console)
  }

  private static func text(of file: URL) throws -> String {
    String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }

  private static func unescaped(_ text: String) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u{A0}"), ("&amp;", "&")]
      .reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
  }

  private static func harness(_ script: String) -> String {
    """
    <!doctype html><meta charset="utf-8"><body><script>
    const open = (path, width) => new Promise((done) => {
      const frame = document.createElement("iframe");
      frame.style = "border:0;height:900px;width:" + width + "px";
      frame.onload = () => setTimeout(() => done(frame.contentWindow), 200);
      frame.src = path;
      document.body.append(frame);
    });
    const rest = () => new Promise((done) => setTimeout(done, 200));
    const say = (object) => {
      const place = document.createElement("pre");
      place.id = "said";
      place.textContent = JSON.stringify(object);
      document.body.replaceChildren(place);
    };
    (async () => {
      try {
        \(script)
      } catch (error) {
        say({ error: String(error) });
      }
    })();
    </script>
    """
  }
}
