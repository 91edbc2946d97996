#!/usr/bin/env python3
"""Writes Tasks/languages.tsv and Tasks/scripts.tsv, the facts of languages that tables group by.

    python3 scripts/language_facts.py --mteb SITE-PACKAGES/mteb --macro iso-639_macro.json \
        --classes lang2tax.txt.codes --codes tasks.json [MORE.json|.csv …] --out Tasks

Sources
  --mteb     an installed mteb 2.26: mteb/languages holds names (ISO 639-3), scripts (ISO 15924) and
             families (Glottolog, CC BY 4.0, level0 the top).
  --macro    iso639/data/iso-639_macro.json of the package iso639-lang 2.6.3 (MIT; the table of
             macrolanguages of ISO 639-3): languages and their macrolanguage.
  --classes  the classes of P. Joshi et al., The State and Fate of Linguistic Diversity and Inclusion
             in the NLP World (ACL 2020), as lines code,class,name: their list lang2tax.txt has names
             alone, data/lang2tax.txt.codes of github.com/hamid-amir/data_lang2vec at 7feb3a8 has codes
             as well. Neither states a licence; a class of a language is a fact.
  --codes    files in which eng-Latn and the like occur: the languages that get a row.
"""

import argparse
import json
import pathlib
import re

# Codes in use without a family of their own in the source, and the code that has one.
FAMILY_OF = {
    "ajp": "apc",  # merged into it in 2023
    "dwy": "djr",  # Dhuwaya, a kind of Dhuwal as Djambarrpuyngu is
    "ebk": "lbk",  # Eastern and Central Bontok
    "gub": "urb",  # Guajajára and Urubú-Kaapor, both Tupian
    "kzj": "dtp",  # merged into it in 2016
    "lvs": "lav", "ltg": "lav", "nno": "nor", "nob": "nor",
    "twi": "aka",
    "zsr": "zar",  # Southern Rincon and Rincón Zapotec
    "bjp": "tgg",  # Fanamaket, part of Tangga until 2013
}
# Families of collections, which Glottolog does not have.
FAMILIES = {"ber": "Afro-Asiatic", "lav": "Indo-European", "nor": "Indo-European"}
# Isolates: Glottolog has them as families of one, so that the source gives them no level.
ISOLATES = {
    "ata", "auc", "cbu", "con", "eus", "faa", "kbh", "knv", "kto", "sua", "tiw", "ura", "wiu", "yle",
}
# No families, but drawers for what Glottolog has not decided.
NO_FAMILY = {"Bookkeeping"}

# Codes of a standard language, or of its macrolanguage, whose class the source lists under the other.
CLASS_OF = {
    "als": "sqi", "arb": "ara", "ayr": "aym", "azj": "aze", "dik": "din", "doi": "dgo", "fil": "tgl",
    "gaz": "orm", "gom": "knn", "khk": "mon", "knc": "kau", "lvs": "lav", "msa": "zlm", "nep": "npi",
    "nor": "nob", "pbt": "pst", "pes": "fas", "plt": "mlg", "pus": "pst", "rmy": "rom", "swa": "swh",
    "taq": "tmh", "uzn": "uzb", "ydd": "yid", "zho": "cmn", "zsm": "zlm",
}
# Where names and codes of the list do not meet: lang2tax.txt has kurdish (kurmanji), kurdish (sorani)
# and waray (a Wikipedia) in class 1; eastern punjabi is the one of the 19 languages of class 2 that has
# no code in the list.
CLASSES = {"kmr": 1, "ckb": 1, "war": 1, "pan": 2}
# The list's "bodo" was given the code of a language of Africa.
NO_CLASS = {"boy"}

# Result files write svk, a sign language, where Slovak is meant.
MISSPELT = {"svk": "slk"}


def codes_in(files):
    found = set()
    for file in files:
        found |= set(re.findall(r"\b([a-z]{3})[-_][A-Z][a-z]{3}\b", pathlib.Path(file).read_text()))
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name in ("mteb", "macro", "classes", "out"):
        parser.add_argument(f"--{name}", required=True, type=pathlib.Path)
    parser.add_argument("--codes", required=True, nargs="+", type=pathlib.Path)
    options = parser.parse_args()

    def load(name):
        return json.loads((options.mteb / "languages" / name).read_text())

    names, scripts = load("iso_639_3_to_language.json"), load("iso_15924_to_script.json")
    tops = {c: levels["level0"] for c, levels in load("language_family.json").items()}
    members = {}
    for one, macro in json.loads(options.macro.read_text())["individual"].items():
        members.setdefault(macro, []).append(one)
    classes = {}
    for line in options.classes.read_text().splitlines():
        code, level = line.split(",")[:2]
        classes[code] = int(level)

    def family(code):
        if code in ISOLATES:
            return f"{names[code]} (isolate)"
        if code in FAMILIES:
            return FAMILIES[code]
        if code in FAMILY_OF:
            return family(FAMILY_OF[code])
        if code in tops:
            return None if tops[code] in NO_FAMILY else tops[code]
        shared = {tops[one] for one in members.get(code, []) if one in tops}
        return shared.pop() if len(shared) == 1 else None

    def level(code):
        if code in CLASSES:
            return CLASSES[code]
        if code in NO_CLASS:
            return None
        return classes.get(CLASS_OF.get(code, code))

    rows = []
    for code in codes_in(options.codes):
        if code not in names:
            continue
        real = MISSPELT.get(code, code)
        resource = level(real)
        rows.append(
            [code, names[real], family(real) or "-", "-" if resource is None else str(resource)])
    header = """\
# Facts of languages: ISO 639-3 code, English name, top-level family, resource class; - is unknown.
# Names: ISO 639-3 (SIL International). Families: Glottolog (CC BY 4.0), both by way of mteb 2.26.24.
# Classes 0 (least) to 5 (most): P. Joshi et al., The State and Fate of Linguistic Diversity and
# Inclusion in the NLP World, ACL 2020, with codes by github.com/hamid-amir/data_lang2vec.
# Written by scripts/language_facts.py; docs/languages.md says how codes and names were matched.
# svk, Slovakian Sign Language in ISO 639-3, is what result files write for Slovak.
"""
    text = header + "code\tname\tfamily\tresource\n"
    text += "".join("\t".join(row) + "\n" for row in rows)
    (options.out / "languages.tsv").write_text(text)

    def short(name):
        han = re.match(r"Han \((\w+) variant\)", name)
        if han:
            return f"Han ({han[1].lower()})"
        return name if "variant" in name else re.sub(r" \(.*\)", "", name)

    text = "# Names of scripts: ISO 15924 (Unicode Consortium), by way of mteb 2.26.24.\n"
    text += "# Written by scripts/language_facts.py.\ncode\tname\n"
    text += "".join(
        f"{code}\t{short(name)}\n" for code, name in sorted(scripts.items())
        if not code.startswith("Qa"))
    (options.out / "scripts.tsv").write_text(text)
    unknown = [sum(row[i] == "-" for row in rows) for i in (2, 3)]
    print(f"{len(rows)} languages, {unknown[0]} without a family, {unknown[1]} without a class")


if __name__ == "__main__":
    main()
