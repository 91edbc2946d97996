#!/usr/bin/env python3
"""Writes the task and benchmark files of a folder of facts (tasks.json, benchmarks.json).

    scripts/write-task-files.py FACTS TASKS

FACTS are facts about the tasks of mteb 2.26.24, TASKS is the folder Tasks of the repository. The
files that it wrote are kept by hand since; it shows where their contents came from, and saves
typing when facts of further tasks come. It needs nothing but Python 3.9, and it refuses to write a
file that does not expand to exactly the subsets of the facts.
"""

import json
import pathlib
import sys

WIDTH = 98
LEFT_OUT = "not specified"

# What loaders of the reference do that its facts state in words. `columns` and `keys` are keys of
# the task file, `unsupported` says why Borda cannot load it yet.
SENTENCES = {"sentence1": "sent1", "sentence2": "sent2"}
ARXIV = [
    {"flatten": {"columns": ["sentences", "labels"]}},
    {"separate": {"column": "labels", "at": "."}},
    {"cut": {"rows": 2048, "splits": ["test"]}},
]
FLATTEN = {"flatten": {"columns": ["sentences", "labels"]}}


def vg(text):
    return {
        "transforms": [
            {"separate": {"column": "classes", "at": ",", "levels": 2}},
            {"cut": {"rows": 2048, "splits": ["test"]}},
        ],
        "columns": {"sentences": text, "labels": "classes"},
    }


