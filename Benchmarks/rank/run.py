"""Ranks a folder of results with borda and with mteb, in turns, and compares times and tables.

The report is Markdown on standard output; progress goes to standard error.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def measured(command: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """Wall seconds, peak resident MB and standard output of a process."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        start = time.perf_counter()
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(errors.fileno(), 2)
            os.execve(command[0], command, environment)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - start
        if status != 0:
            errors.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{errors.read()[-2000:]}")
        out.seek(0)
        return wall, usage.ru_maxrss / 1024, out.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, metavar="FOLDER", help="holds results/")
    parser.add_argument("--benchmark", default="MTEB(Multilingual, v2)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--catalogue", help="as for borda")
    arguments = parser.parse_args()

    borda = os.environ.get("BORDA", str(ROOT / ".build/release/borda"))
    work = pathlib.Path(tempfile.mkdtemp(prefix="borda-rank-"))
    environment = dict(os.environ, XDG_CACHE_HOME=str(work / "cache"), HF_HUB_OFFLINE="1")
    rank = [borda, "rank", "--results", str(arguments.folder / "results")]
    rank += ["--benchmark", arguments.benchmark, "--format", "json"]
    if arguments.catalogue:
        rank += ["--catalogue", arguments.catalogue]
    reference = [sys.executable, str(HERE / "reference.py"), str(arguments.folder)]
    reference += [arguments.benchmark, str(work / "reference.json")]

    runs: dict[str, list[tuple[float, float]]] = {}
    table = ""
    load = os.getloadavg()[0]
    for round in range(arguments.rounds):
        shutil.rmtree(work / "cache", ignore_errors=True)
        for name, command in [
            ("borda, no index yet", rank),
            ("borda, index there", rank),
            ("mteb", reference),
        ]:
            wall, peak, out = measured(command, environment)
            runs.setdefault(name, []).append((wall, peak))
            table = out if name.startswith("borda") else table
            print(f"round {round + 1}: {name} {wall:.2f} s", file=sys.stderr)

    files = sum(1 for _ in (arguments.folder / "results").rglob("*.json"))
    size = sum(path.stat().st_size for path in (arguments.folder / "results").rglob("*.json"))
    print(f"{files:,} files, {size / 1e9:.2f} GB, {arguments.benchmark}, load {load:.1f} before\n")
    print("| | wall s (median; least to most) | peak MB | times faster than mteb |")
    print("| --- | ---: | ---: | ---: |")
    base = [wall for wall, _ in runs["mteb"]]
    for name, values in runs.items():
        walls = [wall for wall, _ in values]
        ratio = statistics.median(b / w for b, w in zip(base, walls))
        print(
            f"| {name} | {statistics.median(walls):.2f} ({min(walls):.2f} to {max(walls):.2f}) "
            f"| {max(peak for _, peak in values):.0f} | {ratio:.0f} |"
        )
    print("\n" + agreement(json.loads(table), json.loads((work / "reference.json").read_text())))
    shutil.rmtree(work)


def agreement(borda: dict, mteb: list[dict]) -> str:
    """How the two tables compare, in a sentence."""
    theirs = {row["Model"]: row for row in mteb}
    ours = {model["model"]: model for model in borda["models"]}
    both = ours.keys() & theirs.keys()
    ranks = sum(ours[name]["rank"] == theirs[name]["Rank (Borda)"] for name in both)
    gaps = [
        abs(ours[name]["mean_task"] - theirs[name]["Mean (Task)"])
        for name in both
        if ours[name]["mean_task"] is not None and theirs[name]["Mean (Task)"] is not None
    ]
    return (
        f"{len(ours)} models here, {len(theirs)} there, {len(both)} in both; "
        f"{ranks} ranks equal; largest difference of Mean (Task) {max(gaps, default=0):.1e}."
    )


if __name__ == "__main__":
    main()
