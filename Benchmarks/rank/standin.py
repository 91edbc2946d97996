"""A folder of results as large as the official repository, made from a few models' original files.

    standin.py RESULTS OUT NAMES [--gigabytes 1.8] [--seed 7]

Copies the models of RESULTS again and again, each time under the next of NAMES (a file, one org/name a
line: mteb leaves models out that it does not know), until OUT holds that many bytes. Every `main_score`
of a copy is moved by normal noise with a standard deviation of 0.004, so that no two copies
tie; everything else stays byte for byte as it was, null and NaN included.
"""

import argparse
import itertools
import json
import pathlib
import random
import re
import shutil

SCORE = re.compile(rb'("main_score":\s*)(-?[0-9][0-9.eE+-]*)')


def jittered(text: bytes, noise: random.Random) -> bytes:
    return SCORE.sub(
        lambda match: match[1] + repr(float(match[2]) + noise.gauss(0, 0.004)).encode(), text
    )


def copy(source: pathlib.Path, results: pathlib.Path, name: str, noise: random.Random) -> int:
    """Writes one model under another name; how many bytes were written."""
    written = 0
    for file in sorted(source.rglob("*.json")):
        text = file.read_bytes()
        if file.name == "model_meta.json":
            meta = json.loads(text)
            meta["name"] = name
            text = json.dumps(meta).encode()
        else:
            text = jittered(text, noise)
        target = results / name.replace("/", "__") / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text)
        written += len(text)
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=pathlib.Path, metavar="RESULTS")
    parser.add_argument("out", type=pathlib.Path, metavar="OUT")
    parser.add_argument("names", type=pathlib.Path, metavar="NAMES")
    parser.add_argument("--gigabytes", type=float, default=1.8)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    marker = arguments.out / "complete"
    wanted = f"{arguments.gigabytes} {arguments.seed}"
    if marker.exists() and marker.read_text() == wanted:
        return
    shutil.rmtree(arguments.out, ignore_errors=True)
    noise = random.Random(arguments.seed)
    models = sorted(path for path in arguments.results.iterdir() if path.is_dir())
    written = 0
    for model, name in zip(itertools.cycle(models), arguments.names.read_text().splitlines()):
        written += copy(model, arguments.out / "results", name, noise)
        if written >= arguments.gigabytes * 1e9:
            break
    marker.write_text(wanted)


if __name__ == "__main__":
    main()
