// How fast the embedder is, learned from what it did.

import Core

/// How many bytes of text the embedder does in a second.
struct Pace {
  private var bytesPerSecond: Double?
  /// Less says nothing about the speed.
  private static let least = 16_384

  /// What a text counts: its bytes, and something for the special tokens around it.
  static func cost(_ text: String) -> Int { text.utf8.count + 16 }

  /// The cost that takes about so long.
  func budget(_ duration: Duration) -> Int {
    guard let bytesPerSecond else { return Self.least }
    return max(Self.least, Int(min(bytesPerSecond * duration.seconds, 1e9)))
  }

  /// How long a cost takes, whole seconds from 1 to 60.
  func seconds(for cost: Int) -> Int {
    guard let bytesPerSecond else { return 1 }
    return Int(max(1, min(60, Double(cost) / bytesPerSecond)).rounded(.up))
  }

  /// Learns from a round that was large enough to keep every thread busy.
  mutating func note(cost: Int, took duration: Duration) {
    guard cost >= Self.least / 2 else { return }
    let speed = Double(cost) / max(duration.seconds, 1e-6)
    bytesPerSecond = bytesPerSecond.map { 0.7 * $0 + 0.3 * speed } ?? speed
  }
}
