// model_meta.json: the facts about a model in the form that mteb's own tools read.

package import Core

extension ModelIdentity {
  /// The folder name of a model or revision: `/` becomes `__`, a blank becomes `_`.
  package static func folderName(_ name: String) -> String {
    name.replacing("/", with: "__").replacing(" ", with: "_")
  }

  /// The contents of `model_meta.json`; unknown facts are null.
  package var meta: JSON {
    .object([
      ("loader_kwargs", .object([])),
      ("name", .string(name)),
      ("revision", .string(revision)),
      ("release_date", .null),
      ("languages", .null),
      ("n_parameters", .optional(parameters) { .integer($0) }),
      ("n_active_parameters_override", .null),
      ("n_embedding_parameters", .optional(embeddingParameters) { .integer($0) }),
      ("memory_usage_mb", .null),
      ("max_tokens", .optional(maxTokens) { .integer($0) }),
      ("embed_dim", .integer(dimensions)),
      ("license", .null),
      ("open_weights", .null),
      ("public_training_code", .null),
      ("public_training_data", .null),
      ("framework", .array([])),
      ("reference", .null),
      ("similarity_fn_name", .string(similarity.rawValue)),
      ("use_instructions", .null),
      ("training_datasets", .null),
      ("adapted_from", .null),
      ("superseded_by", .null),
      ("modalities", .strings(["text"])),
      ("model_type", .strings(["dense"])),
      ("citation", .null),
      ("contacts", .null),
      ("experiment_kwargs", .null),
      ("output_dtypes", .null),
      ("loader", .null),
    ])
  }
}
