#!/usr/bin/env bash
# Rewrite requirements/*.lock from pyproject.toml: every version pinned, every file hashed, for all supported systems.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh
ensure_uv
compile() { "$UV" pip compile --universal --generate-hashes --no-header --no-annotate --quiet --python-version 3.11 "$@"; }
compile pyproject.toml --all-extras --group dev -o requirements/dev.lock
compile pyproject.toml --constraint requirements/dev.lock -o requirements/run.lock
compile pyproject.toml --extra embeddings --constraint requirements/dev.lock -o requirements/all.lock
# What the optional extra adds to the plain set, installed on its own so that a failure there costs nothing else.
python3 - <<'PY'
from pathlib import Path


def blocks(path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in Path(path).read_text().splitlines(keepends=True):
        if not line.startswith(" "):
            name = line.split("==")[0]
            found[name] = ""
        found[name] += line
    return found


plain, full = blocks("requirements/run.lock"), blocks("requirements/all.lock")
Path("requirements/embeddings.lock").write_text("".join(v for k, v in full.items() if k not in plain))
Path("requirements/all.lock").unlink()
PY
wc -l requirements/*.lock
