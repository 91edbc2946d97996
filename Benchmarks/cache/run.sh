#!/usr/bin/env bash
# What the embedding cache costs and saves: run.sh [options of run.py]. The report goes to standard
# output as Markdown, progress to standard error. Needs nothing but Python and a built borda.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec python3 "$here/run.py" "$@"
