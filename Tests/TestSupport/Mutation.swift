// Small damages to files: what a fuzzer does to checkpoints and data, the same for the same seed.

package import Core
package import Foundation

/// Damages files at random; equal seeds give equal damages.
package struct Mutation {
  private var random: SplitMix

  package init(seed: UInt64) { random = SplitMix(state: seed) }

  package mutating func below(_ count: Int) -> Int {
    Int.random(in: 0..<max(count, 1), using: &random)
  }

  /// A damaged copy of a file, one to three damages deep.
  package mutating func damaged(_ data: Data, name: String) -> Data {
    var data = data
    for _ in 0...below(3) {
      let keepsForm = below(10) < 7
      if keepsForm, name.hasSuffix(".json"), let json = try? JSON(parsing: data) {
        data = Data(damaged(json).line.utf8)
      } else if keepsForm, name.hasSuffix(".safetensors"), let other = damagedHeader(of: data) {
        data = other
      } else {
        damageBytes(of: &data, within: name.hasSuffix(".safetensors") ? 4096 : data.count)
      }
    }
    return data
  }

  // MARK: Bytes

  private mutating func damageBytes(of data: inout Data, within reach: Int) {
    guard !data.isEmpty else {
      data = Data([UInt8(below(256))])
      return
    }
    let place = data.startIndex + below(min(reach, data.count))
    let end = min(place + 1 + below(16), data.endIndex)
    switch below(6) {
    case 0: data[place] ^= 1 << UInt8(below(8))
    case 1: data[place] = [0, 0x22, 0x7F, 0x80, 0xC0, 0xFF][below(6)]
    case 2: data.removeSubrange(place..<end)
    case 3: data.insert(contentsOf: Data(data[place..<end]), at: place)
    case 4: data.removeSubrange(place...)
    default:
      let number = [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, UInt64.max, 1 << 62][below(6)]
      let bytes = withUnsafeBytes(of: number.littleEndian) { Data($0) }
      data.replaceSubrange(place..<min(place + 8, data.endIndex), with: bytes)
    }
  }

  /// The header of a safetensors file damaged as JSON, its length put right.
  private mutating func damagedHeader(of data: Data) -> Data? {
    guard data.count > 8 else { return nil }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(data.count - 8) else { return nil }
    let end = data.startIndex + 8 + Int(length)
    guard let json = try? JSON(parsing: Data(data[(data.startIndex + 8)..<end])) else { return nil }
    let header = Data(damaged(json).line.utf8)
    return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header
      + data[end...]
  }

  // MARK: JSON

  /// Walks down at random and damages where it stops.
  private mutating func damaged(_ json: JSON) -> JSON {
    switch json {
    case .object(let members) where !members.entries.isEmpty && below(8) > 0:
      var entries = members.entries.map { ($0.key, $0.value) }
      let place = below(entries.count)
      switch below(12) {
      case 0: entries.remove(at: place)
      case 1: entries[place].0 = oddText
      case 2: entries[place].1 = entries[below(entries.count)].1
      default: entries[place].1 = damaged(entries[place].1)
      }
      return .object(entries)
    case .array(var elements) where !elements.isEmpty && below(8) > 0:
      let place = below(elements.count)
      switch below(12) {
      case 0: elements.remove(at: place)
      case 1: elements.insert(elements[place], at: below(elements.count))
      case 2: elements.swapAt(place, below(elements.count))
      default: elements[place] = damaged(elements[place])
      }
      return .array(elements)
    case .integer(let number) where below(3) > 0:
      let changed = [number &+ 1, number &- 1, 0 &- number, number &* 2, number / 2, 0]
      return .integer(changed[below(changed.count)])
    case .string(let text) where below(3) > 0:
      return .string(
        [text + oddText, String(text.dropLast()), text.uppercased(), text + text][below(4)])
    default: return oddValue
    }
  }

  private var oddText: String {
    mutating get {
      [
        "", " ", "\u{0}", "../x", "é", "𝒳", "\\p{", "(?:", "▁", "<0x41>", "weight",
        String(repeating: "a", count: 3000),
      ][below(12)]
    }
  }

  private var oddValue: JSON {
    mutating get {
      let nested = (0..<60).reduce(JSON.null) { inner, _ in .array([inner]) }
      let values: [JSON] = [
        .null, .bool(true), .bool(false), .integer(0), .integer(-1), .integer(1), .integer(1 << 31),
        .integer(.max), .integer(.min), .number(0.5), .number(1e308), .number(-1e-308),
        .string(oddText), .array([]), .object([]), nested,
      ]
      return values[below(values.count)]
    }
  }
}
