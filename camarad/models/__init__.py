"""Every table, one noun a module. Importing this package fills `Base.metadata`."""

from camarad.models.base import Base, ClientOwned, ScopeOwned
from camarad.models.connection import Connection
from camarad.models.conversation import Conversation, Feedback, Message, ToolCall, Turn
from camarad.models.credit import CtHold, CtLedgerEntry, CtWallet
from camarad.models.identity import Identity, OAuthState
from camarad.models.secret import ConnectionSecret
from camarad.models.usage import CtRate, PricingEntry, UsageRow
from camarad.models.user import AuthSession, RateCounter, User
from camarad.models.workspace import Client, Membership, Workspace

__all__ = [
    "AuthSession",
    "Base",
    "Client",
    "ClientOwned",
    "Connection",
    "ConnectionSecret",
    "Conversation",
    "CtHold",
    "CtLedgerEntry",
    "CtRate",
    "CtWallet",
    "Feedback",
    "Identity",
    "Membership",
    "Message",
    "OAuthState",
    "PricingEntry",
    "RateCounter",
    "ScopeOwned",
    "ToolCall",
    "Turn",
    "UsageRow",
    "User",
    "Workspace",
]
