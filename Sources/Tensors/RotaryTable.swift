// The angles of rotary positions, computed once: cosines and sines of every place.

private import Foundation

/// For each place, the cosines of its angles and then their sines, [length, 2 · angles].
package struct RotaryTable: Sendable {
  /// How many pairs of numbers turn in each head; half of what is rotated.
  package let angles: Int
  /// How many places there are.
  package let length: Int
  /// Shape [length, 2 · angles]: cosines, sines.
  let turns: Floats

  /// Angle i of place p is p · inverseFrequencies[i], a product of f32 numbers as the models were
  /// trained with; its cosine and sine are computed in double, times `factor`, and rounded once.
  package init(inverseFrequencies: [Float], factor: Float, length: Int) {
    precondition(
      !inverseFrequencies.isEmpty && length >= 0,
      "\(inverseFrequencies.count) angles for \(length) places")
    let angles = inverseFrequencies.count
    self.angles = angles
    self.length = length
    turns = Floats(rows: length, columns: 2 * angles) { memory in
      for place in 0..<length {
        let row = memory + place * 2 * angles
        for (i, frequency) in inverseFrequencies.enumerated() {
          let angle = Double(Float(place) * frequency)
          row[i] = Float(cos(angle) * Double(factor))
          row[angles + i] = Float(sin(angle) * Double(factor))
        }
      }
    }
  }
}
