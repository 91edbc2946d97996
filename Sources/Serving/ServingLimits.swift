// What a client may at most make this server hold or do.

package struct ServingLimits: Sendable {
  /// Bytes of a request's body.
  package var body = 8 << 20
  /// Texts of a request.
  package var texts = 2048

  package init() {}
}
