#!/usr/bin/env bash
# Sets up what is missing and starts Camarad with everything it needs. See README.md.
#
#   scripts/run.sh [--host H] [--port P] [--data DIR] [--fixtures FILE]
#
# Prints "READY http://H:P" and how to sign in; Ctrl-C stops all of it.
set -euo pipefail
started_in=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --data | --fixtures) # paths are the caller's, not the checkout's
      [ $# -ge 2 ] || fail "$1 needs a path." "See the top of scripts/run.sh."
      case "$2" in /*) path=$2 ;; *) path=$started_in/$2 ;; esac
      arguments+=("$1" "$path"); shift 2 ;;
    --host | --port)
      [ $# -ge 2 ] || fail "$1 needs a value." "See the top of scripts/run.sh."
      arguments+=("$1" "$2"); shift 2 ;;
    -h | --help) sed -n '2,6p' "${BASH_SOURCE[0]}" | cut -c3-; exit 0 ;;
    *) fail "Unknown argument: $1" "Known: --host H, --port P, --data DIR, --fixtures FILE." ;;
  esac
done

ensure_environment run
exec .venv/bin/python -m camarad serve "${arguments[@]}"
