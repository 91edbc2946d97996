// What a client may at most make this server hold or do, and how long it may take over it.

package struct ServingLimits: Sendable {
  /// Bytes of a request's body.
  package var body = 8 << 20
  /// Texts of a request.
  package var texts = 2048
  /// Requests that wait for the model, the one it works on included.
  package var waiting = 512
  /// Bytes of all bodies and vectors in hand.
  package var memory = 512 << 20
  /// Open connections.
  package var connections = 512
  /// Until a request's head is complete, from its first byte or the opening of the connection.
  package var head = Duration.seconds(10)
  /// Between two requests of a connection.
  package var idle = Duration.seconds(75)
  /// Until a request's body is complete, from the end of its head.
  package var receiving = Duration.seconds(60)
  /// Until a client has taken the next piece of its answer.
  package var sending = Duration.seconds(60)
  /// What the model should need for one round of joined requests: the longest that a small request
  /// waits behind large ones.
  package var round = Duration.milliseconds(500)
  /// How long a round waits for clients that took part in the one before.
  package var company = Duration.milliseconds(2)

  package init() {}
}
