"""Which fields of Google Ads the emulator has values for, as SQL, and which resources can be queried.

Aliases: acc account, c campaign, g ad group, cr criterion, x the facts of the queried days (see `execute.py`).
A field that Google Ads has and this table has not is answered as unset.
"""

from __future__ import annotations

from dataclasses import dataclass

_CUSTOMER = "'customers/' || acc.customer_id"


@dataclass(frozen=True, slots=True)
class Resource:
    """`source` is its rows' SQL; `key` groups them and joins them to facts; `related` may be selected along."""

    name: str
    source: str
    key: tuple[str, ...]
    join: str | None
    related: tuple[str, ...]
    resource_name: str


_C = "campaign c JOIN account acc ON acc.a = c.a"
_OF_GROUP = "JOIN campaign c ON c.campaign_id = g.campaign_id JOIN account acc ON acc.a = g.a"
_G = f"ad_group g {_OF_GROUP}"
_CR = f"criterion cr JOIN ad_group g ON g.ad_group_id = cr.ad_group_id AND cr.keyword IS NOT NULL {_OF_GROUP}"
_X = f"x JOIN ad_group g ON g.ad_group_id = x.ad_group_id {_OF_GROUP}"
_TERM_ID = "lower(to_base64(encode(x.term)))"

_ALL = (
    Resource("customer", "account acc", ("acc.customer_id",), "x.a = acc.a", (), _CUSTOMER),
    Resource(
        "campaign",
        _C,
        ("c.campaign_id",),
        "x.campaign_id = c.campaign_id",
        ("customer", "campaign_budget"),
        f"{_CUSTOMER} || '/campaigns/' || c.campaign_id",
    ),
    Resource(
        "campaign_budget",
        _C,
        ("c.budget_id",),
        "x.campaign_id = c.campaign_id",
        ("customer", "campaign"),
        f"{_CUSTOMER} || '/campaignBudgets/' || c.budget_id",
    ),
    Resource(
        "ad_group",
        _G,
        ("g.ad_group_id",),
        "x.ad_group_id = g.ad_group_id",
        ("customer", "campaign"),
        f"{_CUSTOMER} || '/adGroups/' || g.ad_group_id",
    ),
    Resource(
        "keyword_view",
        _CR,
        ("cr.criterion_id",),
        "x.criterion_id = cr.criterion_id",
        ("customer", "campaign", "ad_group", "ad_group_criterion"),
        f"{_CUSTOMER} || '/keywordViews/' || g.ad_group_id || '~' || cr.criterion_id",
    ),
    Resource(
        "ad_group_criterion",
        _CR,
        ("cr.criterion_id",),
        None,
        ("customer", "campaign", "ad_group"),
        f"{_CUSTOMER} || '/adGroupCriteria/' || g.ad_group_id || '~' || cr.criterion_id",
    ),
    Resource(
        "search_term_view",
        f"{_X} AND x.term IS NOT NULL",
        ("g.ad_group_id", "x.term"),
        "x",
        ("customer", "campaign", "ad_group"),
        f"{_CUSTOMER} || '/searchTermViews/' || c.campaign_id || '~' || g.ad_group_id || '~' || {_TERM_ID}",
    ),
    Resource(
        "landing_page_view",
        _X,
        ("g.landing",),
        "x",
        ("customer", "campaign", "ad_group"),
        f"{_CUSTOMER} || '/landingPageViews/' || (hash(g.landing) % 1000000000)",
    ),
    Resource(
        "customer_client",
        "account acc LEFT JOIN account up ON up.customer_id = acc.manager_id",
        ("acc.customer_id",),
        None,
        ("customer",),
        "'customers/{customer}/customerClients/' || acc.customer_id",
    ),
    Resource(
        "conversion_action",
        "account acc",
        ("acc.customer_id",),
        None,
        ("customer",),
        f"{_CUSTOMER} || '/conversionActions/7001'",
    ),
    Resource(
        "change_event",
        "change ch JOIN campaign c ON c.campaign_id = ch.campaign_id JOIN account acc ON acc.a = ch.a "
        "LEFT JOIN ad_group g ON g.ad_group_id = ch.ad_group_id",
        ("ch.changed", "ch.campaign_id"),
        None,
        ("customer", "campaign", "ad_group"),
        f"{_CUSTOMER} || '/changeEvents/' || epoch_us(ch.changed) || '~1~1'",
    ),
)
RESOURCES = {r.name: r for r in _ALL}

