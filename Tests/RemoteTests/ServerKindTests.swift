import Remote
import Testing

@Suite struct `Server kinds` {
  @Test func `are named as on the command line`() {
    #expect(ServerKind.allCases.map(\.rawValue) == ["openai", "tei", "ollama"])
  }
}
