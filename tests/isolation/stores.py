"""Everything that is kept longer than a request, with what keeps one client's apart. Something new that is not here
fails tests/isolation/test_stores.py, or the matrix when it is a file."""

from __future__ import annotations

import re

# Tables with a column `client_id` that are not behind the wall of ClientOwned.
TABLES_OF_WORKSPACES = {
    "usage": "money of the workspace: one row a model call, written by the meter for many workspaces in one commit",
    "api_keys": "looked up by their hash before there is a scope; `client_id` narrows a key to one client",
}

# Functions whose results are kept for the process, by file. What they are keyed by holds nothing of a client.
CACHES = {
    "agents/embedded/": "readings of texts by the text itself, and data that ships with the model",
    "agents/language.py": "the language of a text, by the text",
    "agents/llm/": "facts of models, and tokens of a text by the text",
    "agents/simulation/": "dialogues that ship, for simulations",
    "billing/pricefile.py": "public prices of models",
    "billing/stamp.py": "the numbers a call was priced with, by themselves",
    "camarad/migrate.py": "the newest revision",
    "camarad/rows.py": "prepared statements by table; scopes go in as parameters",
    "camarad/statements.py": "names of tables",
    "camarad/wall.py": "filters, by the scope itself",
    "graphs/speaking.py": "tool schemas of an agent",
    "graphs/conversations.py": "statements by what is asked for; scopes go in as parameters",
    "prompts/loader.py": "prompts that ship",
    "tools/connectors/google.py": "Google's modules",
    "tools/connectors/gaql.py": "readers of Google's messages, by field",
    "web/api/search.py": "the open search, which reads no tenant data",
    "web/chat/own.py": "words of the page, by language",
    "web/chat/page.py": "the page that ships",
    "web/chat/theme.py": "the style that ships",
    "web/i18n/__init__.py": "words that ship",
    "web/pages/render.py": "addresses of static files",
    "web/ratelimit.py": "the network of an address, by the address",
    "web/search/catalog.py": "agents, connectors and pages",
    "web/tabs/figures.py": "how a number is written, by the number",
}

# Files in the data folder, by their path.
FILES = {
    r"camarad\.db(-wal|-shm)?": "the database: both walls",
    r"checkpoints\.db(-wal|-shm)?": "turns in flight, by threads that begin with their scope",
    r"camarad\.lock": "who runs on the folder",
    r"logs/camarad(\.1)?\.jsonl": "ids and figures of requests, never their content",
    r"(secret|vault)\.keys?": "keys of the server",
    r"demo-password": "the demo's sign-in",
    r"embedded-passages\.npz": "what ships with the model, computed once",
    r"chainlit/.*": "configuration and words of the chat; uploads are off, so nobody's files",
    r"(emulator|stripe-emulator)(/.*)?": "the stand-ins for Google and Stripe, which hold everybody's as these do",
}


def knows_file(path: str) -> bool:
    return any(re.fullmatch(pattern, path) for pattern in FILES)
