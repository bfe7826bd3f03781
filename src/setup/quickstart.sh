#!/usr/bin/env bash
# From nothing to a report: installs, builds, and runs the whole experiment on the embedded model and data.
# Arguments go to polar run, e.g. --limit 50.
set -euo pipefail
cd "$(dirname "$0")/../.."

src/setup/install.sh
build/polar run configs/quickstart.yaml "$@"
