#!/usr/bin/env bash
# Whether its connectors stand up to being asked again and again: BASE_URL=http://127.0.0.1:8000 scripts/connect_confidence.sh
set -euo pipefail
command -v python3 >/dev/null || { echo "python3 is needed and not on the PATH." >&2; exit 2; }
exec python3 "$(dirname "${BASH_SOURCE[0]}")/connect_confidence.py" "$@"
