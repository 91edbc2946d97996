#!/usr/bin/env python3
"""Records what the reference library does, for the tests of the tokenizers.

    pip install tokenizers==0.23.3
    python record.py SHARED MINILM > reference.json

SHARED is the folder of reference material, MINILM a folder with the tokenizer.json of
all-MiniLM-L6-v2. Digests are 64-bit: start with 0xcbf29ce484222325; per number,
xor with it and multiply by 0x100000001b3.
"""

import json
import os
import random
import re
import sys

import tokenizers
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

START, FACTOR, MASK = 0xCBF29CE484222325, 0x100000001B3, (1 << 64) - 1

CATEGORIES = ("Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp "
              "Cc Cf Cs Co Cn").split()


def digest(numbers):
    h = START
    for n in numbers:
        h = ((h ^ n) * FACTOR) & MASK
    return f"{h:016x}"


def scalars(limit=0x110000):
    return [c for c in range(limit) if not 0xD800 <= c <= 0xDFFF]


def members(pre_tokenizer):
    """The scalars that the pre-tokenizer does not drop."""
    found = set()
    for base in range(0, 0x110000, 0x1000):
        text = "".join(chr(c) for c in range(base, base + 0x1000) if not 0xD800 <= c <= 0xDFFF)
        for word, _ in pre_tokenizer.pre_tokenize_str(text):
            found.update(map(ord, word))
    return found


def pattern(text):
    return members(pre_tokenizers.Split(Regex(text), "removed", invert=True))


def classes():
    place = {c: len(CATEGORIES) - 3 for c in range(0xD800, 0xE000)}
    for i, name in enumerate(CATEGORIES):
        if name != "Cs":
            for c in pattern(r"\p{%s}" % name):
                place[c] = i
    result = {"categories": digest(place[c] for c in range(0x110000))}
    for text in [r"\w", r"[\w]", r"\s", r"\d", r"\p{Han}", r"\p{L}", r"\p{N}"]:
        result[text] = digest(sorted(pattern(text)))
    # A digit stands alone, a word character does not.
    digits = pre_tokenizers.Digits(True)
    words = pre_tokenizers.Whitespace()
    all_digits, all_words = [], []
    for c in scalars():
        text = f"a{chr(c)}a"
        if len(digits.pre_tokenize_str(text)) == 3:
            all_digits.append(c)
        if len(words.pre_tokenize_str(text)) == 1:
            all_words.append(c)
    result["Digits"], result["Whitespace"] = digest(all_digits), digest(all_words)
    return result


def forms():
    """Each scalar alone, and with marks behind it that reorder and compose."""
    result = {}
    tried = scalars(0x30000) + list(range(0xE0000, 0xE0200))
    for name in ["NFC", "NFD", "NFKC", "NFKD"]:
        form = getattr(normalizers, name)()
        h = START
        for base in range(0, len(tried), 512):
            text = "".join(f"{chr(c)}xe{chr(c)}\u0301\u0316\n" for c in tried[base:base + 512])
            for byte in form.normalize_str(text).encode():
                h = ((h ^ byte) * FACTOR) & MASK
        result[name] = f"{h:016x}"
    return result


# The lines of real text: parts of the plain files of the data sets.

def line_files(shared):
    found = []
    for folder, _, names in os.walk(os.path.join(shared, "data")):
        for name in names:
            if name.endswith((".jsonl", ".tsv", ".csv")):
                found.append(os.path.relpath(os.path.join(folder, name), shared))
    return sorted(found)


def lines(shared, files):
    for file in files:
        with open(os.path.join(shared, file), "rb") as f:
            for line in re.split(rb'[\n\t"]', f.read()):
                if len(line) > 2:
                    yield line.decode()


def line_digests(tokenizer, texts, block):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    result = []
    for base in range(0, len(texts), block):
        numbers = []
        for encoding in tokenizer.encode_batch(texts[base:base + block]):
            numbers += encoding.ids
            numbers.append(0xFFFFFFFF)
        result.append(digest(numbers))
    return result


# Stages on texts full of traps.

PARTS = ["the", "The", "hello", " ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", "'s", "'S", "'\u017f",
         "'ll", "'LL", "'re", "'t", "'d", "'ve", "'M", "1", "12", "1234", "\u00bd", "\u0663",
         "\u00b2", "\u2167", ".", "...", "!?", "$", "\u20ac", "_", "-", "a", "b", "ab", "\u00e9",
         "e\u0301", "\u00c9", "\u00df", "\u0130", "\u0131", "K", "\u212a", "\u4e2d", "\u4e2d\u6587",
         "\ud55c\uad6d", "\u1100", "\u1161", "\u11a8", "\u0345", "\u0301", "\u0316", "\u3099",
         "\u304b", "\uff76\uff9e", "\ufb01", "\ufdfa", "\u2460", "\u200b", "\u200d", "\u00a0",
         "\u0085", "\u2028", "\u3000", "\ufeff", "\ufffd", "\0", "\x01", "\x7f",
         "\U0001f469\u200d\U0001f467", "\u0928\u092e", "\u0e19\u0e35", "\u05d0\u05b8", "\u0645",
         "\u041f\u0440", "\u2581", "\u1c89", "\U00011de0", "\U0001d400", "\U0001d7d7",
         "\U0002f800", "\u0958", "\u0344", "\u1e9b\u0323", "\u0d4a", "\U00011938", "``"]

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
          r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
ENDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = "|".join([rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{ENDS}",
                  rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{ENDS}", r"\p{N}{1,3}",
                  r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+"])
CL100K = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
          r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s")


def split(text, behavior="Isolated", invert=False, kind="Regex"):
    return {"type": "Split", "pattern": {kind: text}, "behavior": behavior, "invert": invert}


def byte_level(space, regex):
    return {"type": "ByteLevel", "add_prefix_space": space, "trim_offsets": True,
            "use_regex": regex}


def sequence(*parts):
    return {"type": "Sequence", "pretokenizers": list(parts)}


def stages():
    behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
    cuts = [split(GPT2), split(LLAMA3), split(LLAMA3.replace("{1,3}", "")),
            split(LLAMA3, "Removed", True), split(O200K), split(CL100K),
            sequence(split(r"[\r\n]"), split(r"\s?\p{L}+"), split(r"\s?\p{P}+"),
                     {"type": "Digits", "individual_digits": True}),
            {"type": "BertPreTokenizer"}, {"type": "Whitespace"}, {"type": "WhitespaceSplit"},
            {"type": "Digits", "individual_digits": True},
            {"type": "Digits", "individual_digits": False},
            {"type": "CharDelimiterSplit", "delimiter": "a"},
            byte_level(True, True), byte_level(True, False), byte_level(False, True),
            sequence({"type": "Whitespace"}, byte_level(True, True)),
            sequence(byte_level(False, True), {"type": "Punctuation", "behavior": "Contiguous"})]
    for behavior in behaviors:
        cuts.append({"type": "Punctuation", "behavior": behavior})
        for invert in [False, True]:
            cuts += [split(r"\p{L}+", behavior, invert), split(" ", behavior, invert, "String"),
                     split(r"(?=\p{Lu})", behavior, invert)]
    cuts += [split(text) for text in [
        r"\w+|[^\w\s]+", r"\W", r"^.|.$", r"\A.|.\z", r".\Z", r"$", r"(?!\S)\s|a+?b",
        r"[a-z]{2,}?[A-Z]", r"\x{4e00}|\u4e2d|\x61", r"\p{^L}+", r"[^\P{Lu}]", r"[\S\n]+",
        r"\p{Han}+|\p{lu}", r"(a|ab)(c|bcd)?", r"(?:ab|a)+b?", r"1{2,3}+", r"[\]\[]", r"(?i:k|s)x?",
        r"\p{N}{1,3}(?!\p{N})", r"\S{1,3}?\s??", r"(?=[A-Z])|x"]]
    changes = [{"type": t} for t in ["NFC", "NFD", "NFKC", "NFKD", "Nmt", "Lowercase",
                                     "StripAccents", "ByteLevel"]]
    changes += [{"type": "Strip", "strip_left": True, "strip_right": False},
                {"type": "Strip", "strip_left": True, "strip_right": True},
                {"type": "Prepend", "prepend": "\u2581"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
                {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
                {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "StripAccents"},
                                                     {"type": "Prepend", "prepend": "x"}]}]
    return [(None, cut) for cut in cuts] + [(change, None) for change in changes]


def words(change, cut, texts):
    model = {"type": "BPE", "vocab": {}, "merges": []}
    tokenizer = Tokenizer.from_str(json.dumps({
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
        "normalizer": change, "pre_tokenizer": cut, "post_processor": None, "decoder": None,
        "model": model}))
    numbers = []
    for text in texts:
        if tokenizer.normalizer:
            text = tokenizer.normalizer.normalize_str(text)
        found = [text] if text else []
        if tokenizer.pre_tokenizer:
            found = [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]
        for word in found:
            numbers += list(word.encode()) + [256]
        numbers.append(257)
    return digest(numbers)


def main(shared, minilm):
    dice = random.Random(1)
    texts = ["".join(dice.choice(PARTS) for _ in range(dice.randint(0, 9))) for _ in range(400)]
    files = line_files(shared)
    block = 1000
    real = list(lines(shared, files))
    tokenizer = os.path.join(shared, "models/real/smollm2/tokenizer.json")
    json.dump({
        "library": f"tokenizers {tokenizers.__version__}",
        "classes": classes(),
        "forms": forms(),
        "texts": texts,
        "stages": [{"normalizer": n, "pre_tokenizer": p, "digest": words(n, p, texts)}
                   for n, p in stages()],
        "lines": {
            "files": files, "count": len(real), "block": block,
            "smollm2": line_digests(Tokenizer.from_file(tokenizer), real, block),
            "minilm": line_digests(
                Tokenizer.from_file(os.path.join(minilm, "tokenizer.json")), real, block),
        },
    }, sys.stdout, indent=1, ensure_ascii=True)
    print()


if __name__ == "__main__":
    main(*sys.argv[1:])
