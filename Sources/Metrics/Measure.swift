// The measures of a ranking, as values with a parameter: `Measure.nDCG(10)`.

package import Core

/// A measure of one query's ranking, cut after its first `cutoff` documents, in [0, 1].
///
/// With g_i the grade of the document at position i (from 1; 0 when unjudged or negative), a
/// document being relevant when its grade is above 0, and R the number of relevant documents
/// judged for the query, found or not, the definitions are trec_eval's:
package struct Measure: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable, CaseIterable {
    /// Σ_{i≤k} g_i / log2(i + 1), divided by the same sum of the best possible order of all judged
    /// documents (linear gain: Järvelin & Kekäläinen 2002). 0 without relevant documents.
    case ndcg
    /// 1/R · Σ_{i≤k, i relevant} precision at i. Divided by all of R, even if R > k.
    case map
    /// Relevant documents in the first k, divided by R.
    case recall
    /// Relevant documents in the first k, divided by k, even if fewer were ranked.
    case precision
    /// 1 / position of the first relevant document within k, else 0.
    case mrr
    /// 1 if a relevant document is in the first k, else 0.
    case hitRate = "hit_rate"
  }

  package let kind: Kind
  package let cutoff: Int

  package init(_ kind: Kind, cutoff: Int) {
    precondition(cutoff > 0, "a ranking cut after \(cutoff) documents")
    self.kind = kind
    self.cutoff = cutoff
  }

  package static func nDCG(_ cutoff: Int) -> Measure { Measure(.ndcg, cutoff: cutoff) }
  package static func map(_ cutoff: Int) -> Measure { Measure(.map, cutoff: cutoff) }
  package static func recall(_ cutoff: Int) -> Measure { Measure(.recall, cutoff: cutoff) }
  package static func precision(_ cutoff: Int) -> Measure { Measure(.precision, cutoff: cutoff) }
  package static func mrr(_ cutoff: Int) -> Measure { Measure(.mrr, cutoff: cutoff) }
  package static func hitRate(_ cutoff: Int) -> Measure { Measure(.hitRate, cutoff: cutoff) }

  /// The cut-offs that mteb reports, ascending.
  package static let cutoffs = [1, 3, 5, 10, 20, 100, 1000]

  /// The measure as result files name it: `ndcg_at_10`.
  package var metric: Metric { Metric(description) }
  package var description: String { "\(kind.rawValue)_at_\(cutoff)" }
}
