#!/usr/bin/env bash
# The static checks: format, lint, types, import directions, and that the locks match pyproject.toml.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
ensure_environment dev
bin=.venv/bin
$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
$bin/lint-imports
bash -n scripts/*.sh .ci/run
