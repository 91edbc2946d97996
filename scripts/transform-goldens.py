#!/usr/bin/env python3
"""What the reference makes of made-up data, for Tests/DatasetsTests/TransformGoldenTests.swift.

    HF_HUB_OFFLINE=1 python scripts/transform-goldens.py      (needs mteb 2.26.24)

Every line is a task, a subset, a split, the number of rows after the task's own dataset_transform
and the FNV-1a hash of these rows. The made-up columns follow formulae that the tests repeat.
"""

import sys

import mteb
from datasets import ClassLabel, Dataset, DatasetDict

COUNT = 2300


def column(kind, i):
    """The value of a made-up column in row i."""
    name, _, rest = kind.partition(":")
    number = (i * i * 7 + i * 3) % int(rest) if name in ("class", "name", "path") else 0
    return {
        "text": lambda: f"{rest} {i}",
        "class": lambda: number,
        "name": lambda: f"n{number}",
        "path": lambda: f"a{number % 3}.b{number}",
        "commas": lambda: f"a{i % 3},b{i % 7},c{i}",
        "flag": lambda: i % 3 != 0,
    }[name]()


def table(columns, count=COUNT, start=0):
    rows = range(start, start + count)
    return Dataset.from_dict({c: [column(kind, i) for i in rows] for c, kind in columns.items()})


def nested(columns, sizes):
    """Rows of lists, one after the other as long as `sizes`."""
    start, lists = 0, {c: [] for c in columns}
    for size in sizes:
        for c, kind in columns.items():
            lists[c].append([column(kind, i) for i in range(start, start + size)])
        start += size
    return Dataset.from_dict(lists)


