import Serving
import Testing

@Suite struct `Limits of the server` {
  @Test func `allow what clients of the common interfaces send`() {
    #expect(ServingLimits().texts >= 2048)
  }
}
