#!/usr/bin/env bash
# Damages reference checkpoints and data files at random and reads them: fuzz.sh [SECONDS] [FOLDER]. A
# crash, a hang or memory beyond 6 GB keeps what did it as FOLDER/found-<seed> (data files with their own
# seed in its folder data), and the run goes on. Findings are mended and kept as cases of
# MutatedCheckpointTests, MalformedTests or HostileDataTests.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-3600}
folder=$(mkdir -p "${2:-.build-tests/fuzz}" && cd "${2:-.build-tests/fuzz}" && pwd)
. scripts/setup.sh
need_swift
need_sqlite
options=(-c release --scratch-path .build-tests -Xswiftc -enable-testing)
swift build --build-tests "${options[@]}"
ulimit -v 6000000
end=$((SECONDS + seconds))
seed=${BORDA_FUZZ_SEED:-1000}
while [ $SECONDS -lt $end ]; do
  if BORDA_FUZZ_FOLDER=$folder/now BORDA_FUZZ_SEED=$seed BORDA_FUZZ_SECONDS=$((end - SECONDS)) \
    swift test --skip-build --disable-xctest "${options[@]}" --filter "for as long as asked" \
    >"$folder/log" 2>&1; then
    break
  fi
  seed=$(cat "$folder/now/seed")
  echo "found something at seed $seed: $folder/found-$seed"
  cp -r "$folder/now" "$folder/found-$seed"
  cp "$folder/log" "$folder/found-$seed/log"
  seed=$((seed + 50))
done
grep -E "fuzz: |✘" "$folder/log" | tail -5
