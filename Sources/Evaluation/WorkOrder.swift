// The order of a run that may not finish: what says most about a benchmark for its cost comes first.

package import Core

/// Puts the tasks of a benchmark, and the cells of a task, into an order that may be cut anywhere.
///
/// A benchmark's means are over types and tasks, its tables over languages too. A type's mean of k
/// tasks has an error that falls with 1 / k, so that task k + 1 of a type is worth 1 / k - 1 / (k + 1),
/// the first of all 1; a language is treated alike, and every task is one more vote. The next task is
/// the one that is worth most for each text that it embeds: the greedy order for worths that diminish,
/// which needs no knowledge of the budget.
package enum WorkOrder {
  /// A task as far as its order goes.
  package struct Item: Sendable {
    package var type: TaskType
    package var languages: Set<Language>
    /// What it costs, in texts.
    package var cost: Int

    package init(type: TaskType, languages: Set<Language>, cost: Int) {
      self.type = type
      self.languages = languages
      self.cost = cost
    }
  }

  /// Texts that a task costs at least: opening one takes time however small it is.
  private static let leastCost = 100

  /// The order of work.
  ///
  /// - Parameters:
  ///   - items: tasks to do.
  ///   - finished: tasks that are done already, so that more like them are worth less.
  /// - Returns: the places of the items; of equal worth the first one in the list.
  package static func order(_ items: [Item], finished: [Item] = []) -> [Int] {
    var tally = Tally(items + finished)
    finished.forEach { tally.add($0) }
    var rest = Array(items.indices)
    var order: [Int] = []
    while !rest.isEmpty {
      var best = (place: 0, worth: -1.0)
      for (place, item) in rest.enumerated() {
        let cost = Double(max(items[item].cost, leastCost))
        let worth = tally.worth(of: items[item]) / cost
        if worth > best.worth { best = (place, worth) }
      }
      let next = rest.remove(at: best.place)
      tally.add(items[next])
      order.append(next)
    }
    return order
  }

  /// The places of a task's cells so that every language comes once before any comes again.
  ///
  /// Cells are taken in rounds through the list; a round leaves out those with a language that it
  /// has had.
  package static func spread(_ cells: [Cell]) -> [Int] {
    var rest = Array(cells.indices)
    var order: [Int] = []
    while !rest.isEmpty {
      var seen: Set<Language> = []
      var later: [Int] = []
      for place in rest {
        let languages = cells[place].subset.languages
        if seen.isDisjoint(with: languages) {
          seen.formUnion(languages)
          order.append(place)
        } else {
          later.append(place)
        }
      }
      rest = later
    }
    return order
  }

  /// What is done of each type and language.
  private struct Tally {
    private var types: [TaskType: Int] = [:]
    private var languages: [Language: Int] = [:]
    private let counts: (types: Double, languages: Double, tasks: Double)

    init(_ all: [Item]) {
      counts = (
        Double(max(Set(all.map(\.type)).count, 1)),
        Double(max(all.reduce(into: Set<Language>()) { $0.formUnion($1.languages) }.count, 1)),
        Double(max(all.count, 1))
      )
    }

    mutating func add(_ item: Item) {
      types[item.type, default: 0] += 1
      for language in item.languages { languages[language, default: 0] += 1 }
    }

    /// The shares of what all types, all languages and all tasks are worth, added.
    func worth(of item: Item) -> Double {
      let ofLanguages = item.languages.map { Self.gain(languages[$0] ?? 0) }.sorted().reduce(0, +)
      return Self.gain(types[item.type] ?? 0) / counts.types + ofLanguages / counts.languages
        + 1 / counts.tasks
    }

    /// By how much the square of a mean's error falls with one more.
    private static func gain(_ done: Int) -> Double {
      done == 0 ? 1 : 1 / Double(done * (done + 1))
    }
  }
}
