"""Times one retrieval task with the embedding cache off, cold and warm, in alternating rounds.

Owns the measurement and its report. The corpus is made by ../encode/texts.py, every text once.
"""
import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
TASK = """name: CacheBenchmark
type: Retrieval
languages: {default: [eng-Latn]}
splits: [test]
main_score: ndcg_at_10
data: {path: data}
"""


def make_task(folder, count):
    """A corpus of distinct texts; the queries are some of them, each with itself as the answer."""
    texts = folder / "texts.jsonl"
    subprocess.run(
        [sys.executable, ROOT / "Benchmarks/encode/texts.py", texts, "--count", str(count)], check=True)
    rows = [json.loads(line)["text"] for line in texts.read_text(encoding="utf-8").splitlines()]
    data = folder / "data"
    (data / "qrels").mkdir(parents=True)
    lines = [json.dumps({"_id": f"d{i}", "text": text}) for i, text in enumerate(rows)]
    (data / "corpus.jsonl").write_text("\n".join(lines) + "\n")
    queries = [json.dumps({"_id": f"q{i}", "text": rows[i]}) for i in range(0, count, 100)]
    (data / "queries.jsonl").write_text("\n".join(queries) + "\n")
    judged = "".join(f"q{i}\td{i}\t1\n" for i in range(0, count, 100))
    (data / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged)
    (folder / "CacheBenchmark.yaml").write_text(TASK)
    return folder / "CacheBenchmark.yaml"


def run(options, task, cache, results):
    """One process: CPU seconds of all of it, wall seconds inside the embedder, its score."""
    shutil.rmtree(results, ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [options.borda, "evaluate", "--model", options.model, "--tasks", task, "--results", results,
               "--quiet", "--format", "json"] + cache
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sidecar = json.loads(next(Path(results).glob("*/*/borda/CacheBenchmark.json")).read_text())
    score = json.loads(done.stdout)["tasks"][0]["score"]
    return {"cpu": cpu, "wall": sidecar["seconds"]["embed"], "score": score,
            "tokens": sidecar["tokens"], "cached": sidecar.get("cached_texts", 0)}


def span(values, digits):
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=str(ROOT / ".demo/models/all-MiniLM-L6-v2"))
    parser.add_argument("--texts", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    options.borda = os.environ.get("BORDA", str(ROOT / ".build/release/borda"))
    kinds = {"off": [], "cold": [], "warm": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        task = make_task(folder, options.texts)
        for number in range(options.rounds):
            cache = folder / f"cache-{number}"
            # Off and cold change places, so that neither is always the first.
            order = ["off", "cold"] if number % 2 == 0 else ["cold", "off"]
            for kind in order + ["warm"]:
                arguments = ["--no-cache"] if kind == "off" else ["--cache", str(cache)]
                kinds[kind].append(run(options, str(task), arguments, str(folder / "results")))
                print(f"round {number + 1}, {kind}: {kinds[kind][-1]}", file=sys.stderr)
            size = sum(file.stat().st_size for file in cache.iterdir())
            shutil.rmtree(cache)
    everything = [result for results in kinds.values() for result in results]
    assert len({(result["score"], result["tokens"]) for result in everything}) == 1, everything
    print(f"{options.texts} documents and their queries, {everything[0]['tokens']} tokens, "
          f"{options.rounds} rounds, load {os.getloadavg()[1]:.1f}, {time.strftime('%Y-%m-%d')}\n")
    print("| cache | CPU seconds, whole process | seconds in the embedder | texts found |\n|---|---|---|---|")
    for kind, results in kinds.items():
        print(f"| {kind} | {span([r['cpu'] for r in results], 2)} | "
              f"{span([r['wall'] for r in results], 2)} | {results[0]['cached']} |")
    for what in ["cpu", "wall"]:
        ratios = [cold[what] / off[what] for cold, off in zip(kinds["cold"], kinds["off"])]
        print(f"\ncold to off, {what}: {span(ratios, 3)}")
    print(f"\nsize on disk: {size / 1e6:.1f} MB, {size / options.texts:.0f} bytes for a document")


if __name__ == "__main__":
    main()
