# Made-up data sets, and what the reference scores on them with a made-up encoder.
#
# Run in this folder, with mteb 2.26.24 installed:
#   HF_HUB_OFFLINE=1 python generate.py
# It writes the data folders (their texts mean nothing) and expected.json: every number that mteb
# computes, before it rounds for its result files. MadeUpDataTests.swift holds Borda against it.
#
# The encoder is the one of TestSupport/ToyEmbedder.swift: vectors from the bytes of a text, equal
# to the last bit in both programs.

import json
import os
import pathlib
import random

import numpy as np

HERE = pathlib.Path(__file__).parent
DIMENSIONS = 4


def vector(text):
    state = 0xCBF29CE484222325
    for byte in text.encode():
        state = (state ^ byte) * 0x100000001B3 % 2**64
    values = []
    for _ in range(DIMENSIONS):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        values.append((state >> 40) / 2**24 - 0.5)
    return np.array(values, dtype=np.float32)


# Data

def write(task, name, rows):
    path = HERE / task / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def card(task, configurations):
    lines = ["---", "configs:"]
    for name, split, path in configurations:
        lines += [f"- config_name: {name}", "  data_files:", f"  - split: {split}", f"    path: {path}"]
    (HERE / task / "README.md").write_text("\n".join(lines + ["---", ""]))


def ranking_card(task, extra=()):
    names = [("corpus", "corpus"), ("queries", "queries"), ("default", "test"), ("top_ranked", "top_ranked"), *extra]
    card(task, [(name, split, f"{name}.jsonl") for name, split in names])


def documents(count):
    return [
        {"_id": f"d{i}", "title": f"Title {i}" if i % 3 else "", "text": f" a made-up document, number {i} "}
        for i in range(count)
    ]


def judged(draw, queries, lists):
    return [
        {"query-id": query, "corpus-id": document, "score": draw.choice([0, 0, 1, 2])}
        for query in queries
        for document in lists[query]
    ]


def make_reranking():
    draw = random.Random(1)
    task, queries = "Reranking", [f"q{i}" for i in range(12)]
    lists = {query: [f"d{i}" for i in draw.sample(range(40), 9)] for query in queries}
    write(task, "corpus.jsonl", documents(50))
    write(task, "queries.jsonl", [{"_id": q, "text": f"the question {q} "} for q in [*queries, "unjudged"]])
    write(task, "default.jsonl", judged(draw, queries, lists))
    # q3 lists nothing, q4 has no list, q5 lists a document twice, q6 a single one.
    lists["q3"] = []
    del lists["q4"]
    lists["q5"].append(lists["q5"][0])
    lists["q6"] = lists["q6"][:1]
    rows = [{"query-id": q, "corpus-ids": ids} for q, ids in lists.items()]
    write(task, "top_ranked.jsonl", [*rows, {"query-id": "unjudged", "corpus-ids": ["no such document"]}])
    ranking_card(task)


def make_subqueries():
    draw = random.Random(2)
    task = "Subqueries"
    wholes = {f"user_{i}": [f"d{k}" for k in draw.sample(range(30), 8)] for i in range(6)}
    queries = [f"{whole}_{k}" for i, whole in enumerate(wholes) for k in range(1 + i % 4)]
    draw.shuffle(queries)
    lists = {query: wholes[query.rpartition("_")[0]] for query in queries}
    grades = {whole: [draw.choice([0, 0, 1]) for _ in ids] for whole, ids in wholes.items()}
    write(task, "corpus.jsonl", documents(30))
    write(task, "queries.jsonl", [{"_id": q, "text": f"read before: {q}"} for q in queries])
    write(task, "default.jsonl", [
        {"query-id": q, "corpus-id": d, "score": g}
        for q in queries for d, g in zip(lists[q], grades[q.rpartition("_")[0]])
    ])
    write(task, "top_ranked.jsonl", [{"query-id": q, "corpus-ids": ids} for q, ids in lists.items()])
    ranking_card(task)


def make_instructions():
    draw = random.Random(3)
    task, bare = "Instructions", [str(i) for i in range(300, 308)]
    queries = [f"{q}-{half}" for q in bare for half in ("og", "changed")]
    lists = {}
    for q in bare:
        lists[f"{q}-og"] = lists[f"{q}-changed"] = [f"d{i}" for i in draw.sample(range(30), 10)]
    write(task, "corpus.jsonl", documents(30))
    write(task, "queries.jsonl", [{"_id": q, "text": f"topic {q[:3]}"} for q in queries])
    write(task, "instruction.jsonl", [
        {"query-id": q, "instruction": f"wanted is what {q} asks for"} for q in queries
    ])
    write(task, "default.jsonl", judged(draw, queries, lists))
    write(task, "top_ranked.jsonl", [{"query-id": q, "corpus-ids": ids} for q, ids in lists.items()])
    # 306 loses a document that it does not rank, 307 loses none, 399 is no query.
    lost = {q: draw.sample(lists[f"{q}-og"], 3) for q in bare}
    lost["306"].append("d29" if "d29" not in lists["306-og"] else "d28" if "d28" not in lists["306-og"] else "d27")
    lost["307"] = []
    lost["399"] = ["d1"]
    write(task, "qrel_diff.jsonl", [{"query-id": q, "corpus-ids": ids} for q, ids in lost.items()])
    ranking_card(task, [("instruction", "instruction"), ("qrel_diff", "qrel_diff")])


