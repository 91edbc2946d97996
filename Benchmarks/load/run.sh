#!/usr/bin/env bash
# One command for the loading comparison: run.sh DATA_DIR [--megabytes 200] [options of run.py]. The report
# goes to standard output as Markdown, progress to standard error. DuckDB must be on PATH or in .demo/bin.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PATH=$PATH:$here/../../.demo/bin
data=$1
shift
megabytes=200
if [ "${1:-}" = --megabytes ]; then
  megabytes=$2
  shift 2
fi
environment=$("$here/../encode/setup.sh")
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check mteb==2.26.24 >&2
generated=${BORDA_GENERATED:-$(dirname "$environment")/borda-generated}
"$environment/bin/python" "$here/generate.py" "$generated" "$megabytes"
exec "$environment/bin/python" "$here/run.py" "$data" --generated "$generated" "$@"
