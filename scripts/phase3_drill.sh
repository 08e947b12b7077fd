#!/usr/bin/env bash
# Rehearses Phase 3 and its rollback and proves every CT: scripts/phase3_drill.sh [--out report.md] [--data DIR] [--recount DIR]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
ensure_environment run
exec .venv/bin/python scripts/phase3_drill.py "$@"
