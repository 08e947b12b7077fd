"""The one place that says which plan a workspace is on. A test looks through the code for a second one.

Stripe's word alone counts: a paid plan needs a subscription at Stripe, for that plan's price, that is active, trialing
or past due; anything else is the Free plan.
"""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from billing import renewal
from billing.plans import FREE, plan
from billing.stripe.state import CustomerState
from camarad.log import get_logger
from camarad.models import Workspace

log = get_logger(__name__)


async def set_plan(session: AsyncSession, workspace: Workspace, state: CustomerState) -> bool:
    """Set it, and the plan's daily cap with it; whether it changed. The workspace's row is locked by the caller."""
    current = state.counting
    code = current.plan_code if current is not None and current.plan_code else FREE.code
    if workspace.plan_code == code:
        return False
    log.info("plan_changed", workspace_id=workspace.id, was=workspace.plan_code, now=code)
    workspace.plan_code = code
    await renewal.set_daily_cap(session, workspace.id, plan(code).daily_ct_cap)
    return True