LOADERS = {
    "BibleNLPBitextMining": {
        "transforms": [{"code_columns": {"pivot": "eng"}}, {"take": {"rows": 256}}]
    },
    "ToxicConversationsClassification": {
        "transforms": [{"cut": {"rows": 2048, "splits": ["test"], "by": "label"}}]
    },
    "TweetTopicSingleClassification": {
        "transforms": [{"split": {"name": "train", "from": ["train_2021"]}}]
    },
    "MasakhaNEWSClassification": {"columns": {"label": "category"}},
    "MultiHateClassification": {
        "transforms": [
            {"divide": {"split": "test", "train": 1000, "test": 1000, "by": "functionality"}}
        ],
        "columns": {"label": "is_hateful"},
    },
    "ScalaClassification": {
        "note": "Labels are texts; the reference numbers them in an order that changes from run to "
        "run, so its ap has no meaning and is left out here."
    },
    "DKHateClassification": {
        "note": "Labels are texts; the reference numbers them in an order that changes from run to "
        "run, so its ap has no meaning and is left out here."
    },
    "ArXivHierarchicalClusteringP2P": {"transforms": ARXIV},
    "ArXivHierarchicalClusteringS2S": {"transforms": ARXIV},
    "BigPatentClustering.v2": {
        "transforms": [{"cut": {"rows": 2048, "splits": ["test"], "by": "labels"}}]
    },
    "BiorxivClusteringP2P.v2": {},
    "MedrxivClusteringP2P.v2": {"transforms": [FLATTEN]},
    "MedrxivClusteringS2S.v2": {"transforms": [FLATTEN]},
    "TwentyNewsgroupsClustering.v2": {"transforms": [FLATTEN]},
    "StackExchangeClustering.v2": {
        "transforms": [FLATTEN, {"cut": {"rows": 2048, "splits": ["test"], "by": "labels"}}],
        "keys": {"document_cap": "none"},
    },
    "StackExchangeClusteringP2P.v2": {
        "transforms": [FLATTEN, {"drop_single": {"column": "labels"}}]
    },
    "SIB200ClusteringS2S": {
        "transforms": [{"split": {"name": "test", "from": ["train", "validation", "test"]}}],
        "columns": {"sentences": "text", "labels": "category"},
    },
    "BelebeleRetrieval": {
        "transforms": [
            {"passages": {"query": "question", "passage": "flores_passage", "link": "link"}}
        ]
    },
    "Core17InstructionRetrieval": {},
    "News21InstructionRetrieval": {},
    "Robust04InstructionRetrieval": {},
    "MindSmallReranking": {"keys": {"merge_subqueries": True}},
    "SprintDuplicateQuestions": {"columns": SENTENCES},
    "TwitterURLCorpus": {"columns": SENTENCES},
    "TwitterSemEval2015": {"columns": SENTENCES},
    "PSC": {"columns": SENTENCES},
    "Ocnli": {"columns": SENTENCES},
    "Cmnli": {"columns": SENTENCES},
    "FalseFriendsGermanEnglish": {"columns": SENTENCES},
    "XNLI": {
        "transforms": [
            {"cut": {"rows": 2048, "splits": ["test", "validation"], "by": "label"}},
            {"keep": {"column": "label", "values": [0, 2]}},
            {"map": {"column": "label", "values": {0: 1, 2: 0}}},
        ],
        "columns": {"sentence1": "premise", "sentence2": "hypothesis", "labels": "label"},
    },
    "ToxicChatClassification": {
        "transforms": [
            {"configuration": {"name": "toxicchat0124"}},
            {"cut": {"rows": 2048, "splits": ["test"], "by": "toxicity"}},
            {"keep": {"column": "human_annotation", "values": [True]}},
        ],
        "columns": {"text": "user_input", "label": "toxicity"},
    },
    "TweetSentimentClassification": {
        "transforms": [{"cut": {"rows": 256, "splits": ["test"], "by": "label"}}]
    },
    "BengaliSentimentAnalysis": {
        "transforms": [{"cut": {"rows": 2048, "splits": ["train"], "by": "label"}}]
    },
    "MalayalamNewsClassification": {"columns": {"text": "headings"}},
    "SanskritShlokasClassification": {"columns": {"text": "Sloka", "label": "Class"}},
    "DanFeverRetrieval": {
        "unsupported": "its corpus, queries and judgements are made from a table of claims"
    },
    "NorQuadRetrieval": {
        "unsupported": "its corpus, queries and judgements are made from a table of questions"
    },
    "SNLRetrieval": {
        "unsupported": "its corpus, queries and judgements are made from a table of articles"
    },
    "TV2Nordretrieval": {
        "unsupported": "its corpus, queries and judgements are made from a table of articles"
    },
    "VGHierarchicalClusteringS2S": vg("ingress"),
    "VGHierarchicalClusteringP2P": vg("article"),
    "GermanQuAD-Retrieval": {"unsupported": "its judgements lie in a second repository"},
    "HALClusteringS2S": {
        "transforms": [{"chunk": {"columns": ["title", "domain"], "count": 10}}],
        "columns": {"sentences": "title", "labels": "domain"},
    },
    "MLSUMClusteringP2P": {
        "transforms": [
            {"join": {"columns": ["title", "text"], "with": " ", "into": "text"}},
            {"chunk": {"columns": ["text", "topic"], "count": 10}},
        ],
        "columns": {"sentences": "text", "labels": "topic"},
    },
    "MLSUMClusteringS2S": {
        "transforms": [{"chunk": {"columns": ["text", "topic"], "count": 10}}],
        "columns": {"sentences": "text", "labels": "topic"},
    },
    "SyntecRetrieval": {
        "unsupported": "its judgements are a column of its queries"
    },
    "SICKFr": {
        "columns": {
            "sentence1": "sentence_A",
            "sentence2": "sentence_B",
            "score": "relatedness_score",
        }
    },
    "STSBenchmarkMultilingualSTS": {"columns": {"score": "similarity_score"}},
}

# --- YAML -----------------------------------------------------------------------------------------

PLAIN = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+")
WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "~"}


