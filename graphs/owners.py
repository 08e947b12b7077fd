"""Which process runs a turn, and whether it still can: the same host tells at once, another host by its heartbeat."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from camarad.ids import new_secret

HEARTBEAT = 3.0  # seconds between beats
SILENCE = timedelta(seconds=20)  # after which a turn of another host counts as dead


@dataclass(frozen=True, slots=True)
class Owner:
    """`host/pid/nonce`. The nonce tells this process from an earlier one that had the same pid."""

    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    nonce: str = field(default_factory=lambda: new_secret()[:12])

    @property
    def name(self) -> str:
        return f"{self.host}/{self.pid}/{self.nonce}"

    def is_gone(self, name: str, heartbeat_at: datetime, now: datetime) -> bool:
        """Whether the process of that name can no longer be running its turn. Silence tells for every process, our
        own included: a run that broke beyond repair beats no more."""
        host, _, pid = name.rpartition("/")[0].rpartition("/")
        if name != self.name and host == self.host and pid.isdigit() and not _may_live(int(pid), self.pid):
            return True
        return now - heartbeat_at > SILENCE


def _may_live(pid: int, own: int) -> bool:
    """A pid equal to ours under another nonce was an earlier process; one the system does not list is dead."""
    if pid == own:
        return False
    if Path("/proc").is_dir():
        return Path(f"/proc/{pid}").exists()
    return True
