"""The shape of the checkout itself."""

from __future__ import annotations

import re
import subprocess
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("camarad", "prompts", "billing", "tools", "agents", "graphs", "web")


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_installed_distribution_brings_a_package_named_like_a_room() -> None:
    installed = packages_distributions()
    assert {room: installed[room] for room in ROOMS if room in installed} == {}


def test_no_module_of_a_room_grows_past_three_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in ROOMS and "versions" not in path.parts
        if (lines := len(path.read_text().splitlines())) > 300
    }
    assert long == {}


def test_pages_and_styles_name_no_other_host() -> None:
    served = [p for p in tracked_files() if p.suffix in {".html", ".css", ".js", ".jsx", ".svg"}]
    foreign = re.compile(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", re.IGNORECASE)
    assert [str(p) for p in served if foreign.search(p.read_text())] == []