def scalar(value):
    """One value as YAML writes it, quoted where a reader might take it for something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    isPlain = value and set(value) <= PLAIN and value.lower() not in WORDS
    if isPlain and value[0].isalpha():
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def sentence(value):
    """A text of several words; plain where YAML allows it."""
    risky = any(mark in value for mark in (": ", " #", "\\", '"')) or value[0] in "[{&*!|>%@`'-?"
    return '"' + value.replace('"', '\\"') + '"' if risky or value.endswith(":") else value


def flow(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return scalar(value)


def entry(key, value, indent=0):
    """`key: value` in flow style, its items wrapped to the width where one line is too short."""
    head = " " * indent + key + ": "
    line = head + flow(value)
    if len(line) <= WIDTH or not isinstance(value, (dict, list)):
        return [line]
    isMap = isinstance(value, dict)
    items = [f"{scalar(k)}: {flow(v)}" for k, v in value.items()] if isMap else map(flow, value)
    lines, start = [], " " * (indent + 2)
    current = start
    for item in items:
        if len(current) + len(item) + 1 > WIDTH:
            lines.append(current.rstrip())
            current = start
        current += item + ", "
    opening, closing = "{}" if isMap else "[]"
    return [head + opening] + lines + [current.rstrip(", ") + closing]


# --- Subsets --------------------------------------------------------------------------------------


def language(code):
    """The language that a code such as eng_Latn spells itself, or nothing."""
    parts = code.split("_")
    isOne = len(parts) == 2 and len(parts[0]) == 3 and len(parts[1]) == 4
    return "-".join(parts) if isOne else None


def expand(rule):
    """The subsets of a `language_pairs` value, as Sources/Catalogue expands it."""
    codes = rule["codes"]
    names = list(codes)
    languages = {c: codes[c] if isinstance(codes, dict) else language(c) for c in names}
    pivot = rule.get("pivot", {})
    if isinstance(pivot, str):
        pivot = {pivot: language(pivot)}
    languages.update(pivot)
    pairs = []
    if rule["pairs"] in ("different", "every"):
        pairs = [(a, b) for a in names for b in names if a != b or rule["pairs"] == "every"]
    elif isinstance(rule["pairs"], dict):
        groups = [set(group) for group in rule["pairs"]["within"]]
        pairs = [
            (a, b) for a in names for b in names if a != b and any({a, b} <= g for g in groups)
        ]
    else:
        for code in names:
            for pattern in rule["pairs"]:
                a, b = pattern.split("-")
                pairs.append((code if a == "x" else a, code if b == "x" else b))
    pairs += [tuple(pair.split("-")) for pair in rule.get("also", [])]
    return {f"{a}-{b}": [languages[a], languages[b]] for a, b in pairs}


def cliques(names, pairs):
    """Few groups of codes whose pairs are exactly these, largest gain first."""
    near = {a: {b for x, b in pairs if x == a} for a in names}
    found = []

    def grow(group, candidates, done):
        if not candidates and not done:
            found.append(group)
            return
        pivot = max(sorted(candidates | done), key=lambda v: len(near[v] & candidates))
        for v in sorted(candidates - near[pivot]):
            grow(group | {v}, candidates & near[v], done & near[v])
            candidates = candidates - {v}
            done = done | {v}

    grow(frozenset(), set(names), set())
    left = {frozenset(pair) for pair in pairs}
    groups = []
    while left:
        best = max(found, key=lambda g: (sum(p <= g for p in left), -len(g), sorted(g)))
        groups.append([name for name in names if name in best])
        left = {p for p in left if not p <= best}
    return groups


def pairRule(subsets):
    """A `language_pairs` value that expands to the subsets, or nothing."""
    if len(subsets) < 20 or any(len(v) != 2 or k.count("-") != 1 for k, v in subsets.items()):
        return None
    pairs = [tuple(name.split("-")) for name in subsets]
    languages = {}
    for (a, b), (first, second) in zip(pairs, subsets.values()):
        languages.update({a: first, b: second})
    firsts = list(dict.fromkeys(a for a, _ in pairs))
    both = list(dict.fromkeys(code for pair in pairs for code in pair))

    def coded(names):
        if all(language(name) == languages[name] for name in names):
            return names
        return {name: languages[name] for name in names}

    rules = [{"codes": coded(firsts), "pairs": kind} for kind in ("different", "every")]
    for pivot in both:
        if sum(pivot in pair for pair in pairs) < len(pairs) / 2:
            continue
        own = {c: n for n, c in enumerate(dict.fromkeys(b if a == pivot else a for a, b in pairs))}
        for names in (list(own), [c for c in own if c != pivot]):
            some = [p for p in pairs if names[0] in p and (pivot in p or p[0] == p[1])]
            patterns = ["-".join("x" if c == names[0] else c for c in p) for p in some]
            rule = {"codes": coded(names), "pairs": patterns}
            if pivot not in names:
                rule["pivot"] = coded([pivot]) if language(pivot) is None else pivot
            try:
                also = [name for name in subsets if name not in expand(rule)]
            except (KeyError, ValueError):
                continue
            if also and len(also) < 20:
                rule["also"] = also
            rules.append(rule)
    for rule in rules:
        try:
            if list(expand(rule).items()) == list(subsets.items()):
                return rule
        except (KeyError, ValueError):
            continue
    if set(pairs) != {(b, a) for a, b in pairs} or any(a == b for a, b in pairs):
        return None
    rule = {"codes": coded(firsts), "pairs": {"within": cliques(firsts, pairs)}}
    assert list(expand(rule).items()) == list(subsets.items())
    return rule


def subsetLines(task):
    subsets = task["eval_langs"]
    rule = pairRule(subsets)
    if rule:
        lines = ["language_pairs:"]
        for key in ("codes", "pivot", "pairs", "also"):
            if key == "pairs" and isinstance(rule[key], dict):
                lines += ["  pairs:", "    within:"]
                for group in rule[key]["within"]:
                    lines += entry("-", group, 6)
            elif key in rule:
                lines += entry(key, rule[key], 2)
        return [line.replace("-: [", "- [") for line in lines]
    if len(subsets) > 40 and all([language(k)] == v for k, v in subsets.items()):
        return entry("languages", list(subsets))
    if len(subsets) == 1 and len(flow(subsets)) < WIDTH - 12:
        return entry("languages", subsets)
    lines = ["languages:"]
    for name, value in subsets.items():
        lines += entry(scalar(name), value, 2)
    return lines


# --- Files ----------------------------------------------------------------------------------------

RETRIEVAL = ("Retrieval", "Reranking", "InstructionReranking")


def size(task):
    sizes = {}
    for split, counts in task["n_samples"].items():
        queries, documents = counts.get("num_queries"), counts.get("num_documents")
        isWhole = queries and documents and queries + documents == counts["num_samples"]
        sizes[split] = (
            {"queries": queries, "documents": documents} if isWhole else counts["num_samples"]
        )
    return sizes


def parameters(task):
    """Keys of the task file for the parameters that are not the type's own."""
    given = dict(task["eval_params_non_default"] or {})
    keys = {}
    if "min_score" in given or "max_score" in given:
        keys["score_range"] = [given.pop("min_score", 0), given.pop("max_score", 5)]
    if given.pop("parallel_subsets", False):
        keys["parallel"] = True
    if given.pop("ignore_identical_ids", False):
        keys["ignore_identical_ids"] = True
    if given.pop("evaluator", None) == "DeprecatedSummarizationEvaluator":
        keys["averages_p_values"] = True
    for ours, theirs in (("samples_per_label", "samples_per_label"), ("experiments", "n_experiments")):
        if theirs in given:
            keys[ours] = given.pop(theirs)
    if "max_eval_samples" in given:
        keys["evaluation_cap"] = given.pop("max_eval_samples") or "none"
    if "max_fraction_of_documents_to_embed" in given:
        assert given.pop("max_fraction_of_documents_to_embed") is None
        keys["document_cap"] = {"count": given.pop("max_document_to_embed")}
    if "max_depth" in given:
        keys["max_depth"] = given.pop("max_depth")
    if task["abstask"] == "AbsTaskClusteringLegacy":
        keys["legacy"] = True
    given.pop("fast_loading", None)
    assert not given, (task["name"], given)
    return keys


