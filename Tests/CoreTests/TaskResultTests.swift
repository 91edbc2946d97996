// Result files: mteb's schema in and out.

import Core
import Testing

@Suite struct `Result files` {
  private let result = TaskResult(
    taskName: "Toy", datasetRevision: "abc", mtebVersion: nil,
    splits: [
      .init(
        name: "test",
        rows: [
          .init(
            subset: "de", languages: ["deu-Latn"], mainScore: 0.12345678,
            scores: Scores(["f1": 0.12345678, "accuracy": nil])),
          .init(subset: "fr", languages: ["fra-Latn"], mainScore: nil, scores: Scores()),
        ])
    ], evaluationTime: 1.5, date: 100.25)

  @Test func `are written with six decimals and mteb's keys`() {
    #expect(
      result.json.pretty == """
        {
          "dataset_revision": "abc",
          "task_name": "Toy",
          "mteb_version": null,
          "scores": {
            "test": [
              {
                "f1": 0.123457,
                "main_score": 0.123457,
                "hf_subset": "de",
                "languages": [
                  "deu-Latn"
                ]
              },
              {
                "main_score": null,
                "hf_subset": "fr",
                "languages": [
                  "fra-Latn"
                ]
              }
            ]
          },
          "evaluation_time": 1.5,
          "kg_co2_emissions": null,
          "date": 100.25,
          "evaluation_phases": null
        }
        """)
  }

  @Test func `read back are the same, rounded`() throws {
    let read = try TaskResult(json: result.json, file: "x")
    #expect(read.json == result.json)
    #expect(try TaskResult(json: result.exactJSON, file: "x") == result)
  }

  @Test func `carry nested lists after the scores and give them back`() throws {
    var scores = Scores(["v_measure": 0.25])
    scores.details["v_measures"] = .object([("Level 0", .numbers([0.12345678, 0.5]))])
    scores.details["chosen"] = .array([.integer(7), .null])
    var result = self.result
    result.splits[0].rows = [
      .init(subset: "de", languages: [], mainScore: 0.25, scores: scores)
    ]
    let row = try #require(result.json["scores"]?["test"]?.array?.first)
    #expect(
      row.line == """
        {"v_measure": 0.25, "v_measures": {"Level 0": [0.123457, 0.5]}, "chosen": [7, null], \
        "main_score": 0.25, "hf_subset": "de", "languages": []}
        """)
    #expect(try TaskResult(json: result.exactJSON, file: "x") == result)
    let read = try TaskResult(json: result.json, file: "x")
    #expect(read.json == result.json)
    #expect(read.splits[0].rows[0].details.keys == ["v_measures", "chosen"])
  }

  @Test func `with NaN hold an undefined score`() throws {
    let json = try JSON(
      parsing: """
        {"task_name": "T", "dataset_revision": "r", "scores": {"test": [
          {"main_score": NaN, "f1": NaN, "hf_subset": "a", "languages": [], "v": {"x": [1]}}]}}
        """, leniency: .nonFinite)
    let row = try #require(try TaskResult(json: json, file: "x").splits.first?.rows.first)
    #expect(row.mainScore == nil)
    #expect(row.scores.entries.isEmpty)
    #expect(row.details["v"]?["x"]?.array == [.integer(1)])
  }

  @Test(arguments: [
    ("{}", "no task_name"), (#"{"task_name": "T"}"#, "no scores object"),
    (#"{"task_name": "T", "scores": {"test": 1}}"#, "scores of 'test' are no list"),
    (#"{"task_name": "T", "scores": {"test": [{}]}}"#, "a row of 'test' has no hf_subset"),
    (
      #"{"task_name": "T", "scores": {"test": [{"hf_subset": "a", "languages": []}]}}"#,
      "row 'a' of 'test' has no main_score"
    ),
  ])
  func `without a mandatory key are refused by name`(text: String, problem: String) throws {
    let json = try JSON(parsing: text)
    let failure = #expect(throws: Failure.self) { try TaskResult(json: json, file: "a/T.json") }
    #expect(failure?.subject == "a/T.json")
    #expect(failure?.message == problem)
  }

  @Test func `score a task by the plain mean of all rows`() {
    var result = self.result
    result.splits[0].rows[1].mainScore = 0.5
    #expect(result.mainScore == (0.12345678 + 0.5) / 2)
    #expect(self.result.mainScore == 0.12345678)
  }
}
