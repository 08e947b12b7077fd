"""Importing Chainlit on our terms.

Chainlit reads its settings from the environment and its folder while it is imported, makes files there, and starts
nothing by itself when it is not mounted by its own helper. So the folder is one of its own inside the data folder,
with our committed configuration copied in; its token secret is made anew in each process, since a token never
outlives the request it was made for; and no `.env` file is read into the environment by it.
"""

from __future__ import annotations

import logging
import os
import shutil
import warnings
from pathlib import Path
from typing import Any

from camarad.errors import CamaradError
from camarad.ids import new_secret

ROOT = Path(__file__).parents[2]
CONFIGURATION = ROOT / ".chainlit"


_loaded: list[Any] = []


def load_chainlit(data_dir: Path) -> Any:
    """Chainlit's server module, with our handlers and data layer in it. Imported once, into the first folder."""
    if not _loaded:
        _loaded.append(_load((data_dir / "chainlit").resolve()))
    return _loaded[0]


def _load(home: Path) -> Any:
    _prepare(home)
    os.environ |= {
        "CHAINLIT_APP_ROOT": str(home),
        "CHAINLIT_ENV_FILE": str(home / "no.env"),
        "CHAINLIT_CUSTOM_AUTH": "1",
        "CHAINLIT_AUTH_SECRET": new_secret(),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own and of what it imports; nothing of ours runs here
        import chainlit.server as server
    logging.getLogger("chainlit").setLevel(logging.ERROR)
    _refuse_in_our_words(server.app)
    _install()
    return server


def _refuse_in_our_words(app: Any) -> None:
    """What our data layer refuses, and what Chainlit cannot read. Its own answers would be a 500: it does not know our
    errors, and repeats what was sent even where that cannot be written as JSON."""
    from fastapi.exceptions import RequestValidationError

    from web import failures

    app.add_exception_handler(CamaradError, failures.on_expected)
    app.add_exception_handler(RequestValidationError, failures.on_invalid)


def _prepare(home: Path) -> None:
    (home / ".chainlit").mkdir(parents=True, exist_ok=True)
    shutil.copytree(CONFIGURATION, home / ".chainlit", dirs_exist_ok=True)


def _install() -> None:
    """Our own socket events in place of Chainlit's, and the read-only data layer."""
    from chainlit.config import config

    from web.chat import sockets
    from web.chat.datalayer import ConversationLayer

    config.code.data_layer = ConversationLayer
    config.code.on_chat_resume = sockets.never  # its presence alone lets the page offer resuming
    sockets.install()
