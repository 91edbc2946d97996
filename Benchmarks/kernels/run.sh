#!/usr/bin/env bash
# One command for the kernels alone: compiles them and their benchmarks, prints Markdown tables.
# CC names another clang; the kernels need one.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
kernels=$here/../../Sources/CKernels
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
for name in bench decoder search; do
  "${CC:-clang}" -std=gnu17 -O3 -Wall -Wextra -I "$kernels/include" \
    "$kernels"/*.c "$here/$name.c" -lm -o "$build/$name"
done
"$build/bench"
"$build/decoder"
"$build/search"
