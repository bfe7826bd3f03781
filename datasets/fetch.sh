#!/usr/bin/env bash
# Fetches public data sets from their own homes into ${POLAR_DATA:-~/.cache/polar/data}/SET/SPLIT.jsonl.
#
#   datasets/fetch.sh             every set of the table
#   datasets/fetch.sh gsm8k math  these sets
#
# Sets that are already there are kept. A file appears whole or not at all; the first failure ends with one line and exit
# code 2. POLAR_MIRROR=https://mirror.example (or file:///folder) goes before the host names of the table.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
data=${POLAR_DATA:-$HOME/.cache/polar/data}
mirror=${POLAR_MIRROR:-https:/}

gsm8k=raw.githubusercontent.com/openai/grade-school-math/2909d34ef28520753df82a2234c357259d254aa8/grade_school_math/data
qwen=raw.githubusercontent.com/QwenLM/Qwen2.5-Math/e128aa06871c7a0eeedc2ab21b69459bcb24c4fb/evaluation/data
mmlu_pro=raw.githubusercontent.com/TIGER-AI-Lab/MMLU-Pro/main/eval_results
# set, split, where
table="
gsm8k    train $gsm8k/train.jsonl
gsm8k    test  $gsm8k/test.jsonl
math     train codeload.github.com/brando90/snap-cluster-setup/tar.gz/HEAD
math     test  codeload.github.com/brando90/snap-cluster-setup/tar.gz/HEAD
asdiv    test  $qwen/asdiv/test.jsonl
mawps    test  $qwen/mawps/test.jsonl
svamp    test  $qwen/svamp/test.jsonl
mmlu_pro test  $mmlu_pro/model_outputs_jamba-1.5-large_5shots.zip
"

fail() {
  echo "fetch.sh: $*" >&2
  exit 2
}

known=$(awk 'NF { print $1 }' <<<"$table" | sort -u | tr '\n' ' ')
wanted=${*:-$known}
for name in $wanted; do
  [[ " $known" == *" $name "* ]] || fail "no set is called '$name'; the sets are: ${known% }"
done
for tool in curl python3; do
  command -v "$tool" >/dev/null || fail "$tool is missing; install it and call again"
done

downloads=$(mktemp -d) || fail "no temporary folder can be made"
trap 'rm -rf "$downloads"' EXIT

# The two splits of MATH come in one archive: a URL is fetched once.
download() {
  local file
  file=$downloads/$(printf %s "$1" | tr -c 'A-Za-z0-9.' _)
  if [[ ! -e $file ]]; then
    curl --fail --silent --location --retry 3 --connect-timeout 30 --output "$file.part" "$mirror/$1" ||
      fail "$mirror/$1 could not be fetched (curl: $?); nothing was written for $2, call again or see datasets/README.md"
    mv "$file.part" "$file"
  fi
  downloaded=$file
}

while read -r name split url; do
  [[ -n $name && " $wanted " == *" $name "* ]] || continue
  target=$data/$name/$split.jsonl
  if [[ -s $target ]]; then
    echo "$target is there" >&2
    continue
  fi
  mkdir -p "$data/$name" 2>/dev/null || fail "$data/$name cannot be made; set POLAR_DATA to a folder you may write to"
  download "$url" "$name/$split"
  python3 "$here/convert.py" "$name" "$split" "$downloaded" "$target" || exit 2
  echo "$target: $(wc -l <"$target") records" >&2
done <<<"$table"