_ACTION = "CASE {}.goal WHEN 'purchase' THEN 'Purchase' ELSE 'Lead form' END"
_ACTION_CATEGORY = "CASE {}.goal WHEN 'purchase' THEN 'PURCHASE' ELSE 'SUBMIT_LEAD_FORM' END"
_CLIENT = "acc.customer_id::BIGINT"
_CLIENT_TYPE = "CASE WHEN ch.email LIKE 'automation%' THEN 'GOOGLE_ADS_SCRIPTS' ELSE 'GOOGLE_ADS_WEB_CLIENT' END"

ATTRIBUTES: dict[str, str] = {
    "customer.id": _CLIENT,
    "customer.descriptive_name": "acc.name",
    "customer.currency_code": "acc.currency",
    "customer.time_zone": "acc.timezone",
    "customer.manager": "acc.is_manager",
    "customer.test_account": "acc.is_test",
    "customer.auto_tagging_enabled": "true",
    "customer.status": "acc.status",
    "campaign.id": "c.campaign_id",
    "campaign.name": "c.name",
    "campaign.status": "c.status",
    "campaign.serving_status": "'SERVING'",
    "campaign.primary_status": "CASE c.status WHEN 'ENABLED' THEN 'ELIGIBLE' ELSE 'PAUSED' END",
    "campaign.advertising_channel_type": "c.type",
    "campaign.bidding_strategy_type": "c.bidding",
    "campaign.campaign_budget": f"{_CUSTOMER} || '/campaignBudgets/' || c.budget_id",
    "campaign_budget.id": "c.budget_id",
    "campaign_budget.name": "c.name",
    "campaign_budget.amount_micros": "c.budget",
    "campaign_budget.status": "'ENABLED'",
    "campaign_budget.period": "'DAILY'",
    "campaign_budget.delivery_method": "'STANDARD'",
    "campaign_budget.explicitly_shared": "false",
    "campaign_budget.reference_count": "1::BIGINT",
    "ad_group.id": "g.ad_group_id",
    "ad_group.name": "g.name",
    "ad_group.status": "'ENABLED'",
    "ad_group.type": "CASE c.type WHEN 'SEARCH' THEN 'SEARCH_STANDARD' WHEN 'DISPLAY' THEN 'DISPLAY_STANDARD' END",
    "ad_group.campaign": f"{_CUSTOMER} || '/campaigns/' || c.campaign_id",
    "ad_group_criterion.criterion_id": "cr.criterion_id",
    "ad_group_criterion.status": "'ENABLED'",
    "ad_group_criterion.type": "'KEYWORD'",
    "ad_group_criterion.negative": "false",
    "ad_group_criterion.keyword.text": "cr.keyword",
    "ad_group_criterion.keyword.match_type": "cr.match",
    "ad_group_criterion.quality_info.quality_score": "nullif(cr.quality, 0)",
    "ad_group_criterion.effective_cpc_bid_micros": "cr.bid",
    "ad_group_criterion.cpc_bid_micros": "cr.bid",
    "search_term_view.search_term": "x.term",
    "search_term_view.status": "CASE WHEN bool_or(lower(x.keyword) = lower(x.term)) THEN 'ADDED' ELSE 'NONE' END",
    "search_term_view.ad_group": f"{_CUSTOMER} || '/adGroups/' || g.ad_group_id",
    "landing_page_view.unexpanded_final_url": "g.landing",
    "customer_client.id": _CLIENT,
    "customer_client.client_customer": _CUSTOMER,
    "customer_client.descriptive_name": "acc.name",
    "customer_client.currency_code": "acc.currency",
    "customer_client.time_zone": "acc.timezone",
    "customer_client.level": "CASE '{customer}' WHEN acc.customer_id THEN 0 WHEN acc.manager_id THEN 1 ELSE 2 END",
    "customer_client.manager": "acc.is_manager",
    "customer_client.hidden": "false",
    "customer_client.test_account": "acc.is_test",
    "customer_client.status": "acc.status",
    "conversion_action.id": "7001::BIGINT",
    "conversion_action.name": _ACTION.format("acc"),
    "conversion_action.category": _ACTION_CATEGORY.format("acc"),
    "conversion_action.status": "'ENABLED'",
    "conversion_action.type": "'WEBPAGE'",
    "conversion_action.primary_for_goal": "true",
    "conversion_action.counting_type": "CASE acc.goal WHEN 'purchase' THEN 'MANY_PER_CLICK' ELSE 'ONE_PER_CLICK' END",
    "change_event.change_date_time": "strftime(ch.changed, '%Y-%m-%d %H:%M:%S.%f')",
    "change_event.change_resource_type": "ch.resource_type",
    "change_event.resource_change_operation": "ch.operation",
    "change_event.client_type": _CLIENT_TYPE,
    "change_event.user_email": "ch.email",
    "change_event.changed_fields": "ch.field",
    "change_event.old_resource": "ch.old",
    "change_event.new_resource": "ch.new",
    "change_event.campaign": f"{_CUSTOMER} || '/campaigns/' || c.campaign_id",
    "change_event.change_resource_name": f"{_CUSTOMER} || '/campaigns/' || c.campaign_id",
}
AGGREGATED = frozenset({"search_term_view.status"})  # attributes that look at all facts of their row

