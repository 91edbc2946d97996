"""One reference engine, kept loaded: answers each line on standard input with one timed round.

Owns how sentence-transformers and onnxruntime are driven. A round covers strings to vectors
(tokenising included, loading not) on two threads in f32. After loading and one warm-up round the
engine prints a line about itself; then one JSON line a round: {engine, wall_s, cpu_s, texts, tokens}.
"""
import argparse
import json
import os
import sys
import time

os.environ["HF_HUB_OFFLINE"] = "1"
THREADS, BATCH = 2, 32

import numpy as np  # noqa: E402  (the environment is set first)


def read_texts(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line)["text"] for line in file]


def sequence_limit(model):
    with open(os.path.join(model, "sentence_bert_config.json"), encoding="utf-8") as file:
        return json.load(file)["max_seq_length"]


def tokenizer(model):
    from tokenizers import Tokenizer
    loaded = Tokenizer.from_file(os.path.join(model, "tokenizer.json"))
    loaded.no_padding()
    loaded.enable_truncation(sequence_limit(model))
    return loaded


def sentence_transformers(options):
    """The library as its documentation uses it: encode() with its defaults, batches of 32."""
    import sentence_transformers
    import torch
    torch.set_num_threads(THREADS)
    model = sentence_transformers.SentenceTransformer(options.model, device="cpu")
    versions = f"sentence-transformers {sentence_transformers.__version__}, torch {torch.__version__}"
    return versions, lambda texts: model.encode(texts, show_progress_bar=False)


def onnxruntime(options):
    """The exported graph with onnxruntime's own optimisations; batches of 32 by length, padded to the longest."""
    import onnxruntime
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(options.onnx, settings, providers=["CPUExecutionProvider"])
    encoder = tokenizer(options.model)

    def encode(texts):
        tokens = encoder.encode_batch(texts)
        order = list(range(len(texts)))
        if options.order == "length":
            order.sort(key=lambda i: len(tokens[i].ids))
        result = None
        for start in range(0, len(order), BATCH):
            rows = order[start:start + BATCH]
            ids = np.zeros((len(rows), max(len(tokens[i].ids) for i in rows)), np.int64)
            mask = np.zeros_like(ids)
            for row, index in enumerate(rows):
                length = len(tokens[index].ids)
                ids[row, :length] = tokens[index].ids
                mask[row, :length] = 1
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            hidden = session.run(None, inputs)[0]
            weights = mask[:, :, None].astype(np.float32)
            pooled = (hidden * weights).sum(1) / weights.sum(1)
            pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
            if result is None:
                result = np.empty((len(texts), pooled.shape[1]), np.float32)
            result[rows] = pooled
        return result

    return f"onnxruntime {onnxruntime.__version__}", encode


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--engine", choices=["sentence-transformers", "onnxruntime"], required=True)
    arguments.add_argument("--model", required=True, help="sentence-transformers folder")
    arguments.add_argument("--onnx", help="the same model exported by export.py")
    arguments.add_argument("--texts", required=True, help='JSON lines {"text": ...}')
    arguments.add_argument("--order", choices=["length", "given"], default="length",
                           help="how onnxruntime's batches are made up")
    arguments.add_argument("--output", help="where to write the warm-up round's vectors (.npy)")
    options = arguments.parse_args()
    texts = read_texts(options.texts)
    versions, encode = {"sentence-transformers": sentence_transformers, "onnxruntime": onnxruntime}[options.engine](options)
    vectors = encode(texts)
    if options.output:
        np.save(options.output, vectors.astype(np.float32))
    lengths = [len(encoding.ids) for encoding in tokenizer(options.model).encode_batch(texts)]
    print(json.dumps({"engine": options.engine, "versions": versions, "tokens": sum(lengths),
                      "tokens_squared": sum(n * n for n in lengths)}), flush=True)
    for _ in sys.stdin:
        wall, cpu = time.perf_counter(), time.process_time()
        encode(texts)
        print(json.dumps({"engine": options.engine, "wall_s": time.perf_counter() - wall,
                          "cpu_s": time.process_time() - cpu, "texts": len(texts), "tokens": sum(lengths)}), flush=True)


if __name__ == "__main__":
    main()
