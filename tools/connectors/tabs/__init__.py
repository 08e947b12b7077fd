"""The tabs of the connectors: overview, pages, campaigns and so on, for pages and for JSON alike.

A tab is a record (see `record`): adding one is adding a record and its route. Each is one upstream call, also with a
comparison; twenty people who open the same tab at once cause one.
"""

from tools.connectors.tabs.read import ADS_TABS, GA4_TABS, TABS, tab_json, tab_report
from tools.connectors.tabs.report import RangeRequest, Section, TabReport

__all__ = ["ADS_TABS", "GA4_TABS", "TABS", "RangeRequest", "Section", "TabReport", "tab_json", "tab_report"]
