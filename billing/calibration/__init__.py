"""What a CT should be worth and cost, from what the calls of a window were priced at and turned out to cost.

    propose(settings, database, clock, Ask(window_hours=48))     a proposal, with its evidence and its guards
    apply(settings, database, clock, proposal_id)                makes it the next shadow rate
    check(…), promote(settings, database, clock, proposal_id)    and, once it has held there, the next debit rate
    recommend(settings, database, clock, window_days)            what the plans earn, and what would mend them

Integers and exact fractions throughout: the same rows give the same bytes, on every machine and database. See
docs/billing-calibration.md.
"""

from __future__ import annotations

from billing.calibration.applying import apply
from billing.calibration.promoting import check, promote
from billing.calibration.proposal import Ask, propose
from billing.calibration.recommend import recommend

__all__ = ["Ask", "apply", "check", "promote", "propose", "recommend"]
