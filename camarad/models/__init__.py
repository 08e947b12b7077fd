"""Every table, one noun a module. Importing this package fills `Base.metadata`."""

from camarad.models.access import ApiKey, AuditEvent, Invitation
from camarad.models.base import Base, ClientOwned, ScopeOwned
from camarad.models.connection import Connection
from camarad.models.conversation import Conversation, Feedback, Message, ToolCall, Turn
from camarad.models.credit import CtHold, CtLedgerEntry, CtWallet
from camarad.models.identity import Identity, OAuthState
from camarad.models.payment import (
    BillingAccount,
    BillingLease,
    CheckoutSession,
    Invoice,
    PaymentReversal,
    PlanFeature,
    StripeEvent,
    Subscription,
)
from camarad.models.phase import CtRefusal, Phase3Window
from camarad.models.pricing import CtRate, PriceStamp, PricingEntry
from camarad.models.rollup import UsageMark, UsageRolled, UsageRollup
from camarad.models.secret import ConnectionSecret
from camarad.models.usage import UsageRow
from camarad.models.user import AuthSession, RateCounter, User
from camarad.models.workspace import Client, Membership, Workspace

__all__ = [
    "ApiKey",
    "AuditEvent",
    "AuthSession",
    "Base",
    "BillingAccount",
    "BillingLease",
    "CheckoutSession",
    "Client",
    "ClientOwned",
    "Connection",
    "ConnectionSecret",
    "Conversation",
    "CtHold",
    "CtLedgerEntry",
    "CtRate",
    "CtRefusal",
    "CtWallet",
    "Feedback",
    "Identity",
    "Invitation",
    "Invoice",
    "Membership",
    "Message",
    "OAuthState",
    "PaymentReversal",
    "Phase3Window",
    "PlanFeature",
    "PriceStamp",
    "PricingEntry",
    "RateCounter",
    "ScopeOwned",
    "StripeEvent",
    "Subscription",
    "ToolCall",
    "Turn",
    "UsageMark",
    "UsageRolled",
    "UsageRollup",
    "UsageRow",
    "User",
    "Workspace",
]
