"""A large corpus through `borda evaluate`: peak memory and speed for several budgets; then exact
search alone beside NumPy and FAISS, where the interpreter has them.

The corpus is a JSON lines file of made-up documents with ids, the model the built-in baseline
(512 dimensions), so that nearly all of the work is reading, ids and search.
"""

import argparse
import json
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORDS = 20_000


def words(rng):
    letters = "abcdefghijklmnopqrstuvwxyz"
    return ["".join(rng.choices(letters, k=rng.randint(3, 9))) for _ in range(WORDS)]


def corpus(folder, documents, queries, long_ids):
    """Writes corpus, queries, judgements and task file; keeps what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "task.yaml").exists():
        return
    rng = random.Random(1)
    vocabulary = words(rng)
    asked = {}  # what every so-many-th document begins with asks for it
    with open(folder / "corpus.jsonl", "w") as out:
        for number in range(documents):
            chosen = rng.choices(vocabulary, k=8)
            text = " ".join(chosen)
            if number % (documents // queries) == 0:
                asked[number] = " ".join(chosen[:2])
            name = f"{number:08x}-0000-4000-8000-{number:012x}" if long_ids else f"d{number}"
            out.write(f'{{"_id": "{name}", "text": "{text}"}}\n')
    (folder / "qrels").mkdir(exist_ok=True)
    with open(folder / "queries.jsonl", "w") as out, open(folder / "qrels/test.tsv", "w") as judged:
        judged.write("query-id\tcorpus-id\tscore\n")
        for number in range(queries):
            place = number * (documents // queries)
            out.write(f'{{"_id": "q{number}", "text": "{asked[place]}"}}\n')
            name = f"{place:08x}-0000-4000-8000-{place:012x}" if long_ids else f"d{place}"
            judged.write(f"q{number}\t{name}\t1\n")
    (folder / "task.yaml").write_text(
        "name: MadeUpSearch\ntype: Retrieval\nlanguages: {default: [eng-Latn]}\n"
        "splits: [test]\nmain_score: ndcg_at_10\ndata: {path: .}\n"
    )


def evaluate(borda, folder, memory, model):
    """One run: wall seconds, processor seconds, peak resident bytes, score, sidecar."""
    results = folder / "results"
    shutil.rmtree(results, ignore_errors=True)
    command = [borda, "evaluate", "--model", model, "--tasks", str(folder / "task.yaml")]
    command += ["--results", str(results), "--quiet", "--memory", memory]
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with {status}")
    result = next(results.rglob("MadeUpSearch.json"))
    score = json.loads(result.read_text())["scores"]["test"][0]["main_score"]
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, score


def whole_program(options, folder):
    size = (folder / "corpus.jsonl").stat().st_size
    print(f"{options.documents:,} documents in {size / 1e6:,.0f} MB, {options.queries} queries, "
          f"{options.model}\n")
    print("| --memory | peak MB | wall s | CPU s | documents per CPU second | nDCG@10 |")
    print("|---|--:|--:|--:|--:|--:|")
    for memory in options.memory:
        wall, cpu, peak, score = evaluate(options.borda, folder, memory, options.model)
        print(f"| {memory} | {peak / 1e6:,.0f} | {wall:.0f} | {cpu:.0f} | "
              f"{options.documents / cpu:,.0f} | {score:.6f} |", flush=True)


def borda_kernel(build):
    """CPU seconds of the best block size of Benchmarks/kernels/search.c."""
    program = build / "search-kernel"
    if not program.exists():
        kernels = ROOT / "Sources/CKernels"
        subprocess.run(
            [os.environ.get("CC", "clang"), "-std=gnu17", "-O3", "-I", kernels / "include",
             *sorted(kernels.glob("*.c")), ROOT / "Benchmarks/kernels/search.c", "-lm", "-o", program],
            check=True)
    lines = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    cells = [line.split("|") for line in lines.splitlines() if line.startswith("|")]
    return min(float(row[2]) for row in cells if row[1].strip().isdigit())


def search_alone(rounds, build):
    """The best 100 of 100,000 documents of 384 dimensions for 1,000 queries, one thread."""
    import numpy as np

    rng = np.random.default_rng(1)
    stored = rng.standard_normal((100_000, 384), dtype=np.float32)
    asked = rng.standard_normal((1_000, 384), dtype=np.float32)
    for vectors in (stored, asked):
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)

    def numpy_search():
        best, ids = np.empty((1000, 0), np.float32), np.empty((1000, 0), np.int64)
        for first in range(0, len(stored), 4096):
            scores = asked @ stored[first:first + 4096].T
            numbers = np.broadcast_to(np.arange(first, first + scores.shape[1]), scores.shape)
            best, ids = np.hstack([best, scores]), np.hstack([ids, numbers])
            if best.shape[1] > 100:
                kept = np.argpartition(-best, 100, axis=1)[:, :100]
                best, ids = np.take_along_axis(best, kept, 1), np.take_along_axis(ids, kept, 1)
        order = np.argsort(-best, axis=1, kind="stable")
        return np.take_along_axis(ids, order, 1)

    engines = {"NumPy": numpy_search}
    try:
        import faiss

        faiss.omp_set_num_threads(1)
        index = faiss.IndexFlatIP(384)
        index.add(stored)
        engines["FAISS IndexFlatIP"] = lambda: index.search(asked, 100)[1]
    except ImportError:
        print("(FAISS is not installed)")
    times = {name: [] for name in ["Borda", *engines]}
    for _ in range(rounds):
        times["Borda"].append(borda_kernel(build))
        for name, run in engines.items():
            before = resource.getrusage(resource.RUSAGE_SELF)
            run()
            after = resource.getrusage(resource.RUSAGE_SELF)
            times[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print("\nThe best 100 of 100,000 documents of 384 dimensions for 1,000 queries, one thread:\n")
    print("| engine | CPU s, least to most | times Borda's |\n|---|---|--:|")
    middle = {name: sorted(values)[len(values) // 2] for name, values in times.items()}
    for name, values in times.items():
        print(f"| {name} | {middle[name]:.2f} ({min(values):.2f}-{max(values):.2f}) | "
              f"{middle[name] / middle['Borda']:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=5_000_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--long-ids", action="store_true", help="36 characters instead of 8")
    parser.add_argument("--memory", nargs="+", default=["2GiB"])
    parser.add_argument("--model", default="baseline:hash")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--borda", default=os.environ.get("BORDA", ROOT / ".build/release/borda"))
    parser.add_argument("--folder", type=pathlib.Path, help="where the corpus is made and kept")
    parser.add_argument("--only", choices=["program", "search"])
    options = parser.parse_args()
    kind = "long" if options.long_ids else "short"
    base = options.folder or pathlib.Path.home() / ".cache/borda-search"
    folder = base / f"{options.documents}-{options.queries}-{kind}"
    if options.only != "search":
        corpus(folder, options.documents, options.queries, options.long_ids)
        whole_program(options, folder)
    if options.only != "program":
        base.mkdir(parents=True, exist_ok=True)
        search_alone(options.rounds, base)


# One thread for NumPy's BLAS; set before it is imported, and nothing that pins it to an old kernel.
for name in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"]:
    os.environ[name] = "1"
for name in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]:
    os.environ.pop(name, None)
if __name__ == "__main__":
    main()
