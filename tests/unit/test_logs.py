"""What a log line may name: ids, codes, counts. What people wrote, and what their accounts said, is not for logs."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("camarad", "billing", "tools", "agents", "graphs", "web")
WORDS_OF_CLIENTS = {
    *("question", "text", "words", "title", "content", "answer", "message", "messages", "prompt", "note"),
    *("args", "arguments", "result", "rows", "body", "document", "comment", "query", "value", "parameters"),
}


def lines(path: Path) -> list[tuple[str, int, set[str]]]:
    """The calls of a logger in a file: where, and what they name."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    where = str(path.relative_to(ROOT))
    return [(where, call.lineno, {each.arg or "**" for each in call.keywords}) for call in calls if _logs(call.func)]


def _logs(called: ast.expr) -> bool:
    on = called.value if isinstance(called, ast.Attribute) else None
    return isinstance(on, ast.Name) and on.id in ("log", "_log")


def test_no_log_line_carries_what_a_person_wrote_or_an_account_said() -> None:
    calls = [call for room in ROOMS for path in (ROOT / room).rglob("*.py") for call in lines(path)]
    assert len(calls) > 30
    assert [(where, line, named & WORDS_OF_CLIENTS) for where, line, named in calls if named & WORDS_OF_CLIENTS] == []