def make_summaries():
    draw = random.Random(4)
    rows = []
    for i in range(10):
        machine = [f"machine summary {k} of text {i}" for k in range(3 + i % 4)]
        rows.append({
            "text": f"text {i}",
            "human_summaries": [f"human summary {k} of text {i}" for k in range(1 + i % 3)],
            "machine_summaries": machine,
            "relevance": [draw.choice([1.0, 2.0, 2.5, 3.3333, 4.75, 5.0]) for _ in machine],
        })
    # Text 3 has equal ratings, text 4 equal summaries, text 5 two summaries alike.
    rows[3]["relevance"] = [2.0] * len(rows[3]["relevance"])
    rows[4]["machine_summaries"] = ["always the same"] * len(rows[4]["relevance"])
    rows[5]["machine_summaries"][1] = rows[5]["machine_summaries"][0]
    write("Summaries", "test.jsonl", rows)
    card("Summaries", [("default", "test", "test.jsonl")])


def make_pairs():
    draw = random.Random(5)
    first = [f"left {i % 25}" for i in range(60)]
    # Every pair of texts is met more than once, with both labels: ties.
    second = [f"right {i % 20}" if i % 7 else first[i] for i in range(60)]
    pairs = list(zip(first, second)) * 2
    draw.shuffle(pairs)
    row = {
        "sentence1": [a for a, _ in pairs],
        "sentence2": [b for _, b in pairs],
        "labels": [draw.choice([0, 1]) for _ in pairs],
    }
    write("Pairs", "test.jsonl", [row])
    card("Pairs", [("default", "test", "test.jsonl")])


def make_labels():
    # More evaluated rows than the tasks take: 90 cut to about 40, by pairs of labels; some without any.
    draw = random.Random(6)
    names = ["dry", "fair", "rain", "snow", "é", "z"]

    def rows(kind, count):
        return [
            {"text": f"{kind} {i}", "label": draw.sample(names, draw.choice([0, 1, 1, 2, 2, 3]))}
            for i in range(count)
        ]

    write("Labels", "train.jsonl", rows("train", 70))
    write("Labels", "test.jsonl", rows("test", 90))
    card("Labels", [("default", "train", "train.jsonl"), ("default", "test", "test.jsonl")])
    # The card names one configuration with two splits.
    text = (HERE / "Labels/README.md").read_text().replace("- config_name: default\n  data_files:\n", "")
    (HERE / "Labels/README.md").write_text(
        text.replace("configs:\n", "configs:\n- config_name: default\n  data_files:\n"))


# Scores

def scores():
    import mteb
    from mteb.abstasks import (
        AbsTaskMultilabelClassification, AbsTaskPairClassification, AbsTaskRetrieval)
    from mteb.abstasks.task_metadata import TaskMetadata
    from mteb.abstasks.text.summarization import AbsTaskSummarization
    from mteb.models.abs_encoder import AbsEncoder
    from mteb.models.model_meta import ModelMeta, ScoringFunction
    from mteb.tasks import Core17InstructionRetrieval, MindSmallReranking, SummEvalFrSummarization

    class Toy(AbsEncoder):
        def __init__(self, similarity):
            self.model = None
            self.mteb_model_meta = ModelMeta.create_empty({"name": "toy/model", "revision": "1"})
            self.mteb_model_meta.similarity_fn_name = ScoringFunction(similarity)

        def encode(self, inputs, **_):
            return np.stack([vector(text) for batch in inputs for text in batch["text"]])

    def metadata(folder, kind, main_score):
        return TaskMetadata(
            name=f"Toy{folder}", description="made up", reference=None,
            dataset={"path": str(HERE / folder), "revision": "1"}, type=kind, category="t2t",
            modalities=["text"], eval_splits=["test"], eval_langs=["eng-Latn"], main_score=main_score,
        )

    def task(base, folder, kind, main_score, **more):
        facts = metadata(folder, kind, main_score)
        return type(f"Toy{folder}", (base,), {"metadata": facts, **more})()

    def run(task, similarity="cosine"):
        task.load_data()
        return task.evaluate(Toy(similarity), "test", encode_kwargs={"batch_size": 8})["default"]

    ranges = {"min_score": 0, "max_score": 5}
    labels = ("Labels", "MultilabelClassification", "accuracy")
    summaries = ("Summaries", "Summarization", "cosine_spearman")
    return {
        "Reranking": run(task(AbsTaskRetrieval, "Reranking", "Reranking", "map_at_1000")),
        "Subqueries": run(
            task(MindSmallReranking, "Subqueries", "Reranking", "max_over_subqueries_map_at_1000")),
        "Instructions": run(
            task(Core17InstructionRetrieval, "Instructions", "InstructionReranking", "p-MRR")),
        "Summaries": run(task(AbsTaskSummarization, *summaries, **ranges)),
        "Summaries dot": run(task(AbsTaskSummarization, *summaries, **ranges), "dot"),
        "Summaries with p-values": run(task(SummEvalFrSummarization, *summaries, **ranges)),
        "Pairs": run(task(AbsTaskPairClassification, "Pairs", "PairClassification", "max_ap")),
        "Labels": run(task(AbsTaskMultilabelClassification, *labels, max_eval_samples=40)),
        "Labels uncut": run(task(AbsTaskMultilabelClassification, *labels, max_eval_samples=None)),
        "Pairs dot": run(task(AbsTaskPairClassification, "Pairs", "PairClassification", "max_ap"), "dot"),
    }


def plain(value):
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    value = float(value) if isinstance(value, (float, np.floating)) else value
    return None if value != value else value


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    for make in (make_reranking, make_subqueries, make_instructions, make_summaries, make_pairs,
                 make_labels):
        make()
    (HERE / "expected.json").write_text(json.dumps(plain(scores()), indent=1) + "\n")
