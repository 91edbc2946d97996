// The template of every type: its columns in words, and rows that show them.

extension TaskTemplate {
  static let all: [TaskTemplate] = [
    TaskTemplate(
      type: "STS", mainScore: "cosine_spearman",
      about: ["Rows with sentence1, sentence2 and a score within score_range."],
      keys: ["score_range: [0, 5]"],
      files: [
        File(
          path: "",
          lines: [
            #"{"sentence1": "A man plays the guitar.", "sentence2": "Somebody makes music.", "score": 4.2}"#,
            #"{"sentence1": "It rains in Oslo.", "sentence2": "The weather in Oslo is wet.", "score": 4.6}"#,
            #"{"sentence1": "She reads a book.", "sentence2": "The train is late.", "score": 0.1}"#,
            #"{"sentence1": "A dog runs in the park.", "sentence2": "A cat sleeps at home.", "score": 1.2}"#,
          ])
      ]),
    TaskTemplate(
      type: "BitextMining", mainScore: "f1",
      about: ["Rows with sentence1 and sentence2, which translate each other."],
      optional: [
        "parallel: true   # one table with a column per language; the subset a-b pairs two"
      ],
      files: [
        File(
          path: "",
          lines: [
            #"{"sentence1": "Good morning.", "sentence2": "Guten Morgen."}"#,
            #"{"sentence1": "Where is the station?", "sentence2": "Wo ist der Bahnhof?"}"#,
            #"{"sentence1": "The soup is hot.", "sentence2": "Die Suppe ist heiß."}"#,
          ])
      ]),
    TaskTemplate(
      type: "Classification", mainScore: "accuracy",
      about: [
        "A folder with train.jsonl, from which a classifier learns, and test.jsonl.",
        "Rows with text and label (a text or a whole number).",
      ],
      optional: [
        "samples_per_label: 8   # training rows of each label that one experiment draws",
        "experiments: 10        # experiments whose scores are averaged",
      ],
      files: [
        File(path: "train.jsonl", lines: labelled(["food", "travel"], train)),
        File(path: "test.jsonl", lines: labelled(["food", "travel"], test)),
      ]),
    TaskTemplate(
      type: "MultilabelClassification", mainScore: "accuracy",
      about: [
        "A folder with train.jsonl, from which a classifier learns, and test.jsonl.",
        "Rows with text and label (a list, which may be empty).",
      ],
      optional: [
        "samples_per_label: 8   # training rows of each label that one experiment draws",
        "experiments: 10        # experiments whose scores are averaged",
        "evaluation_cap: 3000   # rows of an evaluated split that count; none for all",
      ],
      files: [
        File(path: "train.jsonl", lines: tagged(train)),
        File(path: "test.jsonl", lines: tagged(test)),
      ]),
    TaskTemplate(
      type: "PairClassification", mainScore: "max_ap",
      about: [
        "Rows with sentence1, sentence2 and labels: 1 for a pair that means the same, else 0."
      ],
      files: [
        File(
          path: "",
          lines: [
            #"{"sentence1": "He bought a car.", "sentence2": "He purchased a car.", "labels": 1}"#,
            #"{"sentence1": "He bought a car.", "sentence2": "He sold a car.", "labels": 0}"#,
            #"{"sentence1": "Snow fell all night.", "sentence2": "It snowed all night.", "labels": 1}"#,
            #"{"sentence1": "Snow fell all night.", "sentence2": "The sun was out.", "labels": 0}"#,
          ])
      ]),
    TaskTemplate(
      type: "Clustering", mainScore: "v_measure",
      about: ["Rows with sentences (one text) and labels (a text or a whole number)."],
      keys: ["document_cap: none"],
      optional: [
        "documents_per_bootstrap: 16384   # documents that an experiment draws",
        "experiments: 10                  # experiments whose scores are averaged",
        "max_depth: 2                     # levels of hierarchical labels (lists) that count",
      ],
      files: [
        File(
          path: "",
          lines: zip(train + test, 0...).map { text, place in
            #"{"sentences": "\#(text)", "labels": "\#(place % 2 == 0 ? "food" : "travel")"}"#
          })
      ]),
    TaskTemplate(
      type: "Summarization", mainScore: "cosine_spearman",
      about: [
        "Rows with human_summaries and machine_summaries (lists of texts) and relevance (a number",
        "for each machine summary, within score_range).",
      ],
      keys: ["score_range: [0, 5]"],
      files: [
        File(
          path: "",
          lines: [
            #"{"human_summaries": ["The bridge reopens on Monday."], "machine_summaries": ["The bridge opens again on Monday.", "A bridge is a building.", "Monday is a day."], "relevance": [4.8, 1.0, 0.5]}"#,
            #"{"human_summaries": ["Prices of bread rose by a tenth."], "machine_summaries": ["Bread became dearer by ten percent.", "Bread is baked.", "Prices changed."], "relevance": [4.9, 0.4, 2.1]}"#,
          ])
      ]),
    TaskTemplate(
      type: "Retrieval", mainScore: "ndcg_at_10", about: retrievalData,
      optional: [
        "ignore_identical_ids: true   # a document with the query's own id does not count"
      ],
      files: retrievalFiles),
    TaskTemplate(
      type: "Reranking", mainScore: "map_at_1000",
      about: retrievalData + [
        "top_ranked.jsonl has the candidates: query-id and corpus-ids (a list); a query ranks these only."
      ],
      files: retrievalFiles + [candidates(["q1", "q2"])]),
    TaskTemplate(
      type: "InstructionReranking", mainScore: "p-MRR",
      about: retrievalData + [
        "Every query is there twice, as <id>-og and <id>-changed; instruction.jsonl has query-id and",
        "instruction, top_ranked.jsonl query-id and corpus-ids (candidates), and qrel_diff.jsonl query-id",
        "(without ending) and corpus-ids that the changed instruction makes irrelevant.",
      ],
      files: instructionFiles),
  ]

