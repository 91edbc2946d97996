// Rows of ablations as the paper on llama-embed-nemotron-8b prints them (arXiv 2511.07025v1).

import Core
import Leaderboard

enum PaperTables {
  static let types = [
    "BitextMining", "Classification", "Clustering", "InstructionReranking",
    "MultilabelClassification", "PairClassification", "Reranking", "Retrieval", "STS",
  ].map(TaskType.init(rawValue:))

  static let footing = Ablation.Footing.printed("As printed in arXiv 2511.07025v1.")

  /// Votes, Mean (Task), Mean (TaskType) and the nine types, scores times 100.
  static func row(_ label: String, _ values: [Double]) -> Ablation.Row {
    let scores = values.map { $0 / 100 }
    return .init(
      label: label, votes: values[0], meanTask: scores[1], meanTaskType: scores[2],
      types: Array(scores[3...]))
  }

  /// Table 4: losses of a 1B model.
  static let losses = [
    row(
      "Gecko",
      [37903, 63.45, 55.86, 72.58, 65.12, 52.29, 5.28, 25.46, 80.68, 64.21, 61.20, 75.87]),
    row(
      "Qwen3",
      [36835, 62.14, 55.49, 73.50, 60.60, 54.82, 4.97, 25.22, 80.63, 64.11, 60.12, 75.41]),
    row(
      "Gemini",
      [38135, 63.83, 55.90, 73.13, 66.28, 53.04, 4.76, 24.70, 80.74, 64.26, 60.28, 75.96]),
    row(
      "Hard negatives only",
      [38225, 64.03, 56.04, 72.94, 66.99, 52.27, 5.69, 24.60, 80.77, 64.44, 60.66, 75.99]),
  ]

  /// Table 5: the model that writes the synthetic data; votes, mean, and three types of nine.
  static let generators = [
    part("none", [37348, 61.95, 62.16, 49.94, 22.40]),
    part("gpt-oss-20b", [37732, 62.54, 63.71, 50.45, 23.21]),
    part("gpt-oss-120b", [37594, 62.38, 63.12, 50.77, 22.47]),
    part("Mixtral-8x22B", [37797, 62.64, 63.67, 50.89, 22.81]),
    part("Llama-3.3-70B", [37623, 62.49, 63.15, 50.80, 22.85]),
    part("Scout", [37595, 62.21, 63.02, 50.57, 22.70]),
    part("Maverick", [37643, 62.36, 63.20, 50.51, 22.41]),
    part("equal mix of six", [37812, 62.89, 64.39, 50.95, 23.37]),
  ]

  private static func part(_ label: String, _ values: [Double]) -> Ablation.Row {
    var types = [Double?](repeating: nil, count: 9)
    for (place, value) in zip([1, 2, 4], values[2...]) { types[place] = value / 100 }
    return .init(
      label: label, votes: values[0], meanTask: values[1] / 100, meanTaskType: nil, types: types)
  }

  /// Table 7: six checkpoints and their mean.
  static let checkpoints = [
    row("1", [39167, 67.27, 59.36, 78.45, 70.17, 54.11, 10.28, 27.86, 83.25, 66.84, 64.99, 78.27]),
    row("2", [39265, 67.99, 59.78, 78.60, 71.83, 53.79, 10.42, 28.59, 83.86, 66.85, 65.77, 78.33]),
    row("3", [39336, 68.00, 59.71, 79.33, 71.78, 54.27, 9.14, 28.64, 83.76, 66.83, 64.86, 78.82]),
    row("4", [39401, 68.36, 60.18, 79.52, 71.89, 54.91, 10.32, 29.20, 83.82, 67.04, 66.15, 78.76]),
    row("5", [39435, 68.38, 60.05, 79.37, 71.87, 54.12, 9.48, 28.72, 83.91, 66.85, 67.33, 78.83]),
    row("6", [39454, 68.62, 60.37, 79.56, 72.37, 54.34, 10.80, 29.71, 83.60, 66.91, 66.99, 79.08]),
    row(
      "Merged",
      [39573, 69.46, 61.09, 81.72, 73.21, 54.35, 10.82, 29.86, 83.97, 67.78, 68.69, 79.41]),
  ]
}
