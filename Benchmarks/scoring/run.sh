#!/usr/bin/env bash
# One command for the scoring comparison: run.sh DATA_DIR [options of run.py]. The report goes to
# standard output as Markdown, progress to standard error.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=$("$here/../encode/setup.sh")
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check mteb==2.26.24 >&2
exec "$environment/bin/python" "$here/run.py" "$@"
