#!/usr/bin/env bash
# Whether a running Camarad is well: BASE_URL=http://127.0.0.1:8000 scripts/smoke.sh
set -euo pipefail
command -v python3 >/dev/null || { echo "python3 is needed and not on the PATH." >&2; exit 2; }
exec python3 "$(dirname "${BASH_SOURCE[0]}")/smoke.py" "$@"
