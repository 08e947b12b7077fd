"""Importing some four thousand modules at less cost; see docs/decisions/lean-start.md.

Three savings, each for the length of the start only:

- the garbage collector rests, since it would walk again and again what the imports keep;
- pydantic builds a model's validator when the model is first used, and most of litellm's never are;
- what the libraries import for features that no Camarad uses is kept out. `pygments` and `rich` are optional to those
  who ask for them. Traceloop's SDK is not optional to literalai, from which Chainlit takes five data types, so it finds
  an empty one: OpenTelemetry's exporters stay out, and so does a client that reports to its makers.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

OPTIONAL = ("pygments", "rich")
TRACELOOP = ("traceloop", "traceloop.sdk")


class Traceloop:
    """In the place of the SDK's class: any use of it is a defect, and says so."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"Traceloop.{name} was used; Camarad keeps Traceloop's SDK out (web/lean.py).")


@contextmanager
def lean_imports() -> Iterator[None]:
    """For the imports of the start; what follows may import what it likes, and collects garbage as ever."""
    collecting = gc.isenabled()
    gc.disable()
    put = _stand_ins()
    sys.modules.update(put)  # type: ignore[arg-type]  # None is how an import is refused
    model = _models_on_first_use(True)
    try:
        yield
    finally:
        _models_on_first_use(model)
        for name, module in put.items():
            if sys.modules.get(name, ...) is module:
                del sys.modules[name]
        gc.freeze()  # or the first collection would walk all of it, for half a second, to find next to nothing
        if collecting:
            gc.enable()


def _stand_ins() -> dict[str, ModuleType | None]:
    """What to find under each name: None refuses the import. What is there already stays."""
    put: dict[str, ModuleType | None] = {name: None for name in OPTIONAL if name not in sys.modules}
    if not any(name in sys.modules for name in TRACELOOP):
        package, sdk = (ModuleType(name, "An empty one; see web/lean.py.") for name in TRACELOOP)
        package.__path__ = []
        vars(package)["sdk"], vars(sdk)["Traceloop"] = sdk, Traceloop()
        put |= {package.__name__: package, sdk.__name__: sdk}
    return put


def _models_on_first_use(wanted: bool) -> bool:
    """Switch pydantic's documented `defer_build` for models defined from now on; gives what it was."""
    from pydantic import BaseModel

    before = bool(BaseModel.model_config.get("defer_build", False))
    BaseModel.model_config["defer_build"] = wanted
    return before
