"""Turns a Llama-shaped GGUF file into a checkpoint folder that Borda (or any other tool) reads.

    python3 scripts/gguf_to_checkpoint.py MODEL.gguf FOLDER [--max-tokens 128]

The numbers of the file (F32, F16, Q8_0, Q4_0, Q4_1) become bfloat16, the byte-level BPE vocabulary
becomes a tokenizer.json, and the folder says: a bidirectional mask, mean pooling, normalised vectors.
A language model with its mask taken away is no good embedding model before it is trained on; it is a
real network with a real vocabulary to test an engine with. Needs numpy; see docs/gguf.md.
"""
import argparse
import json
import struct
import sys
from pathlib import Path

import numpy as np

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
# Bytes of a block of 32 numbers, or of one number, by the type's code.
F32, F16, Q4_0, Q4_1, Q8_0 = 0, 1, 2, 3, 8
CONTROL_TOKEN = 3


class Reader:
    """Little-endian values from a file, in turn."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def bytes(self, count):
        if self.place + count > len(self.data):
            raise ValueError("the file ends too early")
        self.place += count
        return self.data[self.place - count:self.place]

    def scalar(self, form):
        return struct.unpack("<" + form, self.bytes(struct.calcsize(form)))[0]

    def text(self):
        return bytes(self.bytes(self.scalar("Q"))).decode()

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            kind, count = self.scalar("I"), self.scalar("Q")
            return [self.value(kind) for _ in range(count)]
        return self.scalar(SCALARS[kind])


def read(path):
    """The facts of the file, and its tensors as (shape, type, bytes)."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    reader = Reader(memoryview(data))
    if bytes(reader.bytes(4)) != b"GGUF" or reader.scalar("I") not in (2, 3):
        raise ValueError("no GGUF file of version 2 or 3")
    tensor_count, fact_count = reader.scalar("Q"), reader.scalar("Q")
    facts = {}
    for _ in range(fact_count):
        key = reader.text()
        facts[key] = reader.value(reader.scalar("I"))
    places = []
    for _ in range(tensor_count):
        name = reader.text()
        shape = [reader.scalar("Q") for _ in range(reader.scalar("I"))][::-1]  # fastest axis first
        places.append((name, shape, reader.scalar("I"), reader.scalar("Q")))
    alignment = facts.get("general.alignment", 32)
    start = -(-reader.place // alignment) * alignment
    return facts, {name: (shape, kind, data[start + offset:]) for name, shape, kind, offset in places}


def numbers(shape, kind, data):
    """A tensor as float32."""
    count = int(np.prod(shape))
    if kind in (F32, F16):
        form = "<f4" if kind == F32 else "<f2"
        return data[:count * int(form[-1])].view(form).astype(np.float32).reshape(shape)
    if kind not in (Q4_0, Q4_1, Q8_0) or count % 32:
        raise ValueError(f"tensors of type {kind} are not read")
    head = 4 if kind == Q4_1 else 2
    body = 32 if kind == Q8_0 else 16
    blocks = np.array(data[:count // 32 * (head + body)]).reshape(-1, head + body)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    if kind == Q8_0:
        return (scale * blocks[:, 2:].copy().view(np.int8)).astype(np.float32).reshape(shape)
    # The low halves are the first 16 numbers of a block, the high halves the others.
    packed = blocks[:, head:]
    values = np.concatenate([packed & 15, packed >> 4], axis=1).astype(np.float32)
    if kind == Q4_0:
        return (scale * (values - 8)).reshape(shape)
    return (scale * values + blocks[:, 2:4].copy().view("<f2").astype(np.float32)).reshape(shape)


def halves_together(weight, heads):
    """Rows of queries or keys in the order for rotating halves; GGUF holds neighbours together."""
    rows, columns = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


def bfloat16(values):
    """Rounded to the nearest, ties to even."""
    bits = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def weights(facts, tensors):
    heads, groups = facts["llama.attention.head_count"], facts["llama.attention.head_count_kv"]
    names = {"token_embd.weight": "embed_tokens.weight", "output_norm.weight": "norm.weight"}
    for layer in range(facts["llama.block_count"]):
        for theirs, ours in [
            ("attn_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm"),
            ("attn_q", "self_attn.q_proj"), ("attn_k", "self_attn.k_proj"), ("attn_v", "self_attn.v_proj"),
            ("attn_output", "self_attn.o_proj"), ("ffn_gate", "mlp.gate_proj"), ("ffn_up", "mlp.up_proj"),
            ("ffn_down", "mlp.down_proj"),
        ]:
            names[f"blk.{layer}.{theirs}.weight"] = f"layers.{layer}.{ours}.weight"
    missing = set(names) - set(tensors)
    if missing:
        raise ValueError(f"has no tensor {sorted(missing)[0]}")
    for theirs, ours in sorted(names.items(), key=lambda pair: pair[1]):
        values = numbers(*tensors[theirs])
        if ".attn_q." in theirs:
            values = halves_together(values, heads)
        if ".attn_k." in theirs:
            values = halves_together(values, groups)
        yield ours, values


def write_safetensors(path, tensors):
    header, parts, place = {}, [], 0
    for name, values in tensors:
        data = bfloat16(values).tobytes()
        header[name] = {"dtype": "BF16", "shape": list(values.shape), "data_offsets": [place, place + len(data)]}
        parts.append(data)
        place += len(data)
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for part in parts:
            file.write(part)


def tokenizer(facts):
    """The vocabulary as the usual conversion of GGUF files makes it: GPT-2's pattern, nothing around a text."""
    if facts["tokenizer.ggml.model"] != "gpt2":
        raise ValueError(f"vocabularies of kind {facts['tokenizer.ggml.model']} are not read")
    tokens, kinds = facts["tokenizer.ggml.tokens"], facts["tokenizer.ggml.token_type"]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": i, "content": token, **flags}
            for i, (token, kind) in enumerate(zip(tokens, kinds)) if kind == CONTROL_TOKEN],
        "normalizer": None, "pre_tokenizer": byte_level, "post_processor": None, "decoder": byte_level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {token: i for i, token in enumerate(tokens)}, "merges": facts["tokenizer.ggml.merges"]},
    }


