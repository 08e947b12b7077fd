"""Funnels over the wire, compared with users followed event by event."""

from __future__ import annotations

import grpc
import pytest
from google.analytics.data_v1alpha import AlphaAnalyticsDataClient
from google.analytics.data_v1alpha import types as alpha
from google.analytics.data_v1alpha.services.alpha_analytics_data.transports import AlphaAnalyticsDataGrpcTransport
from google.api_core import exceptions

from tests.support.emulator import AUTHORIZATION, last_days

STEPS = ("session_start", "view_item", "add_to_cart", "begin_checkout", "purchase")


@pytest.fixture(scope="module")
def funnel(emulator):
    channel = grpc.insecure_channel(emulator.address)
    client = AlphaAnalyticsDataClient(transport=AlphaAnalyticsDataGrpcTransport(channel=channel))

    def run(names=STEPS, breakdown="", **fields):
        steps = [
            alpha.FunnelStep(name=name, filter_expression={"funnel_event_filter": {"event_name": name}})
            for name in names
        ]
        request = alpha.RunFunnelReportRequest(
            property="properties/410000001",
            date_ranges=[alpha.DateRange(start_date="28daysAgo", end_date="yesterday")],
            funnel=alpha.Funnel(steps=steps, **fields),
        )
        if breakdown:
            request.funnel_breakdown.breakdown_dimension.name = breakdown
        return client.run_funnel_report(request, metadata=AUTHORIZATION, timeout=20)

    yield run
    channel.close()


def followed(truth) -> list[int]:
    """Users who did the steps in order, found by walking through each user's events."""
    reached: dict[int, int] = {}
    for user, name in truth.events_of_users("demo-lampadar", *last_days(28)):
        step = reached.get(user, 0)
        if step < len(STEPS) and name == STEPS[step]:
            reached[user] = step + 1
    return [sum(step > index for step in reached.values()) for index in range(len(STEPS))]


def test_users_are_followed_through_the_steps(funnel, truth):
    rows = funnel().funnel_table.rows
    assert [int(row.metric_values[0].value) for row in rows] == followed(truth)
    first, second = (int(row.metric_values[0].value) for row in rows[:2])
    assert float(rows[0].metric_values[1].value) == pytest.approx(second / first)
    assert int(rows[0].metric_values[2].value) == first - second


def test_a_breakdown_adds_up_to_its_step(funnel):
    table = funnel(breakdown="deviceCategory").funnel_table
    assert [h.name for h in table.dimension_headers] == ["funnelStepName", "deviceCategory"]
    step = {r.dimension_values[1].value: int(r.metric_values[0].value) for r in table.rows[:4]}
    assert step.pop("RESERVED_TOTAL") == sum(step.values())


def test_an_open_funnel_lets_users_in_at_any_step(funnel):
    closed = funnel(("purchase", "add_to_cart")).funnel_table.rows
    opened = funnel(("purchase", "add_to_cart"), is_open_funnel=True).funnel_table.rows
    assert int(opened[1].metric_values[0].value) > int(closed[1].metric_values[0].value)


def test_a_funnel_without_steps_is_refused(funnel):
    with pytest.raises(exceptions.InvalidArgument, match="between 1 and 10 steps"):
        funnel(())
