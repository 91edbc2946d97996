"""The ranking of a benchmark as mteb makes it, timed: reference.py FOLDER BENCHMARK OUT.json

FOLDER holds `results`. Prints seconds of the parts as JSON; OUT.json gets rank and means by model.
"""

import json
import logging
import pathlib
import resource
import sys
import time
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
start = time.perf_counter()
import mteb  # noqa: E402  (its import is part of what a user waits for)

imported = time.perf_counter()
folder, benchmark, out = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
cache = mteb.ResultCache(cache_path=folder)
results = cache.load_results(
    tasks=mteb.get_benchmark(benchmark), include_remote=False, only_main_score=True
)
loaded = time.perf_counter()
table = results.get_benchmark_result()
ended = time.perf_counter()
out.write_text(table.to_json(orient="records", double_precision=15))
print(
    json.dumps(
        {
            "import": imported - start,
            "load": loaded - imported,
            "table": ended - loaded,
            "models": len(table),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