def taskFile(task):
    loader = LOADERS.get(task["name"])
    assert loader is not None or not (task["custom_note"] or task["custom_hooks"]) or (
        task["eval_params_non_default"] or {}
    ).get("parallel_subsets"), task["name"]
    loader = loader or {}
    lines = [f"name: {task['name']}", f"type: {task['type']}"]
    lines += subsetLines(task)
    lines += entry("splits", task["eval_splits"])
    lines += entry("main_score", task["main_score"])
    keys = parameters(task)
    keys.update(loader.get("keys", {}))
    for key, value in keys.items():
        lines += [f"{key}: none"] if value == "none" else entry(key, value)
    transforms = list(loader.get("transforms", []))
    if (task["eval_params_non_default"] or {}).get("fast_loading"):
        transforms.insert(0, {"subset": {"column": "lang"}})
    if transforms:
        lines.append("transforms:")
        lines += ["  - " + flow(step)[1:-1] for step in transforms]
    if "columns" in loader:
        lines += entry("columns", loader["columns"])
    if "note" in loader:
        lines += ["# " + part for part in wrapped(loader["note"], WIDTH - 2)]
    lines += entry("size", size(task))
    if task["domains"]:
        lines += entry("domains", task["domains"])
    if task["license"] and task["license"] != LEFT_OUT:
        lines.append(f"licence: {scalar(task['license'])}")
    if task["superseded_by"]:
        lines.append(f"superseded_by: {scalar(task['superseded_by'])}")
    if not task["is_public"]:
        lines.append("public: false")
    lines += dataLines(task)
    if "unsupported" in loader:
        lines.append("unsupported: " + sentence(loader["unsupported"]))
    return "\n".join(lines) + "\n"


