"""The start's imports: lean while it lasts, and nothing of it afterwards."""

import gc
import subprocess
import sys

import pytest
from pydantic import BaseModel

from web.lean import lean_imports

SERVERS_IMPORTS = """
import sys
from pathlib import Path
from web.lean import lean_imports
with lean_imports():
    from agents.llm import preload
    preload()
    import web.app
    from web.chat.boot import load_chainlit
    load_chainlit(Path(sys.argv[1]))
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""
UNWANTED = {"alembic", "duckdb", "grpc", "psycopg", "pygments", "py3langid", "rich", "stripe", "traceloop"}


def test_models_defined_meanwhile_are_built_on_first_use_and_work():
    with lean_imports():

        class Late(BaseModel):
            number: int

        assert not Late.__pydantic_complete__
    assert Late.model_validate({"number": "3"}).number == 3


def test_afterwards_models_are_built_at_once_and_garbage_is_collected():
    with lean_imports():
        assert not gc.isenabled()
    assert gc.isenabled()

    class Early(BaseModel):
        number: int

    assert Early.__pydantic_complete__


def test_a_module_that_is_kept_out_can_be_imported_afterwards(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "rich"]:
        monkeypatch.delitem(sys.modules, name)
    with lean_imports(), pytest.raises(ImportError):
        import rich
    import rich

    assert rich


def test_a_failing_import_leaves_everything_as_it_was():
    before = dict(sys.modules)
    with pytest.raises(ZeroDivisionError), lean_imports():
        1 / 0  # noqa: B018
    assert gc.isenabled() and not BaseModel.model_config.get("defer_build")
    assert {name for name in sys.modules if name not in before} <= {"pydantic"}


def test_using_what_stands_in_for_traceloop_says_so():
    from web.lean import Traceloop

    with pytest.raises(RuntimeError, match=r"web/lean\.py"):
        Traceloop().init()


@pytest.mark.slow
def test_the_server_imports_nothing_it_does_not_use(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SERVERS_IMPORTS, str(tmp_path)], capture_output=True, text=True, check=True, timeout=120
    )
    assert not UNWANTED & set(done.stdout.splitlines()[-1].split())
