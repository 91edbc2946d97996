// Which rows stay when a large split is cut or divided: the reference's choices with seed 42.

/// Why rows cannot be divided by category.
///
/// The caller knows the file and the name of the category and makes a `Failure` of it.
package enum CutRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  /// A category with this id has one row only; it cannot be on both sides.
  case singleRow(category: Int)
  /// One side would have fewer rows than there are categories.
  case tooFewRows(asked: Int, categories: Int)

  package var description: String {
    switch self {
    case .singleRow(let category):
      "category \(category) has a single row; a stratified cut needs two rows of every category"
    case .tooFewRows(let asked, let categories):
      "\(asked) rows on one side of a stratified cut are fewer than its \(categories) categories"
    }
  }
}

/// The cuts of tables of rows; every call starts a stream of its own.
package enum Cuts {
  /// A cut without regard to labels.
  ///
  /// - Parameters:
  ///   - count: rows there are
  ///   - size: rows to keep
  ///   - seed: what starts the stream
  /// - Returns: `size` row numbers in shuffled order; all rows in their order when there are not
  ///   more.
  package static func unstratified(_ count: Int, to size: Int, seed: UInt64 = 42) -> [Int] {
    guard count > size else { return Array(0..<count) }
    var random = PCG64(seed: seed)
    return Array(random.permutation(count).prefix(size))
  }

  /// A cut that keeps the shares of the categories.
  ///
  /// - Parameters:
  ///   - categories: the category id of every row
  ///   - size: rows to keep
  ///   - seed: what starts the stream
  /// - Returns: `size` row numbers in shuffled order; all rows in their order when there are not
  ///   more.
  /// - Throws: `CutRefusal` where the reference refuses, too.
  package static func stratified(
    _ categories: [Int], to size: Int, seed: UInt64 = 42
  ) throws(CutRefusal) -> [Int] {
    guard categories.count > size else { return Array(categories.indices) }
    return try stratifiedSplit(
      categories, train: categories.count - size, test: size, seed: seed
    ).test
  }

  /// Divides rows into two sides that have the shares of the whole; rows may be left over.
  ///
  /// Categories are gone through by rising id. First the training side's rows are counted out to
  /// the categories, then the test side's from what is left; then every category's rows are
  /// shuffled and dealt, and at last each side is shuffled.
  ///
  /// - Parameters:
  ///   - categories: the category id of every row
  ///   - train: rows of the first side
  ///   - test: rows of the second side; both sides together have no more than there are
  ///   - seed: what starts the stream
  /// - Returns: the row numbers of both sides, in shuffled order
  /// - Throws: `CutRefusal` for a category with one row or a side smaller than the number of
  ///   categories, which the reference refuses, too.
  package static func stratifiedSplit(
    _ categories: [Int], train: Int, test: Int, seed: UInt64 = 42
  ) throws(CutRefusal) -> (train: [Int], test: [Int]) {
    precondition(
      train >= 0 && test >= 0 && train + test <= categories.count,
      "cannot take \(train) and \(test) rows of \(categories.count)")
    let rowsOf = Dictionary(grouping: categories.indices) { categories[$0] }
    let classes = rowsOf.sorted { $0.key < $1.key }
    for (category, rows) in classes where rows.count < 2 {
      throw .singleRow(category: category)
    }
    for side in [train, test] where side < classes.count {
      throw .tooFewRows(asked: side, categories: classes.count)
    }
    var random = PCG64(seed: seed)
    let counts = classes.map(\.value.count)
    let trainCounts = allocate(train, over: counts, with: &random)
    let left = zip(counts, trainCounts).map { $0 - $1 }
    let testCounts = allocate(test, over: left, with: &random)
    var sides: (train: [Int], test: [Int]) = ([], [])
    for (index, entry) in classes.enumerated() {
      let shuffled = random.permutation(entry.value.count).map { entry.value[$0] }
      let dealt = trainCounts[index] + testCounts[index]
      sides.train += shuffled[..<trainCounts[index]]
      sides.test += shuffled[trainCounts[index]..<dealt]
    }
    random.shuffle(&sides.train)
    random.shuffle(&sides.test)
    return sides
  }

  /// Shares out draws in proportion to counts, by largest remainder.
  ///
  /// The quotas are doubles, multiplied before divided: whether two remainders tie hangs on their
  /// last bits. Ties are broken by drawing without replacement, and that draw is made for every
  /// level of remainder that gets a share, even where all of the level get one.
  static func allocate(_ draws: Int, over counts: [Int], with random: inout PCG64) -> [Int] {
    let total = Double(counts.reduce(0, +))
    let quotas = counts.map { Double(draws * $0) / total }
    var shares = quotas.map { Int($0) }
    let remainders = zip(quotas, shares).map { $0 - Double($1) }
    var missing = draws - shares.reduce(0, +)
    for level in Set(remainders).sorted(by: >) where missing > 0 {
      let tied = remainders.indices.filter { remainders[$0] == level }
      let adding = min(tied.count, missing)
      for place in random.choice(of: tied.count, count: adding) { shares[tied[place]] += 1 }
      missing -= adding
    }
    return shares
  }

  /// Numbers labels that are not numbered yet, by their order as texts.
  ///
  /// The reference turns labels into text and sorts by code points, so "10" stands before "2". All
  /// splits of a subset are numbered together.
  ///
  /// - Parameter splits: the labels of the rows of every split, as texts
  /// - Returns: the distinct labels in order, and for every split the place of each row's label
  ///   among them
  package static func categories(
    of splits: [[String]]
  ) -> (names: [String], ids: [[Int]]) {
    // Bytes, since Swift's strings take é and e with an accent for equal; the order of UTF-8 bytes
    // is that of the code points.
    let texts = splits.map { $0.map { Array($0.utf8) } }
    let distinct = Set(texts.joined()).sorted { $0.lexicographicallyPrecedes($1) }
    let places = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
    return (
      distinct.map { String(decoding: $0, as: UTF8.self) },
      texts.map { $0.compactMap { places[$0] } }
    )
  }
}
