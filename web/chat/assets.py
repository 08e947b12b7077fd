"""Chainlit's script bundle, compressed once and served as immutable: its names carry a hash of the content.

Chainlit itself compresses 4.6 MB for every request, which takes 0.4 s. Source maps are not served.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.responses import Response

IMMUTABLE = "public, max-age=31536000, immutable"
REVALIDATED = "private, no-cache"
TYPES = {".jsx": "text/javascript", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    zipped: bytes
    media_type: str
    etag: str
    cache: str

    def response(self, accepts: str, matches: str | None) -> Response:
        headers = {"cache-control": self.cache, "vary": "accept-encoding", "etag": self.etag}
        if matches == self.etag:
            return Response(status_code=304, headers=headers)
        if "gzip" not in accepts:
            return Response(self.body, media_type=self.media_type, headers=headers)
        return Response(self.zipped, media_type=self.media_type, headers={**headers, "content-encoding": "gzip"})


class Shelf:
    """Files of one folder by name, compressed when first asked for and kept; `kept` holds compressed copies across
    starts.
    """

    def __init__(self, folder: Path, cache: str, kept: Path | None = None) -> None:
        self._names = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.suffix != ".map"
        }
        self._cache = cache
        self._kept = kept
        self._ready: dict[str, Asset] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._names

    @cached_property
    def version(self) -> str:
        """Changes with any file."""
        digest = hashlib.sha256()
        for path in self._names.values():
            digest.update(path.read_bytes())
        return digest.hexdigest()[:12]

    def get(self, name: str) -> Asset | None:
        if name not in self._names:
            return None
        if name not in self._ready:
            self._ready[name] = self._make(name)
        return self._ready[name]

    def _make(self, name: str) -> Asset:
        path = self._names[name]
        body = path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:32]
        media_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return Asset(body, self._zip(body, digest), media_type, f'"{digest}"', self._cache)

    def _zip(self, body: bytes, digest: str) -> bytes:
        if self._kept is None:
            return gzip.compress(body, 6, mtime=0)
        kept = self._kept / f"{digest}.gz"
        if kept.is_file():
            return kept.read_bytes()
        self._kept.mkdir(parents=True, exist_ok=True)
        zipped = gzip.compress(body, 9, mtime=0)
        part = kept.with_suffix(f".{id(body)}.part")
        part.write_bytes(zipped)
        part.replace(kept)  # two processes may start at once
        return zipped
