#!/usr/bin/env bash
# One command for the ranking comparison: run.sh RESULTS [options of run.py] ranks RESULTS, a folder of
# original result files, and a stand-in of 1.8 GB made from it. The report goes to standard output as
# Markdown, progress to standard error.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
results=$1
shift
environment=$("$here/../encode/setup.sh")
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check mteb==2.26.24 >&2
work=${BORDA_STANDIN:-$(dirname "$environment")/borda-standin}
mkdir -p "$work/few"
ln -sfn "$(cd "$results" && pwd)" "$work/few/results"
"$environment/bin/python" -c '
import mteb
names = {meta.name for meta in mteb.get_model_metas()}
print("\n".join(sorted(name for name in names if " " not in name)))' > "$work/names"
"$environment/bin/python" "$here/standin.py" "$results" "$work/many" "$work/names" >&2
for folder in "$work/few" "$work/many"; do
  "$environment/bin/python" "$here/run.py" "$folder" "$@"
done
