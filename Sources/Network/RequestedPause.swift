// What a busy server says of when to come back.

package import Foundation
package import NIOHTTP1

/// How long a server wants to be left alone.
package enum RequestedPause {
  /// Retry-After in seconds or as a date, else the reset of a used-up RateLimit; nil for none.
  package static func of(_ headers: HTTPHeaders, now: Date = Date()) -> Duration? {
    if let text = headers.first(name: "Retry-After")?.trimmingCharacters(in: .whitespaces) {
      if let seconds = Int(text), seconds >= 0 { return .seconds(min(seconds, 1_000_000)) }
      if let date = Self.date(text) {
        return .seconds(min(max(date.timeIntervalSince(now), 0), 1e6))
      }
    }
    // "api";r=0;t=55 (draft-ietf-httpapi-ratelimit-headers): nothing left for 55 seconds.
    if let limit = headers.first(name: "RateLimit"),
      let match = limit.firstMatch(of: /;\s*r\s*=\s*0\s*;\s*t\s*=\s*(\d{1,6})/),
      let seconds = Int(match.1)
    {
      return .seconds(seconds)
    }
    return nil
  }

  private static func date(_ text: String) -> Date? {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "GMT")
    format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
    return format.date(from: text)
  }
}
