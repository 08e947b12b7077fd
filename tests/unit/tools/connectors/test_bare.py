"""Google's Ads modules without the whole package around them."""

import json
import subprocess
import sys

import pytest

from tools.connectors.bare import ROOT, bare_packages

pytestmark = pytest.mark.slow

BARE = """
import json, sys
from tools.connectors import google
row = google.ads_types().GoogleAdsRow(campaign={"name": "Brand"})
assert google.ads().GoogleAdsServiceAsyncClient
ours = sorted(name for name in sys.modules if name.startswith("google.ads.googleads.v26"))
failure = google.ads_errors("v26").GoogleAdsFailure(errors=[{"message": "No."}])
import google.ads.googleads.v26 as whole
from google.ads.googleads.v26.services.services.customer_service import CustomerServiceAsyncClient
assert whole.services.GoogleAdsRow is type(row) and whole.errors.GoogleAdsFailure is type(failure)
assert CustomerServiceAsyncClient and whole.services.ListAccessibleCustomersRequest
print(json.dumps({"row": row.campaign.name, "failure": failure.errors[0].message, "modules": ours}))
"""
AFTER_THE_WHOLE = """
import google.ads.googleads.v26 as whole
from tools.connectors import google
assert google.ads_types().GoogleAdsRow is whole.services.GoogleAdsRow
"""


def run(program: str) -> str:
    command = [sys.executable, "-W", "ignore", "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_reports_need_no_service_but_one_and_the_whole_package_can_be_imported_later() -> None:
    found = json.loads(run(BARE))
    assert (found["row"], found["failure"]) == ("Brand", "No.")
    assert len(found["modules"]) < 700
    services = [name for name in found["modules"] if ".services.services." in name]
    assert services and all("google_ads_service" in name for name in services)


def test_a_package_that_is_there_already_is_used_as_it_is() -> None:
    run(AFTER_THE_WHOLE)


def test_a_failing_import_leaves_no_bare_package_behind() -> None:
    before = {name for name in sys.modules if name.startswith(ROOT)}
    with pytest.raises(ZeroDivisionError), bare_packages("v26"):
        1 / 0  # noqa: B018
    assert {name for name in sys.modules if name.startswith(f"{ROOT}.v")} <= before


def test_a_version_that_is_not_installed_is_said_by_the_import() -> None:
    with bare_packages("v1"), pytest.raises(ModuleNotFoundError, match="v1"):
        __import__(f"{ROOT}.v1.errors")
