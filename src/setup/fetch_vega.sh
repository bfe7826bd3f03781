#!/usr/bin/env bash
# Makes Vega, Vega-Lite and Vega-Embed as one script in ${POLAR_CACHE:-~/.cache/polar}/vega and prints its path: the
# build puts it into the command, and every report's page carries it. The Vega project's own package on the Python index holds
# them (vl-convert-python; unpacked for this, 84 MB, and removed again).
#
# Needs Python 3 with pip: that of .venv where there is one, or $POLAR_PYTHON. Running it again only checks the file.
# The file appears under its name when it is whole and has the expected SHA-256, never before.
set -euo pipefail

package=vl-convert-python==1.9.0.post1  # Vega 6.2.0, Vega-Lite 6.4, Vega-Embed 7.0.2
vega_lite=6.4
sha256=3425bd951a44d478d0505c6b5d1e8d57656b6e9a4da7bfe88a718ce61d76e572
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

fail() {
  echo "fetch_vega: $1" >&2
  exit 2
}

python=${POLAR_PYTHON:-python3}
[[ -z ${POLAR_PYTHON:-} && -x $root/.venv/bin/python ]] && python=$root/.venv/bin/python
cache=${POLAR_CACHE:-$HOME/.cache/polar}/vega
file=$cache/vega-lite-$vega_lite-${sha256:0:8}.js
if [[ -f $file && $(sha256sum < "$file") == "$sha256  -" ]]; then
  echo "$file"
  exit 0
fi

mkdir -p "$cache" || fail "cannot make $cache; set POLAR_CACHE to a writable folder"
work=$(mktemp -d "$cache/.fetch-XXXXXX") || fail "cannot write to $cache; set POLAR_CACHE to a writable folder"
trap 'rm -rf "$work"' EXIT
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --target "$work/package" \
  "$package" >&2 || fail "pip could not install $package; check the network and pip's index settings"
PYTHONPATH=$work/package "$python" - "$work/vega.js" "$vega_lite" <<'PYTHON' || fail "$package wrote no script"
import sys, vl_convert
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write(vl_convert.javascript_bundle(vl_version=sys.argv[2]))
PYTHON
found=$(sha256sum < "$work/vega.js")
[[ $found == "$sha256  -" ]] ||
  fail "$package: found a script of SHA-256 ${found%% *}, expected $sha256; nothing was kept"
mv -f "$work/vega.js" "$file"
echo "$file"
