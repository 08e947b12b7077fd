#!/usr/bin/env bash
# Compare the locked dependencies with the published advisories. Needs the network to the advisory database, which the
# tests do not have, so that it is run before a release and by a scheduled job, not with every commit.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
ensure_uv
for lock in run dev; do
  echo "requirements/$lock.lock"
  "$UV" tool run pip-audit --requirement "requirements/$lock.lock" --require-hashes --disable-pip --strict ||
    fail "The advisories name a locked dependency, or could not be asked." \
      "Raise the version in pyproject.toml and run scripts/lock.sh, or look at the network."
done
