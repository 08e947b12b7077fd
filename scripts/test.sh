#!/usr/bin/env bash
# Sets up what is missing (packages, PostgreSQL, Chromium) and runs the tests.
#
#   scripts/test.sh [pytest arguments]    without arguments: everything, quick tests first
#   scripts/test.sh --fast                only what needs neither browser, crash nor minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

postgres_is_there() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null 2>&1; }
chromium_is_there() { command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1; }

ensure_environment dev
missing=()
postgres_is_there || missing+=(postgresql)
chromium_is_there || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
  install_system "${missing[@]}" || true
  postgres_is_there && chromium_is_there ||
    fail "The tests need PostgreSQL and Chromium, and they could not be installed here." \
      "As root: apt-get install postgresql chromium, then run this again."
fi

pytest=(.venv/bin/python -m pytest)
quick='not slow and not browser and not crash'
if [ "${1:-}" = --fast ]; then
  shift
  exec "${pytest[@]}" -n 2 -m "$quick" "$@"
elif [ $# -gt 0 ]; then
  exec "${pytest[@]}" "$@"
fi
"${pytest[@]}" -n 2 -q -m "$quick"
"${pytest[@]}" -q -m "(slow or crash) and not browser"
exec "${pytest[@]}" -q -m browser # apart: Playwright keeps an event loop running that the others must not find
