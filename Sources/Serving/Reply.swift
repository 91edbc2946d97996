// What a client gets: a head, and a body that is written row by row where it is large.

import Core
import NIOCore
import NIOHTTP1

struct Reply: Sendable {
  enum Body: Sendable {
    case bytes(ByteBuffer)
    case rows(Rows)
  }

  /// A body made while it is sent.
  struct Rows: Sendable {
    let opening: String
    let count: Int
    let closing: String
    /// Appends one row, without what stands between rows.
    let write: @Sendable (_ row: Int, _ buffer: inout ByteBuffer) -> Void

    /// The next piece of the body, of about `size` bytes; nil after the last.
    ///
    /// Starts at `row` and moves it on.
    func next(_ row: inout Int, size: Int) -> ByteBuffer? {
      guard row <= count else { return nil }
      var buffer = ByteBuffer()
      if row == 0 { buffer.writeString(opening) }
      while row < count, buffer.readableBytes < size {
        if row > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
        write(row, &buffer)
        row += 1
      }
      if row == count {
        buffer.writeString(closing)
        row += 1
      }
      return buffer
    }
  }

  var status: HTTPResponseStatus
  var headers: HTTPHeaders
  var body: Body
  /// For the log.
  var texts = 0
  var tokens = 0

  init(_ status: HTTPResponseStatus, json: JSON, headers: HTTPHeaders = HTTPHeaders()) {
    self.init(status, .bytes(ByteBuffer(string: json.line)), headers: headers)
  }

  init(_ status: HTTPResponseStatus, _ body: Body, headers: HTTPHeaders = HTTPHeaders()) {
    self.status = status
    self.headers = headers
    self.body = body
    self.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
  }

  /// A short answer without a body.
  static var empty: Reply {
    var reply = Reply(.ok, .bytes(ByteBuffer()))
    reply.headers.remove(name: "Content-Type")
    return reply
  }
}
