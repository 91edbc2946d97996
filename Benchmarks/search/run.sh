#!/bin/sh
# Searches a made-up corpus through the whole program, measures its peak memory, and compares the
# search alone with NumPy and FAISS. Benchmarks/README.md explains it.
set -eu
cd "$(dirname "$0")/../.."
exec "${BORDA_PYTHON:-python3}" Benchmarks/search/run.py "$@"
