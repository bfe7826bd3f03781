#!/usr/bin/env bash
# Installs, then runs every test. Tests on SmolLM2, on published tokenizers and on public questions run where those can
# be fetched or are named by POLAR_CACHE and POLAR_DATA, and say why where they are skipped. Arguments go to ctest, e.g.
# -R llm.
set -euo pipefail
cd "$(dirname "$0")/.."

src/setup/install.sh
# What the tests compare with.
.venv/bin/python -c 'import h5py, jsonschema, numpy, safetensors, tokenizers, yaml' 2>/dev/null ||
  .venv/bin/pip install -q --disable-pip-version-check h5py jsonschema numpy pyyaml safetensors tokenizers ||
  echo 'tests: the Python packages to compare with cannot be installed; their tests will be skipped' >&2
# The browser that draws reports.
command -v chromium > /dev/null ||
  { [ "$(id -u)" -eq 0 ] && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >&2; } ||
  echo 'tests: chromium cannot be installed (Debian: apt install chromium); tests of drawn pages will be skipped' >&2
src/setup/fetch_model.sh smollm2 >&2 ||
  echo 'tests: SmolLM2 cannot be fetched; its tests will be skipped' >&2
src/setup/fetch_tokenizers.sh >&2 ||
  echo 'tests: the tokenizers of Qwen and Llama 3 cannot be fetched; their tests will be skipped' >&2
ctest --test-dir build -j "$(nproc)" --output-on-failure "$@"