def written(value):
    if isinstance(value, (list, tuple)):
        return "|".join(written(v) for v in value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def fnv(lines):
    state = 0xCBF29CE484222325
    for byte in "".join(line + "\n" for line in lines).encode():
        state = ((state ^ byte) * 0x100000001B3) % (1 << 64)
    return f"{state:016x}"


def named(rows, column, value):
    feature = rows.features[column]
    return feature.int2str(value) if isinstance(feature, ClassLabel) else value


def show(name, subset, split, rows, columns):
    if isinstance(rows, list):  # one row that holds whole lists
        rows = Dataset.from_dict(rows[0])
    # The reference numbers labels; their names are what the data said.
    lines = ["\t".join(written(named(rows, c, row[c])) for c in columns) for row in rows]
    print(f'("{name}", "{subset}", "{split}", {len(lines)}, "{fnv(lines)}"),')


LABELLED = {"text": "text:t", "label": "class:3"}
LISTS = {"sentences": "text:s", "labels": "name:5"}
SIZES = [700, 900, 700]
PLAIN = {
    "ToxicConversationsClassification": ({"test": table(LABELLED), "train": table(LABELLED, 40)}, ["text", "label"]),
    "BengaliSentimentAnalysis": ({"train": table(LABELLED)}, ["text", "label"]),
    "TweetTopicSingleClassification": (
        {"train_2021": table(LABELLED, 30), "test_2021": table(LABELLED, 20, 100)}, ["text", "label"]),
    "BigPatentClustering.v2": ({"test": table({"sentences": "text:s", "labels": "name:9"})}, ["sentences", "labels"]),
    "ArXivHierarchicalClusteringP2P": (
        {"test": nested({"sentences": "text:s", "labels": "path:12"}, SIZES)}, ["sentences", "labels"]),
    "StackExchangeClustering.v2": ({"test": nested(LISTS, SIZES)}, ["sentences", "labels"]),
    "StackExchangeClusteringP2P.v2": (
        {"test": nested({"sentences": "text:s", "labels": "name:997"}, [20, 30, 40])}, ["sentences", "labels"]),
    "MedrxivClusteringP2P.v2": ({"test": nested(LISTS, [20, 30])}, ["sentences", "labels"]),
    "TwentyNewsgroupsClustering.v2": ({"test": nested(LISTS, [7, 5])}, ["sentences", "labels"]),
    "VGHierarchicalClusteringS2S": (
        {"test": table({"ingress": "text:i", "article": "text:a", "classes": "commas:"})}, ["sentences", "labels"]),
    "VGHierarchicalClusteringP2P": (
        {"test": table({"ingress": "text:i", "article": "text:a", "classes": "commas:"})}, ["sentences", "labels"]),
    "HALClusteringS2S": (
        {"test": table({"hal_id": "text:h", "title": "text:t", "domain": "name:4"}, 103)}, ["sentences", "labels"]),
    "ToxicChatClassification": (
        {s: table({"user_input": "text:u", "toxicity": "class:2", "human_annotation": "flag:"}, n)
         for s, n in (("test", COUNT), ("train", 60))}, ["text", "label"]),
}
BY_SUBSET = {
    "XNLI": ("de", {s: table({"premise": "text:p", "hypothesis": "text:h", "label": "class:3"}) for s in ("test", "validation")},
             ["sentence1", "sentence2", "labels"]),
    "TweetSentimentClassification": ("german", {"test": table(LABELLED), "train": table(LABELLED, 30)}, ["text", "label"]),
    "MultiHateClassification": (
        "deu", {"test": table({"text": "text:t", "is_hateful": "class:2", "functionality": "name:11"})}, ["text", "label"]),
    "SIB200ClusteringS2S": (
        "eng_Latn", {s: table({"text": "text:t", "category": "name:6"}, n, k) for s, n, k in
                     (("train", 9, 0), ("validation", 5, 100), ("test", 7, 200))}, ["sentences", "labels"]),
}
MLSUM = {"text": "text:t", "title": "text:h", "topic": "name:4", "summary": "text:s", "url": "text:u", "date": "text:d"}


def fromTables(name, subsets, tables):
    """The task after its own load_data, which gets these tables where it asks the hub."""
    task = mteb.get_task(name, hf_subsets=subsets)
    module = sys.modules[type(task).__module__]

    def load_dataset(name=None, split=None, **_):
        return tables[name] if split is None else tables[name][split.split("[")[0]].select(range(256))

    for holder in (module, getattr(module, "datasets", module)):
        if hasattr(holder, "load_dataset"):
            holder.load_dataset = load_dataset
    task.load_data()
    return task


def passages():
    """Questions about passages: every passage has two questions, some questions are repeated."""
    pair = "fra_Latn-eng_Latn"
    tables = {
        language: DatasetDict(test=Dataset.from_dict({
            "link": [f"l{i * i % 17}" for i in range(60)],
            "flores_passage": [f"{language} passage {i * i % 17}" for i in range(60)],
            "question": [f"{language} question {i * 7 % 23}" for i in range(60)],
        }))
        for language in ("fra_Latn", "eng_Latn")
    }
    task = fromTables("BelebeleRetrieval", [pair], tables)
    parts = {
        "corpus": [[i, d["text"]] for i, d in task.corpus[pair]["test"].items()],
        "queries": [[i, q] for i, q in task.queries[pair]["test"].items()],
        "qrels": [[q, d, str(s)] for q, ds in task.relevant_docs[pair]["test"].items()
                  for d, s in ds.items()],
    }
    for part, rows in parts.items():
        lines = sorted("\t".join(row) for row in rows) if part == "qrels" else ["\t".join(r) for r in rows]
        print(f'("{pair}-{part}", {len(lines)}, "{fnv(lines)}"),')


def bible():
    table = {"eng-aai": DatasetDict(train=table_of_codes())}
    for subset in ("eng_Latn-aai_Latn", "aai_Latn-eng_Latn"):
        rows = fromTables("BibleNLPBitextMining", [subset], table).dataset[subset]["train"]
        show("BibleNLPBitextMining", subset, "train", rows, ["sentence1", "sentence2"])


def table_of_codes():
    return table({"eng": "text:e", "aai": "text:a"}, 300)


def main():
    bible()
    passages()
    for name, (splits, columns) in PLAIN.items():
        task = mteb.get_task(name)
        task.dataset = DatasetDict(splits)
        task.dataset_transform()
        for split in dict.fromkeys([*task.metadata.eval_splits, *({"train"} & set(task.dataset))]):
            show(name, "default", split, task.dataset[split], columns)
    for name, (subset, splits, columns) in BY_SUBSET.items():
        task = mteb.get_task(name, hf_subsets=[subset])
        task.dataset = {subset: DatasetDict(splits)}
        task.dataset_transform()
        for split in [s for s in ("train", "test", "validation") if s in task.dataset[subset]]:
            show(name, subset, split, task.dataset[subset][split], columns)
    for name in ("MLSUMClusteringP2P", "MLSUMClusteringS2S"):
        task = mteb.get_task(name, hf_subsets=["de"])
        task.dataset = {"de": DatasetDict({s: table(MLSUM, 57) for s in ("train", *task.metadata.eval_splits)})}
        task.dataset_transform("de")
        for split in task.metadata.eval_splits:
            show(name, "de", split, task.dataset["de"][split], ["sentences", "labels"])


if __name__ == "__main__":
    main()
