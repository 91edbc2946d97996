// The cells of a frame sorted into groups of languages: how many there are, and their means.

import Core

/// Counts and averages the cells of a group, task by task.
struct LanguageTally {
  private let frame: Frame
  private let groups: LanguageGroups
  private let weight: LanguageWeight
  /// The groups that a cell with this list belongs to, with how often it counts, `[lists]`.
  private let members: [[Member]]
  /// Cells that there are for a group, `[groups][tasks]`, one after the other.
  let expected: [Int32]

  private struct Member {
    var group: Int
    var times: Int
  }

  /// With `countsRepeats`, a cell that lists a language twice counts twice in means by cell.
  init(frame: Frame, groups: LanguageGroups, weight: LanguageWeight, countsRepeats: Bool) {
    self.frame = frame
    self.groups = groups
    self.weight = weight
    members = frame.lists.map { list in
      var members: [Member] = []
      for case .some(let group) in list.map({ groups.groupOfLanguage[$0] }) {
        if let known = members.firstIndex(where: { $0.group == group }) {
          members[known].times += countsRepeats && weight == .cell ? 1 : 0
        } else {
          members.append(Member(group: group, times: 1))
        }
      }
      return members
    }
    expected = Self.expected(frame, groups, members)
  }

  /// The most that a model has: all there is, where a model has the whole task.
  ///
  /// Where none has, it is as many as the definition of the task gives the group, of the subsets and
  /// splits that somebody has a score for, if that is more.
  private static func expected(
    _ frame: Frame, _ groups: LanguageGroups, _ members: [[Member]]
  ) -> [Int32] {
    let tasks = frame.tasks.count
    var most = [Int32](repeating: 0, count: groups.keys.count * tasks)
    for model in frame.models {
      let counts = counts(of: model, members, groups: groups.keys.count, tasks: tasks)
      for i in most.indices { most[i] = max(most[i], counts[i]) }
    }
    let place = Dictionary(frame.languages.enumerated().map { ($1, $0) }) { first, _ in first }
    for (task, definition) in frame.tasks.enumerated() {
      let seen = frame.seen[task]
      guard !frame.models.contains(where: { $0.means[task].cells >= seen.required }) else {
        continue
      }
      var defined = [Int32](repeating: 0, count: groups.keys.count)
      for (subset, isSeen) in zip(definition.subsets, seen.subsets) where isSeen {
        let found = subset.languages.compactMap {
          place[$0.description].flatMap { groups.groupOfLanguage[$0] }
        }
        for group in Set(found) { defined[group] += Int32(seen.splits.count { $0 }) }
      }
      for group in defined.indices where most[group * tasks + task] > 0 {
        most[group * tasks + task] = max(most[group * tasks + task], defined[group])
      }
    }
    return most
  }

  private static func counts(
    of model: Frame.Model, _ members: [[Member]], groups: Int, tasks: Int
  ) -> [Int32] {
    var counts = [Int32](repeating: 0, count: groups * tasks)
    for cell in model.cells {
      for member in members[Int(cell.list)] { counts[member.group * tasks + Int(cell.task)] += 1 }
    }
    return counts
  }

  /// Tasks and cells that there are, `[groups]`.
  var all: [LanguageBoard.Coverage] { coverage(expected) }

  /// Tasks and cells that a model has, `[groups]`.
  func coverage(of model: Frame.Model) -> [LanguageBoard.Coverage] {
    coverage(
      Self.counts(of: model, members, groups: groups.keys.count, tasks: frame.tasks.count))
  }

  private func coverage(_ counts: [Int32]) -> [LanguageBoard.Coverage] {
    let tasks = frame.tasks.count
    return groups.keys.indices.map { group in
      let counts = counts[group * tasks..<(group + 1) * tasks]
      return .init(tasks: counts.count { $0 > 0 }, cells: counts.reduce(0) { $0 + Int($1) })
    }
  }

  /// The mean of each group, `[groups]`; nil without a cell.
  func means(of model: Frame.Model) -> [Double?] {
    // A counting sort: where the scores of each group, or of each task of it, begin, then the scores.
    let parts = weight == .task ? frame.tasks.count : 1
    func bin(_ group: Int, _ cell: Frame.Cell) -> Int {
      weight == .task ? group * parts + Int(cell.task) : group
    }
    let bins = groups.keys.count * parts
    var starts = [Int](repeating: 0, count: bins + 1)
    for cell in model.cells {
      for member in members[Int(cell.list)] { starts[bin(member.group, cell) + 1] += member.times }
    }
    for i in 0..<bins { starts[i + 1] += starts[i] }
    var sorted = [Double](repeating: 0, count: starts[bins])
    var next = starts
    for cell in model.cells {
      for member in members[Int(cell.list)] {
        let bin = bin(member.group, cell)
        for _ in 0..<member.times {
          sorted[next[bin]] = cell.score
          next[bin] += 1
        }
      }
    }
    var (inner, outer) = (ExactSum(), ExactSum())
    return groups.keys.indices.map { group in
      outer.reset()
      for part in group * parts..<(group + 1) * parts where starts[part] < starts[part + 1] {
        inner.reset()
        for place in starts[part]..<starts[part + 1] { inner.add(sorted[place]) }
        if let mean = inner.mean { outer.add(mean) }
      }
      return outer.mean
    }
  }
}
