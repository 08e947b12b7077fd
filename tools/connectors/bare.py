"""Importing a module deep in Google's Ads package without the whole of it.

The package's own `__init__` files import every service, resource, enum and error of the API: 940 modules and 42 MB,
where reading reports needs two thirds of them. While a module is imported here, its packages are bare ones that only
say where their files are. They go when the import is done, so that anyone else who imports the package finds all of it.
"""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

ROOT = "google.ads.googleads"
_lock = threading.Lock()


@contextmanager
def bare_packages(version: str) -> Iterator[None]:
    """For the imports of one version of the API. One that is imported already stays as it is."""
    with _lock:
        name = f"{ROOT}.{version}"
        made = {} if name in sys.modules else _packages(name)
        sys.modules.update(made)
        try:
            yield
        finally:
            for package, module in made.items():
                if sys.modules.get(package) is module:
                    del sys.modules[package]


def _packages(name: str) -> dict[str, ModuleType]:
    """The package and those inside it, by name; none where it cannot be found, so that the import says why."""
    found = importlib.util.find_spec(ROOT)  # imports what is above it, which is small
    places = found.submodule_search_locations if found else None
    folder = Path(places[0]) / name.rpartition(".")[2] if places else None
    if folder is None or not folder.is_dir():
        return {}
    inner = [file.parent for depth in ("", "*/", "*/*/") for file in sorted(folder.glob(f"{depth}__init__.py"))]
    return {made.__name__: made for made in (_bare(name, folder, path) for path in inner)}


def _bare(name: str, folder: Path, path: Path) -> ModuleType:
    module = ModuleType(".".join((name, *path.relative_to(folder).parts)), "A bare one; see tools/connectors/bare.py.")
    module.__path__ = [str(path)]
    return module
