#!/usr/bin/env bash
# From nothing to a ranking: fetches a real checkpoint, builds, evaluates it and the lexical
# baseline on the Starter benchmark, prints who stands where, and writes a report to open.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

need_swift
need_sqlite
need_packages git=git
need_model

echo "building (the first time takes some minutes)"
log=$(mktemp)
swift build -c release --product borda >"$log" 2>&1 ||
  { cat "$log" >&2; rm -f "$log"; stop "the build failed"; }
rm -f "$log"
borda="$(swift build -c release --show-bin-path)/borda"

"$borda" evaluate --model "$MODEL_DIR" --name sentence-transformers/all-MiniLM-L6-v2 --benchmark Starter
echo
"$borda" evaluate --model baseline:hash --benchmark Starter
echo
"$borda" rank --benchmark Starter
echo
"$borda" rank --benchmark Starter --by language
echo
echo "report to open: $("$borda" report --benchmark Starter --out Reports/starter)"
