"""Exports a BERT-shaped sentence-transformers folder to ONNX in f32 with free batch and length axes."""
import argparse
import os
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import torch  # noqa: E402  (the environment is set first)
from transformers import AutoModel  # noqa: E402

INPUTS, OUTPUT = ["input_ids", "attention_mask", "token_type_ids"], "last_hidden_state"


class TokenVectors(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask, types):
        return self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state


arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("model")
arguments.add_argument("output")
options = arguments.parse_args()
# Eager attention exports to the plain products and softmax that onnxruntime knows how to fuse.
model = AutoModel.from_pretrained(options.model, attn_implementation="eager", dtype=torch.float32).eval()
example = torch.ones(2, 7, dtype=torch.long)
torch.onnx.export(
    TokenVectors(model), (example, example, example * 0), options.output, dynamo=False, opset_version=17,
    input_names=INPUTS, output_names=[OUTPUT],
    dynamic_axes={name: {0: "batch", 1: "length"} for name in [*INPUTS, OUTPUT]})
