"""Who may do what in a workspace: one table, from which docs/roles.md is written.

Everyone who is in a workspace may use its clients. Managing it is for owners and admins, and what cannot be taken
back, or decides who owns it, is for owners. Some acts need a person who signed in: a leaked API key must not make
further keys, nor let anybody else in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from camarad.errors import Forbidden
from web.sessions import SignedIn

Role = Literal["owner", "admin", "member"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
NO_ROLE: Final = ""  # of who is in the workspace no more

EVERYONE: Final = frozenset(ROLES)
MANAGERS: Final = frozenset({"owner", "admin"})
OWNERS: Final = frozenset({"owner"})


@dataclass(frozen=True, slots=True)
class Act:
    """`what` goes on from "Only an owner may …"; `covers` tells a reader of the documents what is meant."""

    code: str
    what: str
    covers: str
    roles: frozenset[str]
    by_key: bool = True  # whether an API key may do it too


ACTS: Final = (
    Act("use", "work with clients", "chats, reports, tabs, exports and runs of every client", EVERYONE),
    Act("own_keys", "make API keys", "make an API key of one's own, see and revoke it", EVERYONE, by_key=False),
    Act("clients", "manage clients", "make, rename, change and archive clients", MANAGERS),
    Act("connections", "manage connections", "connect, choose accounts, use the gateway, disconnect", MANAGERS),
    Act("keys", "manage other people's API keys", "see and revoke the API keys of everybody", MANAGERS),
    Act("billing", "manage billing", "see invoices, choose a plan, buy CT, open the payment portal", MANAGERS),
    Act("workspace", "change the workspace", "rename the workspace and change its settings", MANAGERS),
    Act(
        "members",
        "manage members",
        "invite, withdraw invitations, make members admins and back, remove them",
        MANAGERS,
        by_key=False,
    ),
    Act(
        "owners",
        "decide who owns the workspace",
        "hand ownership over; change or remove another owner",
        OWNERS,
        by_key=False,
    ),
    Act("delete", "delete the workspace", "delete the workspace with everything in it", OWNERS, by_key=False),
)
BY_CODE: Final = {act.code: act for act in ACTS}


class RoleTooLow(Forbidden):
    default_hint = "Ask one of them; the members' page says who they are."


def may(who: SignedIn, act: str) -> bool:
    """Whether this person, or this key of theirs, may do it. Raises KeyError for an act that is not in the table."""
    found = BY_CODE[act]
    return who.role in found.roles and (found.by_key or not who.key_id)


def require(who: SignedIn, act: str) -> None:
    """Raises Forbidden with a sentence that names who can."""
    found = BY_CODE[act]
    if who.role not in found.roles:
        raise RoleTooLow(f"Only {named(found.roles)} of the workspace may {found.what}.", code=_code(found))
    if who.key_id and not found.by_key:
        raise persons_only(f"An API key may not {found.what}.")


def persons_only(message: str) -> Forbidden:
    return Forbidden(message, code="sign_in_required", hint="Sign in on the pages and do it there.")


def named(roles: frozenset[str]) -> str:
    """`an owner or an admin`, highest first."""
    words = {"owner": "an owner", "admin": "an admin", "member": "a member"}
    return " or ".join(words[role] for role in ROLES if role in roles)


def _code(act: Act) -> str:
    """Two codes, so that pages have words for both in each language."""
    return "owner_required" if act.roles == OWNERS else "admin_required"
