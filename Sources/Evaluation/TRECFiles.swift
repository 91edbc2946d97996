// Rankings and judgements in the formats of trec_eval, for those who score them with other tools.

import Core
import Metrics
import Storage

enum TRECFiles {
  /// `query Q0 document rank score borda`, best first: the file that trec_eval calls results.
  ///
  /// Scores have the digits that tell them apart in float32, which is how trec_eval reads them.
  static func run(_ rankings: [RankedQuery]) -> CellDetails.Attachment {
    CellDetails.Attachment(suffix: "run", pieces: rankings.count) { place in
      let query = escaped(rankings[place].queryID)
      var lines = ""
      for (rank, hit) in rankings[place].hits.enumerated() {
        lines += "\(query) Q0 \(escaped(hit.id)) \(rank + 1) \(hit.score) borda\n"
      }
      return lines
    }
  }

  /// `query 0 document grade` for every judgement of these queries.
  static func qrels(_ judgements: Judgements, queries: [String]) -> CellDetails.Attachment {
    CellDetails.Attachment(suffix: "qrels", pieces: queries.count) { place in
      let query = escaped(queries[place])
      let grades = judgements[queries[place]].sorted {
        $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
      }
      return grades.map { "\(query) 0 \(escaped($0.key)) \($0.value)\n" }.joined()
    }
  }

  /// The id without white space, which separates the columns of these files.
  ///
  /// White space, control characters and `!` become `!` and two hexadecimal digits for each of
  /// their bytes; an empty id becomes `!`. All ASCII that is escaped sorts before all that is not,
  /// so the order of ids, by which trec_eval breaks ties, stays what it was.
  static func escaped(_ id: String) -> String {
    if id.isEmpty { return "!" }
    if id.utf8.allSatisfy({ (0x22..<0x80).contains($0) }) { return id }
    var out = ""
    for scalar in id.unicodeScalars {
      if scalar.value > 0x21, !scalar.properties.isWhitespace {
        out.unicodeScalars.append(scalar)
        continue
      }
      for byte in String(scalar).utf8 {
        out += (byte < 16 ? "!0" : "!") + String(byte, radix: 16, uppercase: true)
      }
    }
    return out
  }
}
