"""Times what follows the embedding: Borda's scoring and mteb's, in turns, on the same vectors.

Both read the same task folders and look their vectors up in the same file, so what differs is drawing,
learning, clustering and scoring. The span is what each reports: for mteb the wall time of
`task.evaluate` without the time its encoder took, for Borda `seconds.score` of the sidecar.
"""
import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # either may pin OpenBLAS to a slower kernel
    os.environ.pop(name, None)
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
TASKS = ["NusaX-senti", "Banking77Classification", "SIB200ClusteringS2S", "ClincHierarchicalClustering",
         "NLUPPBankingMultilabel"]


def say(message):
    print(message, file=sys.stderr, flush=True)


class Lookup:
    """An encoder for mteb that records texts at first and looks vectors up later; counts its own time."""

    mteb_model_meta = None

    def __init__(self):
        self.rows, self.vectors, self.seconds = {}, None, 0.0

    def encode(self, inputs, **_):
        import numpy

        began = time.perf_counter()
        texts = [text for batch in inputs for text in batch["text"]]
        if self.vectors is None:
            for text in texts:
                self.rows.setdefault(text, len(self.rows))
            # Unequal vectors, because some scorers refuse a constant; these scores are thrown away.
            found = numpy.random.default_rng(0).standard_normal((len(texts), 8)).astype(numpy.float32)
        else:
            found = self.vectors[[self.rows[text] for text in texts]]
        self.seconds += time.perf_counter() - began
        return found

    # Classification and clustering ask for neither, but mteb takes only models that have them.
    def similarity(self, a, b):
        return a @ b.T

    def similarity_pairwise(self, a, b):
        return (a * b).sum(axis=1)


def task_of(facts):
    """mteb's own task, or where it has none of the name a task of the same type with these facts."""
    import mteb

    like = {"Clustering": "SIB200ClusteringS2S", "MultilabelClassification": "CEDRClassification"}
    known = facts["name"] in {task.metadata.name for task in mteb.get_tasks()}
    task = mteb.get_task(facts["name"] if known else like[facts["type"]])
    if not known:
        task.metadata = task.metadata.model_copy(update={
            "name": facts["name"], "main_score": facts["main_score"], "eval_langs": facts["subsets"]})
        for name, value in facts["params"].items():
            if hasattr(task, name):
                setattr(task, name, value)
    return task


def open_task(name, data):
    facts = json.loads((data / name / "task.json").read_text())
    task = task_of(facts)
    task.metadata.dataset = {"path": str(data / name), "revision": "local"}
    task.hf_subsets = list(facts["subsets"])
    task.dataset_transform = lambda **_: None  # the folders hold the rows as they are evaluated
    task.load_data()
    return task


def reference_round(task, encoder):
    encoder.seconds = 0.0
    began, cpu = time.perf_counter(), time.process_time()
    scores = {}
    for split in task.eval_splits:
        scores[split] = task.evaluate(encoder, split=split, encode_kwargs={})
    wall = time.perf_counter() - began - encoder.seconds
    return wall, time.process_time() - cpu - encoder.seconds, scores


def borda_round(binary, name, task_file, vectors, data, results):
    command = [binary, "evaluate", "--model", f"vectors:{vectors}", "--tasks", str(task_file), "--data", str(data),
               "--results", str(results), "--rerun", "always", "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    sidecar, = results.glob(f"*/*/borda/{name}.json")
    return json.loads(sidecar.read_text())["seconds"]["score"], json.loads(
        (sidecar.parents[1] / f"{name}.json").read_text())


def mean_score(rows):
    return sum(row["main_score"] for row in rows) / len(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with a dataset folder per task, each with a task.json")
    parser.add_argument("--model", type=Path, default=REPOSITORY / ".demo/models/all-MiniLM-L6-v2")
    parser.add_argument("--task-files", type=Path, default=REPOSITORY / "Tests/EvaluationTests/Fixtures")
    parser.add_argument("--tasks", nargs="+", default=TASKS)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    binary = os.environ.get("BORDA", str(REPOSITORY / ".build/release/borda"))
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    import numpy

    print("| task | mteb, s | borda, s | times faster | main score, mteb and borda |")
    print("|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.tasks:
            task, encoder = open_task(name, arguments.data), Lookup()
            reference_round(task, encoder)
            vectors = Path(scratch) / name
            vectors.mkdir()
            lines = [json.dumps({"row": row, "text": text}) for text, row in encoder.rows.items()]
            (vectors / "texts.jsonl").write_text("\n".join(lines) + "\n")
            say(f"{name}: embedding {len(lines)} texts")
            with (vectors / "texts.jsonl").open("rb") as source:
                subprocess.run([binary, "embed", str(arguments.model), "--jsonl", "--output",
                                str(vectors / "embeddings.npy")], stdin=source, check=True)
            encoder.vectors = numpy.load(vectors / "embeddings.npy")
            theirs, ours, ratios = [], [], []
            for number in range(arguments.rounds):
                # A fresh task each time: the random stream of clustering goes on from round to round.
                wall, _, reference = reference_round(open_task(name, arguments.data), encoder)
                seconds, result = borda_round(binary, name, arguments.task_files / f"{name}.yaml", vectors,
                                              arguments.data, Path(scratch) / f"results-{name}")
                say(f"{name}, round {number + 1}: mteb {wall:.2f} s, borda {seconds:.4f} s")
                theirs.append(wall)
                ours.append(seconds)
                ratios.append(wall / max(seconds, 1e-4))
            rows = [row for split in reference.values() for row in split.values()]
            ours_rows = [row for split in result["scores"].values() for row in split]
            span = lambda values, digits: f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"
            print(f"| {name} | {span(theirs, 2)} | {span(ours, 3)} | {span(ratios, 0)} "
                  f"| {mean_score(rows):.6f}, {mean_score(ours_rows):.6f} |", flush=True)


if __name__ == "__main__":
    main()
