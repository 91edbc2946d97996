// What an evaluator returns for one subset of one split, before it becomes a row of a result file.

/// Metrics with their values, in the order in which result files list them.
///
/// An undefined value (a correlation of a constant, say) is absent: never NaN and never 0.
package struct Scores: Sendable, Equatable {
  package private(set) var entries: [Entry] = []
  /// What stands behind the metrics: nested lists and objects, such as a score for every experiment.
  ///
  /// A row of a result file carries them after its metrics.
  package var details = JSON.Members()

  package struct Entry: Sendable, Equatable {
    package let metric: Metric
    package var value: Double
  }

  package init() {}

  package init(_ pairs: KeyValuePairs<String, Double?>) {
    for (name, value) in pairs { self[Metric(name)] = value }
  }

  /// nil when undefined.
  ///
  /// Setting nil or a non-finite number leaves the metric out.
  package subscript(metric: Metric) -> Double? {
    get { entries.first { $0.metric == metric }?.value }
    set {
      let place = entries.firstIndex { $0.metric == metric }
      guard let newValue, newValue.isFinite else {
        if let place { entries.remove(at: place) }
        return
      }
      if let place {
        entries[place].value = newValue
      } else {
        entries.append(Entry(metric: metric, value: newValue))
      }
    }
  }
}

extension Double {
  /// Rounded to this many decimals, halves of the exact binary value to even, as Python's `round`.
  ///
  /// Scaling by a power of ten would round twice; printing with the digits asked for does not.
  package func rounded(decimals: Int) -> Double {
    guard isFinite, abs(self) < 1e15 else { return self }
    let scale = (0..<decimals).reduce(1.0) { value, _ in value * 10 }
    let nearest = (self * scale).rounded(.toNearestOrEven)
    // The product is exact enough unless it lies within an ulp of a half: then ask the exact digits.
    let distance = abs(abs(self * scale - nearest) - 0.5)
    guard distance < 1e-6 else { return nearest / scale }
    let low = (self * scale).rounded(.down)
    // self against (low + 0.5) / scale, exactly: fused multiply-add keeps the product's low part.
    let product = self * scale
    let error = (-product).addingProduct(self, scale)
    let offset = (product - low - 0.5) + error
    if offset > 0 { return (low + 1) / scale }
    if offset < 0 { return low / scale }
    let isEven = low.truncatingRemainder(dividingBy: 2) == 0
    return (isEven ? low : low + 1) / scale
  }
}
