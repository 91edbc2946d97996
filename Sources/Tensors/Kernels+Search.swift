// Kernels of the exact search, for `TopHits`.

internal import CKernels

extension Kernels {
  /// Offers a block of scores, [rows, queries], to the lists of the best.
  ///
  /// Only `TopHits` calls it.
  func updateTop(
    scores: borrowing Matrix, rows: Int, queries: Int, firstID: Int32, lists: inout TopHits.Lists
  ) {
    precondition(
      rows <= scores.rows && queries <= scores.columns,
      "scores [\(rows), \(queries)] of [\(scores.rows), \(scores.columns)]")
    let lengths = (lists.counts.count, lists.thresholds.count)
    let room = (lists.scores.count, lists.ids.count)
    precondition(
      lengths == (queries, queries) && room == (queries * lists.limit, queries * lists.limit),
      "\(queries) queries for lists of \(lengths) with \(lists.limit) places in \(room)")
    lists.scores.withUnsafeMutableBufferPointer { best in
      lists.ids.withUnsafeMutableBufferPointer { ids in
        lists.counts.withUnsafeMutableBufferPointer { counts in
          lists.thresholds.withUnsafeMutableBufferPointer { thresholds in
            ck_topk_update(
              isa, rows, queries, scores.base, scores.columns, firstID, lists.limit,
              best.baseAddress, ids.baseAddress, counts.baseAddress, thresholds.baseAddress)
          }
        }
      }
    }
  }

  /// Puts every list in order, best first.
  func sortTop(_ lists: inout TopHits.Lists) {
    lists.scores.withUnsafeMutableBufferPointer { best in
      lists.ids.withUnsafeMutableBufferPointer { ids in
        lists.counts.withUnsafeBufferPointer { counts in
          ck_topk_sort(
            isa, counts.count, lists.limit, best.baseAddress, ids.baseAddress, counts.baseAddress)
        }
      }
    }
  }
}
