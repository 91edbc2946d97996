// How much memory requests may hold together.

import Synchronization

/// Counts the bytes in hand against a limit.
final class MemoryLedger: Sendable {
  private let limit: Int
  private let held = Mutex(0)

  init(limit: Int) { self.limit = limit }

  /// Bytes in hand.
  var bytes: Int { held.withLock { $0 } }

  fileprivate func take(_ bytes: Int) -> Bool {
    held.withLock { held in
      guard bytes <= limit - held else { return false }
      held += bytes
      return true
    }
  }

  fileprivate func give(_ bytes: Int) { held.withLock { $0 -= bytes } }
}

/// What one request holds; gives it back when the last reference goes.
final class MemoryHold: Sendable {
  private let ledger: MemoryLedger
  private let bytes = Mutex(0)

  init(_ ledger: MemoryLedger) { self.ledger = ledger }

  deinit { ledger.give(bytes.withLock { $0 }) }

  /// Whether there was room for so many bytes more.
  func grow(by more: Int) -> Bool {
    guard ledger.take(more) else { return false }
    bytes.withLock { $0 += more }
    return true
  }
}
