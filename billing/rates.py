"""How a cost becomes CT: what a CT is worth, the buffer on top of cost and the margin wanted."""

from __future__ import annotations

from dataclasses import dataclass

from camarad.money import MICRO, ceil_div

WHOLE_BP = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`ct_value_micro_eur` is what a customer pays for one CT; buffer and margin in basis points; FX in millionths."""

    ct_value_micro_eur: int = 1_000
    buffer_bp: int = 1_000
    margin_bp: int = 4_000
    eur_per_usd_ppm: int = 920_000

    def shadow_ct(self, cost_micro_eur: int) -> int:
        """ceil(cost · (1 + buffer) / ((1 − margin) · value of a CT)), in integers throughout."""
        numerator = cost_micro_eur * (WHOLE_BP + self.buffer_bp) * MICRO
        return ceil_div(numerator, (WHOLE_BP - self.margin_bp) * self.ct_value_micro_eur * MICRO)

    def billable(self, cost_micro_eur: int) -> int:
        """What a cost has to bring in, in micro-EUR: the buffer on top and the margin inside, rounded up."""
        return ceil_div(cost_micro_eur * (WHOLE_BP + self.buffer_bp), WHOLE_BP - self.margin_bp)


DEFAULT_RATE = Rate()
