#!/usr/bin/env bash
# Makes the Python environment of the reference engines outside the repository, or completes the one
# that is there, and prints its folder. Owns which interpreter and where; versions are in requirements.txt.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
environment=${BORDA_BENCH_ENV:-$HOME/.cache/borda-bench}

if [ ! -x "$environment/bin/python" ]; then
    echo "setup.sh: creating $environment" >&2
    "${PYTHON:-python3}" -m venv "$environment" >&2
fi
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
echo "$environment"