def dataLines(task):
    data = {"hub": task["dataset_path"], "revision": task["dataset_revision"]}
    lines = ["data:"]
    return lines + [f"  {key}: {scalar(value)}" for key, value in data.items()]


def wrapped(text, width):
    lines, current = [], ""
    for word in text.split():
        if len(current) + len(word) + 1 > width:
            lines.append(current)
            current = ""
        current = (current + " " + word).strip()
    return lines + [current]


ABOUT = {
    "MTEB(Multilingual, v2)": "Texts in more than a thousand languages: the multilingual board of "
    "MMTEB.",
    "MTEB(eng, v2)": "English.",
    "MTEB(Europe, v1)": "Languages of Europe, written in Latin, Greek and Cyrillic.",
    "MTEB(Indic, v1)": "Languages of India and its neighbours.",
    "MTEB(Scandinavian, v1)": "Danish, Swedish and both kinds of Norwegian.",
    "MTEB(deu, v1)": "German.",
    "MTEB(fra, v1)": "French.",
    "MTEB(cmn, v1)": "Chinese.",
}


def narrowing(benchmark, tasks):
    """The rules of `narrowed` that leave exactly what the facts leave."""
    wanted = benchmark["restrictions"]
    kept = {
        name: wanted.get(name, {}).get("subsets") or list(tasks[name]["eval_langs"])
        for name in benchmark["tasks"]
    }

    def languages(names):
        return sorted({l for n in names for s in kept[n] for l in tasks[n]["eval_langs"][s]})

    def byLanguage(names, codes):
        return all(
            [s for s, ls in tasks[n]["eval_langs"].items() if set(ls) <= set(codes)] == kept[n]
            for n in names
        )

    narrowed = [n for n in benchmark["tasks"] if wanted.get(n, {}).get("subsets")]
    rules = []
    large = [n for n in narrowed if len(kept[n]) > 12]
    if narrowed and byLanguage(benchmark["tasks"], languages(benchmark["tasks"])):
        rules.append({"languages": languages(benchmark["tasks"])})
        narrowed = []
    elif large:
        names = [n for n in narrowed if byLanguage([n], languages(narrowed))]
        assert set(large) <= set(names), "a long list of subsets"
        rules.append({"tasks": names, "languages": languages(narrowed)})
        narrowed = [n for n in narrowed if n not in names]
    for kind, names in (
        ("subsets", narrowed),
        ("splits", [n for n in benchmark["tasks"] if wanted.get(n, {}).get("splits")]),
    ):
        byValue = {}
        for name in names:
            value = wanted[name][kind]
            if kind == "splits" and value == tasks[name]["eval_splits"]:
                continue
            byValue.setdefault(tuple(value), []).append(name)
        rules += [{"tasks": names, kind: list(v)} for v, names in byValue.items()]
    return rules


def benchmarkFile(name, benchmark, tasks):
    lines = [f'name: "{name}"', f"description: {sentence(ABOUT[name])}"]
    aliases = [a for a in benchmark["aliases"] if a != name]
    if aliases:
        lines += entry("aliases", aliases)
    if isinstance(benchmark["language_view"], list) and benchmark["language_view"]:
        lines += entry("language_view", benchmark["language_view"])
    rules = narrowing(benchmark, tasks)
    if rules:
        lines.append("narrowed:")
        for rule in rules:
            block = [line for key, value in rule.items() for line in entry(key, value, 4)]
            lines += ["  - " + block[0].strip()] + block[1:]
    lines += entry("tasks", benchmark["tasks"])
    return "\n".join(lines) + "\n"


def main(facts, folder):
    tasks = {task["name"]: task for task in json.loads((facts / "tasks.json").read_text())}
    benchmarks = json.loads((facts / "benchmarks.json").read_text())
    for task in tasks.values():
        place = folder / task["type"] / f"{task['name']}.yaml"
        place.parent.mkdir(exist_ok=True)
        place.write_text(taskFile(task))
    for name, benchmark in benchmarks.items():
        (folder / "Benchmarks" / f"{name}.yaml").write_text(benchmarkFile(name, benchmark, tasks))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
