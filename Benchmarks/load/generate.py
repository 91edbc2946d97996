"""Makes data sets larger than the real ones: generate.py FOLDER MEGABYTES.

A retrieval corpus of about MEGABYTES as JSON lines (BEIR's files), the same gzipped and as Parquet, and
sentence pairs of a quarter of the size as CSV, each with its task file. Texts come from a fixed seed.
What is there with the right size is kept.
"""
import gzip
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

ALPHABETS = ["abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщыэюя", "अआइईउऊएकखगघचछजझटठडढतथदधनपफबभमयरलवशसह",
             "的一是不了人我在有他这为之大来以个中上们", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"]


def sentences():
    words = ["".join(random.choices(random.choice(ALPHABETS), k=random.randint(2, 9))) for _ in range(20000)]
    marks = [".", ".", ".", "?", '."', ", and so on:\tthis"]
    return [" ".join(random.choices(words, k=random.randint(4, 24))) + random.choice(marks) for _ in range(20000)]


def task_file(folder, name, kind, score):
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yaml").write_text(
        f"name: {name}\ntype: {kind}\nlanguages: {{default: [eng-Latn]}}\nsplits: [test]\nmain_score: {score}\n"
        f"data: {{path: {name}}}\n")
    return folder / name


def card(folder, parts):
    lines = ["---", "configs:"]
    for configuration, split, path in parts:
        lines += [f"- config_name: {configuration}", "  data_files:", f"  - {{split: {split}, path: {path}}}"]
    (folder / "README.md").write_text("\n".join(lines + ["---", ""]))


def judgements(folder, documents):
    with (folder / "queries.jsonl").open("w") as queries:
        for i in range(100):
            queries.write(json.dumps({"_id": f"q{i}", "text": f"question {i}"}) + "\n")
    # As JSON lines: the reference takes one format a folder.
    with (folder / "judgements.jsonl").open("w") as lines:
        for i in range(100):
            row = {"query-id": f"q{i}", "corpus-id": f"d{i * 7919 % documents}", "score": 1}
            lines.write(json.dumps(row) + "\n")


def main():
    folder, size = Path(sys.argv[1]), int(sys.argv[2]) * 1_000_000
    stamp = folder / "made"
    if stamp.exists() and stamp.read_text() == str(size):
        return
    shutil.rmtree(folder, ignore_errors=True)
    random.seed(1)
    texts = sentences()
    lines = task_file(folder, "GeneratedLines", "Retrieval", "ndcg_at_10")
    written, count = 0, 0
    with (lines / "corpus.jsonl").open("wb") as file:
        while written < size:
            document = {"_id": f"d{count}", "title": random.choice(texts)[:60],
                        "text": " ".join(random.choices(texts, k=random.randint(1, 12))),
                        "metadata": {"url": f"https://example.org/{count}", "kinds": ["a", "b"]}}
            written += file.write((json.dumps(document, ensure_ascii=count % 4 == 0) + "\n").encode())
            count += 1
    judgements(lines, count)
    parts = [("corpus", "corpus", "corpus.jsonl"), ("queries", "queries", "queries.jsonl"),
             ("default", "test", "judgements.jsonl")]
    card(lines, parts)

    zipped = task_file(folder, "GeneratedGzip", "Retrieval", "ndcg_at_10")
    with (lines / "corpus.jsonl").open("rb") as source, gzip.open(zipped / "corpus.jsonl.gz", "wb", 6) as target:
        shutil.copyfileobj(source, target, 1 << 20)
    judgements(zipped, count)
    card(zipped, [("corpus", "corpus", "corpus.jsonl.gz")] + parts[1:])

    parquet = task_file(folder, "GeneratedParquet", "Retrieval", "ndcg_at_10")
    subprocess.run([sys.argv[3] if len(sys.argv) > 3 else "duckdb", "-batch", "-c", f"""
        SET preserve_insertion_order = true; SET memory_limit = '2GB';
        COPY (SELECT * FROM read_json('{lines}/corpus.jsonl', format = 'newline_delimited', columns = {{
          _id: 'VARCHAR', title: 'VARCHAR', text: 'VARCHAR',
          metadata: 'STRUCT(url VARCHAR, kinds VARCHAR[])'}}))
        TO '{parquet}/corpus.parquet' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000);
        COPY (FROM '{lines}/queries.jsonl') TO '{parquet}/queries.parquet' (FORMAT parquet);
        COPY (FROM '{lines}/judgements.jsonl') TO '{parquet}/judgements.parquet' (FORMAT parquet)"""], check=True)
    card(parquet, [(name, split, path.replace(".jsonl", ".parquet")) for name, split, path in parts])

    pairs = task_file(folder, "GeneratedPairs", "STS", "cosine_spearman")
    written = 0
    with (pairs / "test.csv").open("w", newline="") as file:
        import csv

        table = csv.writer(file)
        table.writerow(["id", "sentence1", "sentence2", "score", "source"])
        while file.tell() < size / 4:
            for _ in range(1000):
                written += 1
                table.writerow([written, random.choice(texts), random.choice(texts), random.randint(0, 50) / 10, "made"])
    card(pairs, [("default", "test", "test.csv")])
    stamp.write_text(str(size))


if __name__ == "__main__":
    main()
