// Small pictures beside numbers, drawn as SVG. Every number in them stands in a cell beside them, so
// that they are hidden from readers of the page aloud.

/// Draws on a strip as wide as a column.
struct Strip: Sendable {
  let axis: Axis
  var width = 150.0
  private static let margin = 5.0

  private func x(_ value: Double) -> HTML {
    let place = Self.margin + axis.share(value) * (width - 2 * Self.margin)
    let tenths = Int((place * 10).rounded())
    return HTML(markup: tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)")
  }

  private func framed(_ drawing: HTML) -> HTML {
    "<svg class=\"p\" width=\"\(Int(width))\" height=\"14\" aria-hidden=\"true\">\(drawing)</svg>"
  }

  /// The scores of a pool as a line from the lowest to the highest, thicker between the quartiles,
  /// with a tick at the median; and a dot for one model.
  func spread(_ spread: Spread, dot score: Double? = nil) -> HTML? {
    guard let low = spread.lowest, let high = spread.highest, let median = spread.median,
      let lower = spread.quantile(0.25), let upper = spread.quantile(0.75)
    else { return nil }
    let dot: HTML = score.map { "<circle cx=\"\(x($0 * 100))\" cy=\"7\" r=\"4\"/>" } ?? ""
    return framed(
      """
      <path class="r" d="M\(x(low * 100)) 7H\(x(high * 100))"/>\
      <path class="q" d="M\(x(lower * 100)) 7H\(x(upper * 100))"/>\
      <path class="m" d="M\(x(median * 100)) 2v10"/>\(dot)
      """)
  }

  /// The scores of a pool on a scale of its own, with a dot for one model.
  static func ofOne(_ spread: Spread, dot score: Double?) -> HTML {
    let ends = (spread.lowest ?? 0, spread.highest ?? 0)
    let axis = Axis(low: ends.0 * 100, high: max(ends.1, ends.0 + 1e-9) * 100, step: 1)
    return Strip(axis: axis).spread(spread, dot: score) ?? ""
  }

  /// A bar from the low end.
  func bar(to value: Double) -> HTML {
    framed("<path class=\"v\" d=\"M\(x(axis.low)) 7H\(x(value))\"/>")
  }

  /// A bar of votes with its interval as a thin line between two ticks.
  func votes(_ votes: Double, _ interval: Interval?) -> HTML {
    let line: HTML? = interval.map { ends in
      let (low, high) = (x(ends.low), x(ends.high))
      return "<path class=\"i\" d=\"M\(low) 3v8M\(high) 3v8M\(low) 7H\(high)\"/>"
    }
    return framed("<path class=\"v\" d=\"M\(x(axis.low)) 7H\(x(votes))\"/>\(line)")
  }
}

/// How many models have which score.
struct Histogram: Sendable {
  static let bins = 24
  let title: String
  let spread: Spread
  let axis: Axis

  /// A picture with a title and a description; bars can be pointed at.
  var html: HTML {
    let counts = spread.counts(in: axis, bins: Self.bins)
    let most = Double(max(1, counts.max() ?? 1))
    let width = (axis.high - axis.low) / Double(Self.bins)
    let bars = counts.enumerated().filter { $1 > 0 }.map { place, count in
      let height = max(2, Int((Double(count) / most * 84).rounded()))
      let low = axis.low + Double(place) * width
      let label =
        "\(NumberText.fixed(low)) to \(NumberText.fixed(low + width)): "
        + NumberText.count(count, "model")
      return """
        <rect x="\(10 + place * 25)" y="\(90 - height)" width="23" height="\(height)"><title>\(label)</title></rect>
        """ as HTML
    }
    let ticks = axis.ticks.map { points in
      "<text x=\"\(10 + Int((axis.share(points) * 600).rounded()))\" y=\"108\">\(Int(points))</text>"
        as HTML
    }
    let median = spread.median.map { median in
      let x = 10 + Int((axis.share(median * 100) * 600).rounded())
      return "<path class=\"m\" d=\"M\(x) 0V94\"/>" as HTML
    }
    return """
      <svg class="histogram" viewBox="-6 0 632 112" role="img"><title>\(title)</title>\
      <path class="r" d="M10 90H610"/>\(bars.joined())\(median)\(ticks.joined())</svg>

      """
  }
}

extension ShadeScale {
  /// The key of the colours: the lowest, middle and highest score with the ten steps between.
  var legend: HTML {
    let steps = (0..<Self.steps).map { "<b class=\"h\($0)\"></b>" as HTML }.joined()
    return """
      <p class="legend">\(NumberText.score(lowest))<span aria-hidden="true">\(steps)</span>\
      \(NumberText.score(highest))\
      <em>middle score \(NumberText.score(middle)); each step holds a tenth of the scores</em></p>

      """
  }

  /// The key where each column or row is shaded by itself.
  static func legend(by line: String, isOnMap: Bool = false) -> HTML {
    let steps = (0..<Self.steps).map { step -> HTML in
      isOnMap ? "<b style=\"background:var(--m\(step))\"></b>" : "<b class=\"h\(step)\"></b>"
    }.joined()
    return """
      <p class="legend">lower<span aria-hidden="true">\(steps)</span>higher\
      <em>each \(line) is shaded by itself: a step holds a tenth of its scores</em></p>

      """
  }
}