  private static let train = [
    "The soup needs salt.", "The train leaves at nine.", "This bread is fresh.",
    "Our flight was delayed.", "I like ripe pears.", "The hotel is near the harbour.",
  ]
  private static let test = [
    "Dinner was too spicy.", "We missed the bus.", "He bakes a cake.", "Where is my passport?",
  ]

  private static func labelled(_ labels: [String], _ texts: [String]) -> [String] {
    zip(texts, 0...).map { text, place in
      #"{"text": "\#(text)", "label": "\#(labels[place % labels.count])"}"#
    }
  }

  /// Two labels, one, or none.
  private static func tagged(_ texts: [String]) -> [String] {
    zip(texts, 0...).map { text, place in
      #"{"text": "\#(text)", "label": [\#(place % 2 == 0 ? #""food""# : #""travel", "out""#)]}"#
    }
  }

  private static let retrievalData = [
    "A folder with corpus.jsonl (_id, text, perhaps title), queries.jsonl (_id, text) and the",
    "judgements qrels/test.tsv (query-id, corpus-id, score, with tabs between).",
  ]

  private static let documents = [
    #"{"_id": "d1", "title": "Tides", "text": "The moon pulls the sea up twice a day."}"#,
    #"{"_id": "d2", "title": "Bread", "text": "Yeast makes dough rise before it is baked."}"#,
    #"{"_id": "d3", "title": "Glass", "text": "Sand melts to glass at great heat."}"#,
  ]

  private static func judgements(_ rows: [(query: String, document: String)]) -> File {
    File(
      path: "qrels/test.tsv",
      lines: ["query-id\tcorpus-id\tscore"] + rows.map { "\($0.query)\t\($0.document)\t1" })
  }

  private static func candidates(_ queries: [String]) -> File {
    File(
      path: "top_ranked.jsonl",
      lines: queries.map { #"{"query-id": "\#($0)", "corpus-ids": ["d1", "d2", "d3"]}"# })
  }

  private static let retrievalFiles = [
    File(path: "corpus.jsonl", lines: documents),
    File(
      path: "queries.jsonl",
      lines: [
        #"{"_id": "q1", "text": "why is there high water"}"#,
        #"{"_id": "q2", "text": "what makes a loaf grow"}"#,
      ]),
    judgements([("q1", "d1"), ("q2", "d2")]),
  ]

  private static let instructionFiles = [
    File(path: "corpus.jsonl", lines: documents),
    File(
      path: "queries.jsonl",
      lines: [
        #"{"_id": "q1-og", "text": "how are things made"}"#,
        #"{"_id": "q1-changed", "text": "how are things made"}"#,
      ]),
    judgements([("q1-og", "d2"), ("q1-og", "d3"), ("q1-changed", "d2")]),
    candidates(["q1-og", "q1-changed"]),
    File(
      path: "instruction.jsonl",
      lines: [
        #"{"query-id": "q1-og", "instruction": "Anything that people make counts."}"#,
        #"{"query-id": "q1-changed", "instruction": "Only food counts."}"#,
      ]),
    File(path: "qrel_diff.jsonl", lines: [#"{"query-id": "q1", "corpus-ids": ["d3"]}"#]),
  ]
}
