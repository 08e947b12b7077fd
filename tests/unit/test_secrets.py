"""No key, token or password of anything real is in the checkout."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHAPES = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "a Stripe key": r"\b[rs]k_live_[A-Za-z0-9]{8,}",
    "a Stripe webhook secret": r"\bwhsec_[A-Za-z0-9+/]{32,}",
    "an OpenAI key": r"\bsk-(?:proj-)?[A-Za-z0-9]{32,}",
    "an Anthropic key": r"\bsk-ant-[A-Za-z0-9-]{20,}",
    "a Google API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a Google OAuth secret": r"\bGOCSPX-[A-Za-z0-9_-]{20,}",
    "a Google refresh token": r"\b1//0[A-Za-z0-9_-]{20,}",
    "an AWS key": r"\bAKIA[0-9A-Z]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "a Slack token": r"\bxox[abpr]-[A-Za-z0-9-]{10,}",
    "an API key of ours": r"\bck_[A-Za-z0-9_-]{40,}",
}
SECRET = re.compile("|".join(f"(?P<s{n}>{shape})" for n, shape in enumerate(SHAPES.values())))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name]


def test_no_secret_is_in_the_checkout() -> None:
    found = []
    for path in tracked():
        if path.suffix in (".png", ".gz") or path == Path(__file__) or not path.is_file():
            continue
        if match := SECRET.search(path.read_text(encoding="utf-8", errors="replace")):
            found.append(f"{path.relative_to(ROOT)}: {list(SHAPES)[int(match.lastgroup[1:])]}")  # type: ignore[index]
    assert found == []


@pytest.mark.parametrize(
    "leaked", ["sk_" + "live_" + "4eC39HqLyjWDar", "AIza" + "B" * 35, "-----BEGIN RSA " + "PRIVATE KEY-----"]
)
def test_the_scan_finds_what_it_looks_for(leaked: str) -> None:
    assert SECRET.search(f"key = '{leaked}'")