SEGMENTS: dict[str, str] = {
    "segments.date": "x.day",
    "segments.week": "date_trunc('week', x.day)::DATE",
    "segments.month": "date_trunc('month', x.day)::DATE",
    "segments.quarter": "date_trunc('quarter', x.day)::DATE",
    "segments.year": "year(x.day)",
    "segments.day_of_week": "upper(dayname(x.day))",
    "segments.month_of_year": "upper(monthname(x.day))",
    "segments.device": "x.device",
    "segments.ad_network_type": "CASE x.type WHEN 'DISPLAY' THEN 'CONTENT' WHEN 'SEARCH' THEN x.type ELSE 'MIXED' END",
    "segments.keyword.info.text": "x.keyword",
    "segments.keyword.info.match_type": "x.match",
    "segments.search_term_match_type": "x.match",
    "segments.conversion_action_name": _ACTION.format("x"),
    "segments.conversion_action_category": _ACTION_CATEGORY.format("x"),
}
DATES = frozenset({"segments.date", "segments.week", "segments.month", "segments.quarter", "segments.year"})


def _sum(column: str) -> str:
    return f"coalesce(sum(x.{column}), 0)"


def _ratio(above: str, below: str) -> str:
    return f"coalesce(({above})::DOUBLE / nullif({below}, 0), 0.0)"


def _share(above: str) -> str:
    """A share of search auctions; below ten percent Google says only that."""
    value = f"sum({above}) FILTER (x.type = 'SEARCH') / nullif(sum(x.eligible) FILTER (x.type = 'SEARCH'), 0)"
    return f"CASE WHEN {value} < 0.1 THEN 0.0999 ELSE {value} END"


_CONVERSIONS, _VALUE = "sum(x.conversions) / 1e6", "sum(x.value) / 1e6"
METRICS: dict[str, str] = {
    "metrics.impressions": _sum("impressions"),
    "metrics.clicks": _sum("clicks"),
    "metrics.interactions": _sum("clicks"),
    "metrics.cost_micros": _sum("cost"),
    "metrics.conversions": f"coalesce({_CONVERSIONS}, 0.0)",
    "metrics.all_conversions": f"coalesce({_CONVERSIONS}, 0.0)",
    "metrics.conversions_value": f"coalesce({_VALUE}, 0.0)",
    "metrics.all_conversions_value": f"coalesce({_VALUE}, 0.0)",
    "metrics.ctr": _ratio("sum(x.clicks)", "sum(x.impressions)"),
    "metrics.interaction_rate": _ratio("sum(x.clicks)", "sum(x.impressions)"),
    "metrics.average_cpc": _ratio("sum(x.cost)", "sum(x.clicks)"),
    "metrics.average_cost": _ratio("sum(x.cost)", "sum(x.clicks)"),
    "metrics.average_cpm": _ratio("sum(x.cost) * 1000", "sum(x.impressions)"),
    "metrics.cost_per_conversion": _ratio("sum(x.cost) * 1000000", "sum(x.conversions)"),
    "metrics.cost_per_all_conversions": _ratio("sum(x.cost) * 1000000", "sum(x.conversions)"),
    "metrics.conversions_from_interactions_rate": _ratio(_CONVERSIONS, "sum(x.clicks)"),
    "metrics.value_per_conversion": _ratio("sum(x.value)", "sum(x.conversions)"),
    "metrics.conversions_value_per_cost": _ratio("sum(x.value)", "sum(x.cost)"),
    "metrics.search_impression_share": _share("x.impressions"),
    "metrics.search_budget_lost_impression_share": _share("x.lost_budget"),
    "metrics.search_rank_lost_impression_share": _share("x.eligible - x.impressions - x.lost_budget"),
}
