#!/usr/bin/env bash
# All tests, from nothing. Tests that need the reference material beside the repository are skipped
# with a reason where it is absent; the demonstration checkpoint, SmolLM2 and DuckDB are fetched, and
# Chromium is installed. Arguments go to `swift test`: scripts/test.sh --filter MetricsTests
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/setup.sh

need_swift
need_sqlite
need_packages git=git
need_model
need_smollm2
need_duckdb
need_browser

# Optimised, because comparisons with reference scores embed tens of thousands of texts; in a folder
# of its own, because testing needs another build than using.
options=(-c release --scratch-path .build-tests -Xswiftc -enable-testing)
swift build --build-tests "${options[@]}"

# A few at a time: all at once, tests that compute keep those waiting that watch a clock.
width=--experimental-maximum-parallelization-width
case $(swift test --help-hidden) in *"$width"*) options+=("$width" 8) ;; esac
# What failed, once more at the end: thousands of lines come between.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
swift test --skip-build --disable-xctest "${options[@]}" "$@" 2>&1 | tee "$log" || status=$?
if [ "$status" -ne 0 ]; then
  echo "failed:" >&2
  grep -E '✘|recorded an issue|error:' "$log" | head -n 100 >&2 || true
fi
exit "$status"
