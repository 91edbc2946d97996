"""Writes the benchmark's texts: a fixed mix of short sentences and long passages.

Owns the workload and nothing else. The words come from the repository's Starter tasks, the lengths
from a fixed log-normal distribution, so one repository state always gives the same file.
"""
import argparse
import json
import math
import random
from pathlib import Path
from statistics import NormalDist

# Fitted to MiniLM: 2,000 texts come to about 97,000 tokens after truncation at 256, and a few are cut.
MEDIAN_WORDS, SIGMA, MOST_WORDS = 19.2, 0.83, 400
SEED = 20250101
LANGUAGES = {"eng", "deu", "fra", "spa"}  # MiniLM splits other scripts into many more tokens


def sentences(folder):
    """Every distinct text of four or more words in LANGUAGES, in file order."""
    found = {}
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for key, value in json.loads(line).items():
                # Bitext names the language by column (eng_Latn), the other tasks by folder (eng, eng-corpus).
                language = key[:3] if key[3:4] == "_" else path.parent.name[:3]
                if language in LANGUAGES and isinstance(value, str) and len(value.split()) >= 4:
                    found[value.strip()] = None
    return list(found)


def texts(pool, count):
    """Texts of log-normal length, each a run of randomly drawn sentences cut at the wanted word."""
    draw = random.Random(SEED)
    normal = NormalDist()
    lengths = [MEDIAN_WORDS * math.exp(SIGMA * normal.inv_cdf((i + 0.5) / count)) for i in range(count)]
    draw.shuffle(lengths)
    seen = set()
    for length in lengths:
        wanted = min(MOST_WORDS, max(2, round(length)))
        text = None
        while text is None or text in seen:
            words = []
            while len(words) < wanted:
                words += draw.choice(pool).split()
            start = draw.randrange(len(words) - wanted + 1)
            text = " ".join(words[start:start + wanted])
        seen.add(text)
        yield text


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("output", type=Path)
    arguments.add_argument("--source", type=Path, default=Path(__file__).parents[2] / "Tasks" / "Starter")
    arguments.add_argument("--count", type=int, default=2000)
    options = arguments.parse_args()
    pool = sentences(options.source)
    if not pool:
        raise SystemExit(f"texts.py: no usable sentences under {options.source}")
    with options.output.open("w", encoding="utf-8") as file:
        for text in texts(pool, options.count):
            file.write(json.dumps({"text": text}, ensure_ascii=False) + "\n")
