"""Writes docs/roles.md from the table in web/roles.py. Run it after changing the table."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from web.roles import ACTS, ROLES, Act  # noqa: E402

PAGE = ROOT / "docs" / "roles.md"
HEAD = """# Roles

Who may do what in a workspace. This page is written from the table in `web/roles.py` by `scripts/docs_roles.py`, and a
test compares the two. A person has one role in each workspace they are in; the role is read with every request, so a
change of it holds at once.

| act | what it covers | owner | admin | member | by API key |
| --- | --- | --- | --- | --- | --- |
"""
FOOT = """
- A refusal is `403` with code `admin_required` or `owner_required` and a sentence that names who can. What a key may
  not do, whatever its person may, is `403` with code `sign_in_required`.
- Admins manage members and admins, and never an owner. An owner hands ownership over to a member of the workspace and
  becomes an admin; a workspace always has an owner, so the last one can neither leave nor be removed.
- Everybody sees who the members are, and may leave.
- A key never does more than its person may do now, see [API keys](api-keys.md): one whose person became a member loses
  `manage`, and one whose person left is dead.
- How people get in and out is in [Members](members.md).

In code: `require(who, "clients")` raises, `may(who, "clients")` asks (`web/roles.py`), and a route says
`dependencies=[acting("clients")]` (`web/access.py`), which refuses before the route does anything.
"""


def _row(act: Act) -> str:
    rights = " | ".join("yes" if role in act.roles else "–" for role in ROLES)
    return f"| `{act.code}` | {act.covers} | {rights} | {'yes' if act.by_key else '–'} |"


def page() -> str:
    return HEAD + "\n".join(_row(act) for act in ACTS) + "\n" + FOOT


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{PAGE.relative_to(ROOT)}: {len(ACTS)} acts")
