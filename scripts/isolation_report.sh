#!/usr/bin/env bash
# Attacks every route of a product of its own and reports: scripts/isolation_report.sh [--out report.md] [--only /api]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
ensure_environment dev
exec .venv/bin/python scripts/isolation_report.py "$@"
