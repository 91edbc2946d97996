// Days of the calendar from seconds, the same on every machine.

import Foundation

enum CalendarDay {
  /// `2025-10-21`, in UTC.
  static func text(_ secondsSince1970: Double) -> String {
    Date(timeIntervalSince1970: secondsSince1970)
      .formatted(.iso8601.year().month().day())
  }
}
