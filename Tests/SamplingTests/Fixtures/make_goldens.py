"""Records streams.json, cuts.json and multilabel_cuts.json beside this file.

Run with Python that has mteb 2.26.24 (numpy 2.4.6, datasets 5.2.0) installed:
    HF_HUB_OFFLINE=1 python make_goldens.py
facts.json is a copy of shared/facts/rng_test_vectors.json.
"""

import json
import pathlib
import random
import sys

import datasets
import mteb
import numpy as np
from mteb.abstasks import abstask

HERE = pathlib.Path(__file__).parent
MADE = {
    "made_by": "make_goldens.py",
    "python": sys.version.split()[0],
    "numpy": np.__version__,
    "datasets": datasets.__version__,
    "mteb": "2.26.24",
}


def short(values):
    """The length, the first numbers and a digest of a list."""
    values = [int(v) for v in values]
    digest = 0
    for v in values:
        digest = (digest * 1000003 + v) % 2**31
    return {"count": len(values), "head": values[:8], "digest": digest}


def save(name, **content):
    lines = []
    for key, value in {**MADE, **content}.items():
        if isinstance(value, list):
            rows = ",\n  ".join(json.dumps(v) for v in value)
            lines.append(f' "{key}": [\n  {rows}\n ]')
        else:
            lines.append(f' "{key}": {json.dumps(value)}')
    (HERE / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")


# --- streams: scripts of calls, so that the position in the stream is tested, too ---


def play(generator, call, n, k):
    g = generator
    if isinstance(g, random.Random):
        return {
            "uniform": lambda: [g.random()],
            "below": lambda: [g.randrange(n)],
            "sample": lambda: g.sample(range(n), k=k),
            "choices": lambda: g.choices(range(n), k=k),
        }[call]()
    if call == "shuffle":
        items = list(range(100, 100 + n))
        g.shuffle(items)
        return items
    if isinstance(g, np.random.RandomState):
        return {
            "u32": lambda: [int.from_bytes(g.bytes(4), "little")],
            "uniform": lambda: [g.random_sample()],
            "below": lambda: [g.randint(0, n)],
            "integers": lambda: g.randint(0, n, k),
            "uniforms": lambda: g.random_sample(k),
            "permutation": lambda: g.permutation(n),
        }[call]()
    return {
        "u32": lambda: [int(g.integers(0, 2**32, dtype=np.uint32))],
        "uniform": lambda: [g.random()],
        "permutation": lambda: g.permutation(n),
        "choice": lambda: g.choice(n, k, replace=False),
    }[call]()


MAKERS = {
    "python": random.Random,
    "numpy_legacy": np.random.RandomState,
    "pcg64": np.random.default_rng,
}


def stream(kind, seed, *calls):
    generator = MAKERS[kind](seed)
    steps = []
    for call, *sizes in calls:
        n, k = (sizes + [0, 0])[:2]
        values = play(generator, call, n, k)
        step = {"call": call, "n": n, "k": k}
        if call.startswith("uniform"):
            step["doubles"] = [float(v) for v in values]
        else:
            step |= short(values)
        steps.append(step)
    return {"generator": kind, "seed": seed, "steps": steps}


def streams():
    python = [
        [("uniform",), ("below", 1), ("below", 2), ("below", 3), ("below", 2**31), ("uniform",)],
        # Both sides of the border between the pool and the set: 21, 85 and 277 entries.
        [("sample", 21, 5), ("sample", 22, 5), ("sample", 85, 6), ("sample", 86, 6), ("uniform",)],
        [("sample", 85, 21), ("sample", 85, 22), ("sample", 277, 22), ("sample", 278, 22)],
        [("sample", 0, 0), ("sample", 1, 1), ("choices", 1, 3), ("sample", 300, 300), ("uniform",)],
        [("choices", 2048, 16384), ("sample", 53787, 2151), ("choices", 2151, 16384), ("below", 9)],
    ]
    legacy = [
        [("u32",), ("uniform",), ("u32",), ("uniforms", 0, 3), ("below", 2**31), ("below", 2**32)],
        [("below", 1), ("below", 2), ("integers", 3, 9), ("integers", 1, 4), ("uniform",)],
        [("permutation", 0), ("permutation", 1), ("shuffle", 2), ("shuffle", 77), ("uniform",)],
        [("integers", 16384, 1536), ("permutation", 16384), ("integers", 1000, 700), ("u32",)],
    ]
    pcg = [
        [("u32",), ("uniform",), ("u32",), ("u32",), ("uniform",), ("u32",)],
        [("permutation", 0), ("permutation", 1), ("shuffle", 2), ("shuffle", 77), ("uniform",)],
        [("permutation", 30000), ("shuffle", 1039), ("shuffle", 1039), ("u32",)],
        [("choice", 1, 1), ("choice", 5, 0), ("choice", 5, 5), ("choice", 9, 4), ("u32",)],
        # Floyd's method up to n = 10000 or k = n/50, beyond both the tail of a shuffle.
        [("choice", 10000, 9000), ("choice", 10001, 200), ("choice", 10001, 201), ("u32",)],
        [("choice", 20000, 20000), ("choice", 20000, 19999), ("choice", 3000, 3000), ("u32",)],
    ]
    cases = []
    for kind, scripts in [("python", python), ("numpy_legacy", legacy), ("pcg64", pcg)]:
        seeds = [42, 0, 1, 4294967295] + ([4294967296, 2**62 + 12345] if kind != "numpy_legacy" else [])
        for i, script in enumerate(scripts):
            for seed in [42] + [seeds[1 + i % (len(seeds) - 1)]]:
                cases.append(stream(kind, seed, *script))
        for seed in seeds[1:]:
            cases.append(stream(kind, seed, ("uniform",), ("uniform",)))
    save("streams.json", cases=cases)


# --- cuts ---

# The category of row i; the same formulas stand in CutTests.swift.
CATEGORIES = {
    "even": lambda i: i % 3,
    "skewed": lambda i: (i * i * 7 + i // 3) % 11 * ((i * 5) % 7 // 2),
    "rare": lambda i: 9 if i in (5, 17) else i * 7919 % 4,
    "many": lambda i: (i * 7919 + i // 7) % 77,
}


def table(categories):
    ids = sorted(set(categories))
    data = datasets.Dataset.from_dict(
        {"row": list(range(len(categories))), "label": [ids.index(c) for c in categories]}
    )
    return data.cast_column("label", datasets.ClassLabel(names=[str(c) for c in ids]))


def cuts():
    stratified = []
    for name, rows, train, test in [
        ("even", 30, None, 9), ("even", 31, None, 10), ("even", 5000, None, 2048),
        ("skewed", 400, None, 100), ("skewed", 3001, None, 2048), ("skewed", 20000, None, 256),
        ("rare", 300, None, 40), ("rare", 4000, None, 2048), ("many", 13083, None, 3080),
        ("many", 3728, 1000, 1000), ("skewed", 3728, 1000, 1000), ("rare", 500, 7, 300),
        ("even", 30000, None, 20000),
    ]:
        categories = [CATEGORIES[name](i) for i in range(rows)]
        halves = table(categories).train_test_split(
            train_size=train, test_size=test, seed=42, stratify_by_column="label"
        )
        stratified.append({
            "categories": name, "rows": rows, "asked_train": rows - test if train is None else train,
            "asked_test": test, "train": short(halves["train"]["row"]),
            "test": short(halves["test"]["row"]),
        })
    plain = []
    for rows, test in [(10, 3), (2049, 2048), (50000, 2048)]:
        halves = datasets.Dataset.from_dict({"row": list(range(rows))}).train_test_split(
            test_size=test, seed=42
        )
        shuffled = datasets.Dataset.from_dict({"row": list(range(rows))}).shuffle(seed=42)
        plain.append({
            "rows": rows, "size": test, "test": short(halves["test"]["row"]),
            "shuffled": short(shuffled["row"]),
        })
    # Whole numbers as labels, in two splits with different labels: category ids are shared.
    splits = datasets.DatasetDict({
        name: datasets.Dataset.from_dict({"row": list(range(rows)), "label": [
            (i * i + shift) % 23 for i in range(rows)]})
        for name, rows, shift in [("train", 40, 0), ("test", 120, 5)]
    })
    numbered = abstask.AbsTask.stratified_subsampling(splits, seed=42, splits=["test"], n_samples=31)
    save(
        "cuts.json", stratified=stratified, unstratified=plain,
        numbered=[{
            "names": numbered["test"].features["label"].names,
            "train_ids": short(numbered["train"]["label"]),
            "test_rows": short(numbered["test"]["row"]), "test_ids": short(numbered["test"]["label"]),
        }],
    )


# --- multilabel cuts ---

# Whether row i has label j; the same formulas stand in IterativeStratificationTests.swift.
MEMBERSHIP = {
    "sparse": lambda i, j: (i * 7919 + j * 104729 + i * j) % (13 + 3 * j) == 0,
    "dense": lambda i, j: (i * i + 31 * i * j + j) % 5 < 2,
    "single": lambda i, j: (i * 7919 + i // 7) % 9 == j,
    "few": lambda i, j: (i * 7919 + j * j * 31 + i * i) % 101 == 0,
}


def multilabel_cuts():
    cases = []
    for name, labels, rows, size in [
        ("sparse", 8, 30, 10), ("sparse", 20, 400, 100), ("sparse", 28, 3400, 3000),
        ("dense", 4, 40, 20), ("dense", 9, 500, 250), ("single", 9, 100, 33),
        ("single", 9, 64, 32), ("few", 12, 600, 200), ("few", 6, 3100, 3000),
        ("sparse", 40, 6000, 3000), ("dense", 12, 3500, 3000),
    ]:
        member = MEMBERSHIP[name]
        # One row in front has every label, so that a label's place is its number.
        lists = [list(range(labels))] + [
            [j for j in range(labels) if member(i, j)] for i in range(1, rows)]
        data = datasets.Dataset.from_dict({"row": list(range(rows)), "label": lists})
        cut = abstask._multilabel_subsampling(
            datasets.DatasetDict({"test": data}), seed=42, splits=["test"], label="label",
            n_samples=size)["test"]
        cases.append({
            "membership": name, "labels": labels, "rows": rows, "size": size,
            "without_labels": sum(not l for l in lists), "kept": short(cut["row"]),
        })
    save("multilabel_cuts.json", cases=cases)


streams()
cuts()
multilabel_cuts()
