#!/usr/bin/env bash
# Installs, then runs every test. Tests on SmolLM2, on published tokenizers and on public questions run where those can
# be fetched or are named by POLAR_CACHE and POLAR_DATA; what was skipped, and why, is listed at the end. Arguments go to
# ctest, e.g. -R llm. With POLAR_SKIP_NOTHING=1 a skipped test is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

src/setup/install.sh
cmake --build build -j "${POLAR_JOBS:-$(nproc)}" >&2
# What the tests compare with.
.venv/bin/python -c 'import h5py, jsonschema, numpy, safetensors, tokenizers, yaml' 2>/dev/null ||
  .venv/bin/pip install -q --disable-pip-version-check h5py jsonschema numpy pyyaml safetensors tokenizers ||
  echo 'tests: the Python packages to compare with cannot be installed; their tests will be skipped' >&2
# What they drive: the browser that draws reports, and the engines that start several processes.
missing=()
for pair in chromium:chromium mpirun:openmpi-bin sbatch:slurm-wlm munged:munge; do
  PATH=$PATH:/usr/sbin command -v "${pair%%:*}" > /dev/null || missing+=("${pair##*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  { [ "$(id -u)" -eq 0 ] && apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2; } ||
    echo "tests: cannot be installed here, so that their tests will be skipped: ${missing[*]}" >&2
fi
src/setup/fetch_model.sh smollm2 >&2 ||
  echo 'tests: SmolLM2 cannot be fetched; its tests will be skipped' >&2
src/setup/fetch_tokenizers.sh >&2 ||
  echo 'tests: the tokenizers of Qwen and Llama 3 cannot be fetched; their tests will be skipped' >&2
status=0
ctest --test-dir build -j "$(nproc)" --output-on-failure "$@" || status=$?

# A skipped test is no passed one: what was not run here, and why.
skipped=$(grep -h '^SKIPPED: ' build/Testing/Temporary/LastTest.log 2>/dev/null | sort | uniq -c || true)
if [ -n "$skipped" ]; then
  printf 'tests: not run here (how many tests, why):\n%s\n' "${skipped//SKIPPED: /}" >&2
  # Where everything is expected to run, a skipped test is a failed one.
  [ -z "${POLAR_SKIP_NOTHING:-}" ] || status=1
fi
exit "$status"
