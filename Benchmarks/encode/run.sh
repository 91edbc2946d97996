#!/usr/bin/env bash
# One command for the encoding comparison: run.sh [MODEL_DIR] [options of run.py]. The report goes to
# standard output as Markdown, progress to standard error.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=$("$here/setup.sh")
exec "$environment/bin/python" "$here/run.py" --environment "$environment" "$@"
