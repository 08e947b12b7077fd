"""How long a second start takes until READY, and the memory the server and the emulator then hold."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else 0.0


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def start(data: str, port: int) -> tuple[float, dict[str, float]]:
    begun = time.monotonic()
    process = subprocess.Popen(
        ["bash", "scripts/run.sh", "--port", str(port), "--data", data],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "CAMARAD_DEMO_PASSWORD": "bench"},
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("READY "):
            break
    took = time.monotonic() - begun
    time.sleep(3)  # what is loaded in the background counts too
    memory = {"server": resident_mb(process.pid), "emulator": sum(resident_mb(c) for c in children(process.pid))}
    process.send_signal(signal.SIGINT)
    process.wait(60)
    return took, memory


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8791)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        first, _ = start(data, options.port)
        later = [start(data, options.port) for _ in range(options.repeat)]
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print("| start | seconds to READY | server MB | emulator MB |\n| --- | --- | --- | --- |")
    print(f"| first (packages installed) | {first:.1f} | | |")
    for took, memory in later:
        print(f"| second | {took:.1f} | {memory['server']:.0f} | {memory['emulator']:.0f} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
