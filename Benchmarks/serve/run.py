#!/usr/bin/env python3
"""What serving costs: the same texts through `borda embed` and through `borda serve`, in turns.

    run.py MODEL_DIR TEXTS [--borda PATH] [--rounds N]

TEXTS is a file of {"text": ...} lines, as Benchmarks/encode/texts.py writes it. Needs Python 3.9 and nothing else. Processor seconds of the
program count, start and loading left out: they say the same on a busy machine, wall times do not.
The report goes to standard output as Markdown.
"""

import argparse
import base64
import http.client
import json
import os
import statistics
import struct
import subprocess
import sys
import threading
import time

WAYS = [  # texts of a request, clients at a time, encoding
    (256, 1, "base64"), (256, 1, "float"), (32, 4, "base64"), (32, 4, "float"), (1, 16, "float"),
    (1, 1, "float"),
]


def processor_seconds(pid):
    """User and system time of a process, all threads."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def through_embed(borda, model, texts):
    """Seconds of wall and processor that `borda embed` tells of itself, loading left out."""
    end = subprocess.run(
        [borda, "embed", model, "--jsonl", "--timings"],
        input="\n".join(json.dumps({"text": text}) for text in texts) + "\n",
        capture_output=True, text=True, check=True)
    facts = json.loads(end.stderr.strip().splitlines()[-1])
    vectors = [json.loads(line) for line in end.stdout.splitlines()]
    return facts["wall_s"], facts["cpu_s"], vectors


def through_server(port, texts, size, clients, encoding):
    """All texts once; the vectors in order."""
    pieces = [(start, texts[start:start + size]) for start in range(0, len(texts), size)]
    vectors = [None] * len(texts)
    lock = threading.Lock()

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            with lock:
                if not pieces:
                    return
                start, part = pieces.pop(0)
            body = json.dumps({"input": part, "encoding_format": encoding})
            connection.request("POST", "/v1/embeddings", body, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
            for item in answer["data"]:
                vectors[start + item["index"]] = item["embedding"]

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return vectors


def bits(vector):
    if isinstance(vector, str):
        return base64.b64decode(vector)
    return struct.pack(f"<{len(vector)}f", *vector)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("texts")
    parser.add_argument("--borda", default=".build/release/borda")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with open(options.texts, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    server = subprocess.Popen(
        [options.borda, "serve", "--model", options.model, "--port", "0"],
        stdout=subprocess.PIPE, text=True)
    times = {}
    try:
        port = int(server.stdout.readline().rsplit(":", 1)[1])
        through_server(port, texts[:64], 32, 2, "base64")
        for turn in range(options.rounds):
            print(f"round {turn + 1}", file=sys.stderr)
            wall, cpu, local = through_embed(options.borda, options.model, texts)
            times.setdefault("borda embed", []).append((wall, cpu))
            wanted = [bits(vector) for vector in local]
            for size, clients, encoding in WAYS:
                start, before = time.monotonic(), processor_seconds(server.pid)
                vectors = through_server(port, texts, size, clients, encoding)
                took = time.monotonic() - start, processor_seconds(server.pid) - before
                if [bits(vector) for vector in vectors] != wanted:
                    sys.exit("the server's vectors differ")
                name = f"{clients} × {size} texts, {encoding}"
                times.setdefault(name, []).append(took)
    finally:
        server.terminate()
        server.wait()
    print("| way | texts per second | CPU seconds | CPU, to borda embed |\n|---|--:|--:|--:|")
    base = [cpu for _, cpu in times["borda embed"]]
    for name, values in times.items():
        ratios = [cpu / other for (_, cpu), other in zip(values, base)]
        wall = statistics.median(wall for wall, _ in values)
        print(
            f"| {name} | {len(texts) / wall:.0f} | {statistics.median(c for _, c in values):.2f}"
            f" | {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f}) |")


if __name__ == "__main__":
    main()
