#!/usr/bin/env bash
# Installs what is missing (Debian packages, a private virtual environment with libtorch) and builds build/polar;
# tests/run.sh builds the tests.
# Idempotent. --no-build: installs only. Environment: POLAR_JOBS = parallel compile jobs (default: all cores).
set -euo pipefail
cd "$(dirname "$0")/../.."

say() { printf 'install: %s\n' "$*" >&2; }

packages=(build-essential cmake ninja-build git ca-certificates python3-venv python3-pip
  libeigen3-dev libyaml-cpp-dev libtbb-dev libhdf5-dev catch2 libcli11-dev nlohmann-json3-dev libutf8proc-dev
  libcalcium-dev libflint-dev libflint-arb-dev libantic-dev libgmp-dev libssl-dev zlib1g-dev)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  say "installing ${missing[*]}"
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "these Debian packages are missing and there is no sudo to install them"; exit 2; }
    as_root=(sudo)
  fi
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

# The CPU build where pip can reach it, else PyPI's own (a CUDA build on x86-64: larger, and works on a CPU too).
torch=2.13.0
if ! .venv/bin/python -c "import importlib.metadata as m; assert m.version('torch').split('+')[0] == '$torch'" 2>/dev/null; then
  say "libtorch $torch into .venv"
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/pip install -q --disable-pip-version-check --no-deps "torch==$torch+cpu" 2>/dev/null ||
    .venv/bin/pip install -q --disable-pip-version-check "torch==$torch"
fi

[ "${1:-}" != --no-build ] || exit 0
[ -f build/build.ninja ] || cmake -S . -B build -G Ninja >&2
cmake --build build --target polar -j "${POLAR_JOBS:-$(nproc)}" >&2
say "built build/polar"