def settings(facts, max_tokens):
    """The small files, by path."""
    hidden, heads = facts["llama.embedding_length"], facts["llama.attention.head_count"]
    names = facts["tokenizer.ggml.tokens"]
    special = {
        key: names[facts[f"tokenizer.ggml.{fact}_token_id"]]
        for key, fact in [("bos_token", "bos"), ("eos_token", "eos"), ("unk_token", "unknown"), ("pad_token", "padding")]
        if f"tokenizer.ggml.{fact}_token_id" in facts}
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    return {
        "config.json": {
            "architectures": ["LlamaModel"], "model_type": "llama", "is_causal": False, "hidden_act": "silu",
            "hidden_size": hidden, "intermediate_size": facts["llama.feed_forward_length"],
            "max_position_embeddings": facts["llama.context_length"], "num_attention_heads": heads,
            "num_hidden_layers": facts["llama.block_count"],
            "num_key_value_heads": facts["llama.attention.head_count_kv"],
            "head_dim": facts.get("llama.rope.dimension_count", hidden // heads),
            "rms_norm_eps": facts["llama.attention.layer_norm_rms_epsilon"], "rope_scaling": None,
            "rope_theta": facts.get("llama.rope.freq_base", 10000.0), "tie_word_embeddings": True,
            "torch_dtype": "bfloat16", "vocab_size": len(names)},
        "modules.json": [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (path, kind) in enumerate(modules)],
        "1_Pooling/config.json": {"word_embedding_dimension": hidden, "pooling_mode_mean_tokens": True},
        "sentence_bert_config.json": {"max_seq_length": max_tokens, "do_lower_case": False},
        "tokenizer.json": tokenizer(facts),
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "padding_side": "left",
            "model_max_length": facts["llama.context_length"], **special},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gguf", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--max-tokens", type=int, default=128, help="longest text, in tokens")
    arguments = parser.parse_args()
    try:
        facts, tensors = read(arguments.gguf)
        if facts.get("general.architecture") != "llama":
            raise ValueError(f"holds a model of kind {facts.get('general.architecture')}, not llama")
        small = settings(facts, arguments.max_tokens)
        for path, content in small.items():
            (arguments.folder / path).parent.mkdir(parents=True, exist_ok=True)
            (arguments.folder / path).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        write_safetensors(arguments.folder / "model.safetensors", weights(facts, tensors))
    except (OSError, ValueError, KeyError, struct.error) as error:
        sys.exit(f"{arguments.gguf}: {error}")


if __name__ == "__main__":
    main()
