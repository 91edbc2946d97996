// The four normalization forms of Unicode, as the reference library applies them.
//
// Easy to get wrong: it knows the characters of Unicode 9.0, so later ones neither decompose nor
// reorder; the running system's own functions know more.

/// NFC, NFD, NFKC or NFKD.
enum NormalizationForm: Sendable {
  case composed, decomposed, compatiblyComposed, compatiblyDecomposed

  private var isComposed: Bool { self == .composed || self == .compatiblyComposed }
  private var isCompatible: Bool { self == .compatiblyComposed || self == .compatiblyDecomposed }

  /// Appends the form of a part of a text.
  func append(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) {
    let table = NormalizationTable.shared
    let scalars = ScalarTable.shared
    var segment = Segment(form: self, scalars: scalars, table: table)
    // What has been copied or composed, and the start of the scalar before the place.
    var done = range.lowerBound
    var before = done
    var at = done
    func isQuiet(_ value: UInt32) -> Bool {
      let facts = table[value]
      if isCompatible, facts.contains(.compatible) { return false }
      if isComposed { return !facts.contains(.moving) }
      return scalars[value].isDisjoint(with: [.decomposing, .reordering])
    }
    while at < range.upperBound {
      if bytes[at] < 0x80 {
        before = at
        at += 1
        continue
      }
      let (value, length) = UTF8Decoding.scalar(in: bytes, at: at)
      if isQuiet(value) {
        before = at
        at += length
        continue
      }
      // The scalar before may be what this one joins.
      out.append(contentsOf: bytes[done..<before])
      var end = at
      while end < range.upperBound {
        let (value, length) = UTF8Decoding.scalar(in: bytes, at: end)
        if isQuiet(value) { break }
        end += length
      }
      segment.append(bytes, before..<end, to: &out)
      done = end
      before = end
      at = end
    }
    out.append(contentsOf: bytes[done..<range.upperBound])
  }
}

/// Normalizes stretches that neither end touches its neighbour's.
private struct Segment {
  let form: NormalizationForm
  let scalars: ScalarTable
  let table: NormalizationTable
  /// Decomposed: combining class, place of arrival and value, 8 + 32 + 24 bits, so that sorting a
  /// run of marks is canonical ordering.
  private var parts: [UInt64] = []
  private var runStart = 0

  init(form: NormalizationForm, scalars: ScalarTable, table: NormalizationTable) {
    self.form = form
    self.scalars = scalars
    self.table = table
  }

  mutating func append(_ bytes: [UInt8], _ range: Range<Int>, to out: inout [UInt8]) {
    parts.removeAll(keepingCapacity: true)
    runStart = 0
    var at = range.lowerBound
    while at < range.upperBound {
      let (value, length) = UTF8Decoding.scalar(in: bytes, at: at)
      at += length
      let isCompatible = form == .compatiblyComposed || form == .compatiblyDecomposed
      if isCompatible, table[value].contains(.compatible) {
        for part in table.compatibleDecomposition(of: value) { add(part) }
      } else if scalars[value].contains(.decomposing) {
        for part in scalars.decomposition(of: value) { add(part) }
      } else {
        add(value)
      }
    }
    endRun()
    if form == .composed || form == .compatiblyComposed { compose() }
    for part in parts { UTF8Decoding.append(Self.value(part), to: &out) }
  }

  private static func value(_ part: UInt64) -> UInt32 {
    UInt32(truncatingIfNeeded: part & 0xFF_FFFF)
  }

  private mutating func add(_ value: UInt32) {
    let isMark = scalars[value].contains(.reordering)
    if !isMark { endRun() }
    let arrival = UInt64(UInt32(truncatingIfNeeded: parts.count))
    let combiningClass = isMark ? scalars.combiningClass(of: value) : 0
    parts.append(combiningClass << 56 | arrival << 24 | UInt64(value))
    if !isMark { runStart = parts.count }
  }

  private mutating func endRun() {
    if parts.count - runStart > 1 { parts[runStart...].sort() }
    runStart = parts.count
  }

  /// Joins each mark, or starter, with the last starter where nothing between them is in the way.
  private mutating func compose() {
    var starter: Int?
    var lastClass: UInt64?
    var kept = 0
    for part in parts {
      let combiningClass = part >> 56
      if let place = starter, lastClass.map({ $0 < combiningClass }) ?? true,
        let joined = table.composition(Self.value(parts[place]), Self.value(part))
      {
        parts[place] = UInt64(joined)
        continue
      }
      if combiningClass == 0 {
        starter = kept
        lastClass = nil
      } else if starter != nil {
        lastClass = combiningClass
      }
      parts[kept] = part
      kept += 1
    }
    parts.removeSubrange(kept...)
  }
}
