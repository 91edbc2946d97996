"""Times the loading of data sets in borda and in mteb, in turns.

Borda's span is a whole process without embedding and scoring: a run with the lexical baseline, which starts,
hashes every data file, reads all, and writes a result; what its sidecar says of embedding and scoring is
subtracted. (Corpora of more than 256 MB are read again while they are searched: not for this benchmark.)
mteb's spans are in a process that has imported everything before: `task.load_data()` alone, and with one pass
over the batches of texts that its evaluators hand to a model, which is where Borda's span ends. Both with an
empty cache of datasets, and the second once more with what that has left.

The report is Markdown on standard output; progress goes to standard error.
"""
import argparse
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import median

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TASKS = ["Banking77Classification", "STSBMultiMTOpen", "NusaXBitextMining", "Tatoeba", "NusaX-senti",
         "SIB200ClusteringS2S", "LiveQAMedRetrieval", "XQuADRetrieval"]
# A task of mteb that reads a folder of the same type as the data sets that mteb does not have.
LIKE = {"STS": "STS17", "Classification": "TweetSentimentExtractionClassification",
        "BitextMining": "NusaXBitextMining", "Retrieval": "LegalBenchCorporateLobbying", "Clustering": "SIB200ClusteringS2S",
        "MultilabelClassification": "CEDRClassification", "Reranking": "AskUbuntuDupQuestions"}


def say(message):
    print(message, file=sys.stderr, flush=True)


# A process of its own for the clock: the peak of a child counts what its parent held when it forked.
CLOCK = """
import resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.perf_counter() - start
sys.exit(done.stderr.decode()[-2000:]) if done.returncode else None
print(wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def measured(command):
    """Wall seconds, and the peak resident MB of the largest process of those that it started."""
    done = subprocess.run([sys.executable, "-S", "-c", CLOCK, *command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    wall, peak = done.stdout.split()
    return float(wall), float(peak)


def open_task(name, kind, subsets, folder):
    import mteb

    known = name in {task.metadata.name for task in mteb.get_tasks()}
    task = mteb.get_task(name if known else LIKE[kind])
    if not known:
        task.metadata = task.metadata.model_copy(update={"name": name, "eval_langs": subsets})
    task.metadata.dataset = {"path": str(folder), "revision": "local"}
    task.hf_subsets = list(subsets)
    task.fast_loading = False  # nor are all languages of any in one table
    task.dataset_transform = lambda **_: None  # the folders hold the rows as they are evaluated
    return task


def hand_over(data, metadata):
    """Goes through the batches of every text column, as the evaluators do."""
    from mteb._create_dataloaders import create_dataloader
    from mteb.types import PromptType

    if not hasattr(data, "column_names") or isinstance(data, dict):
        for part, one in data.items():
            if part in ("corpus", "queries"):
                kind = PromptType.document if part == "corpus" else PromptType.query
                for _ in create_dataloader(one, task_metadata=metadata, prompt_type=kind):
                    pass
            elif hasattr(one, "items") or hasattr(one, "column_names"):
                hand_over(one, metadata)
        return
    for column, feature in data.features.items():
        if getattr(feature, "dtype", None) in ("string", "large_string") and not column.startswith("label"):
            for _ in create_dataloader(data, task_metadata=metadata, input_column=column):
                pass


def reference_round(name, kind, subsets, splits, folder, cache):
    """Seconds of loading alone and with handing over, with an empty cache, and both with a filled one."""
    import datasets.config

    shutil.rmtree(cache, ignore_errors=True)
    datasets.config.HF_DATASETS_CACHE = Path(cache)
    seconds = []
    for _ in range(2):
        task = open_task(name, kind, subsets, folder)
        task.metadata = task.metadata.model_copy(update={"eval_splits": splits})
        began = time.perf_counter()
        task.load_data()
        seconds.append(time.perf_counter() - began)
        hand_over(task.dataset, task.metadata)
        seconds.append(time.perf_counter() - began)
    return seconds[0], seconds[1], seconds[3]


def borda_command(binary, task_file, results, data):
    return [binary, "evaluate", "--model", "baseline:hash", "--tasks", str(task_file), "--results", str(results),
            "--rerun", "always"] + (["--data", str(data)] if data else [])


def reading(binary, task_file, results, data):
    """Seconds of everything but embedding and scoring, and the peak resident MB."""
    wall, peak = measured(borda_command(binary, task_file, results, data) + ["--quiet"])
    sidecar, = Path(results).glob(f"*/*/borda/{Path(task_file).stem}.json")
    seconds = json.loads(sidecar.read_text())["seconds"]
    return wall - seconds["embed"] - seconds["score"], peak


def span(values):
    digits = 3 if median(values) < 1 else 2
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with a folder per task, each with a task.json")
    parser.add_argument("--generated", type=Path, help="folder that generate.py has filled")
    parser.add_argument("--task-files", type=Path, default=ROOT / "Tests/EvaluationTests/Fixtures")
    parser.add_argument("--tasks", nargs="*", default=TASKS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--also", help="another build of borda to measure beside it")
    arguments = parser.parse_args()
    binaries = {"borda": os.environ.get("BORDA", str(ROOT / ".build/release/borda"))}
    if arguments.also:
        binaries["borda, other build"] = arguments.also
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    import mteb  # noqa: F401  imported before any clock runs

    jobs = []
    for name in arguments.tasks:
        facts = json.loads((arguments.data / name / "task.json").read_text())
        jobs.append((name, facts["type"], facts["subsets"], facts["eval_splits"], arguments.data / name,
                     arguments.task_files / f"{name}.yaml", arguments.data))
    for file in sorted(arguments.generated.glob("*.yaml")) if arguments.generated else []:
        kind = "STS" if file.stem == "GeneratedPairs" else "Retrieval"
        jobs.append((file.stem, kind, {"default": ["eng-Latn"]}, ["test"], file.with_suffix(""), file, None))

    print(f"load {os.getloadavg()[0]:.1f} before\n")
    print("| data | MB | " + " | ".join(f"{name}, s" for name in binaries)
          + " | mteb loads, s | and hands over, s | the same, filled cache, s | times as fast | peak MB |")
    print("|---|--:|" + "---|" * (len(binaries) + 5), flush=True)
    scratch = Path(tempfile.mkdtemp(prefix="borda-load-"))
    for name, kind, subsets, splits, folder, task_file, data in jobs:
        runs = {key: [] for key in [*binaries, "loaded", "cold", "warm"]}
        peak = 0
        for number in range(arguments.rounds):
            for key, binary in binaries.items():
                seconds, memory = reading(binary, task_file, scratch / key, data)
                runs[key].append(seconds)
                if key == "borda":
                    peak = max(peak, memory)
            loaded, cold, warm = reference_round(name, kind, subsets, splits, folder, scratch / "cache")
            runs["loaded"].append(loaded)
            runs["cold"].append(cold)
            runs["warm"].append(warm)
            say(f"{name}, round {number + 1}: " + ", ".join(f"{k} {v[-1]:.3f}" for k, v in runs.items() if v))
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        ratios = [b / a for a, b in zip(runs["borda"], runs["cold"])]
        print(f"| {name} | {size:.1f} | " + " | ".join(span(runs[key]) for key in binaries)
              + "".join(f" | {span(runs[key])}" for key in ("loaded", "cold", "warm"))
              + f" | {median(ratios):.1f} | {peak:.0f} |", flush=True)
    shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
