"""An owner takes everything of a workspace out, or erases it; neither touches anybody else."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import select, update

from camarad.models import Base, Client, Membership, Subscription, User, Workspace
from tests.support.filled import fill
from tests.support.web import PASSWORD, Browser, Camarad
from web.takeout.holdings import HOLDINGS

KEPT = {"invoices", "payment_reversals", "billing_accounts", "workspaces"}
NOBODYS = {holding.table for holding in HOLDINGS if holding.owner == "nobody"}
MARK, OTHER = "zebrafish", "quagga"


async def filled(api: Camarad, email: str, mark: str) -> tuple[Browser, dict[str, str]]:
    """A person with a workspace that has a row in every table."""
    browser = await api.sign_up(email)
    client = await browser.new_client(f"{mark} lamps")
    async with api.services.database.read() as session:
        user = await session.scalar(select(User.id).where(User.email == email))
        workspace = await session.scalar(select(Client.workspace_id).where(Client.id == client))
    owner = {"workspace_id": str(workspace), "user_id": str(user), "client_id": client}
    async with api.services.database.unscoped("a test fills every table") as session:
        await fill(session, owner, mark)
        await session.execute(update(Workspace).where(Workspace.id == workspace).values(name=f"{mark} agency"))
    return browser, owner


async def contents(api: Camarad) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    found = {}
    async with api.services.database.unscoped("a test reads every table") as session:
        for table in Base.metadata.sorted_tables:
            found[table.name] = [repr(tuple(row)) for row in await session.execute(select(table))]
    return found


async def erased(browser: Browser, name: str, password: str = PASSWORD) -> Any:
    return await browser.post("/api/workspace/erase", {"name": name, "password": password})


def test_every_table_is_thought_of() -> None:
    assert sorted(holding.table for holding in HOLDINGS) == sorted(Base.metadata.tables)


async def test_the_export_has_everything_of_the_workspace_and_nothing_of_others(api_both: Camarad) -> None:
    browser, owner = await filled(api_both, "ana@example.com", MARK)
    await filled(api_both, "mia@example.com", OTHER)
    answer = await browser.get("/api/workspace/export")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    files = {name.removesuffix(".jsonl"): archive.read(name).decode() for name in archive.namelist()}
    assert files.keys() - {"README.txt"} == {holding.table for holding in HOLDINGS if holding.owner != "nobody"}
    for name, text in files.items():
        assert text.strip(), f"{name} is empty"
        assert OTHER not in text and "mia@example.com" not in text
    for holding in HOLDINGS:
        for line in files.get(holding.table, "").splitlines():
            assert not holding.secret & json.loads(line).keys()
    assert owner["client_id"] in files["messages"] and PASSWORD not in "".join(files.values())


async def test_erasing_leaves_only_what_accounts_need(api_both: Camarad) -> None:
    browser, owner = await filled(api_both, "ana@example.com", MARK)
    await filled(api_both, "mia@example.com", OTHER)
    before = await contents(api_both)
    answer = await erased(browser, f"{MARK} agency")
    assert answer.status_code == 204, answer.text
    after = await contents(api_both)
    for table, rows in after.items():
        traces = [row for row in rows if any(word in row for word in (MARK, "ana@example.com", *owner.values()))]
        if table == "audit_events":
            assert len(traces) == 1 and "workspace_erased" in traces[0] and owner["user_id"] not in traces[0]
        elif table not in KEPT | NOBODYS:
            assert traces == [], table
        mine = [row for row in before[table] if OTHER in row and table not in NOBODYS]
        assert all(row in rows for row in mine), f"{table} lost rows of another workspace"
    kept = next(row for row in after["workspaces"] if owner["workspace_id"] in row)
    assert MARK not in kept and after["invoices"] and after["payment_reversals"]
    assert (await browser.get("/api/clients")).status_code == 401
    assert (await api_both.browser().log_in("ana@example.com")).status_code == 401


async def test_somebody_in_another_workspace_too_keeps_their_account(api: Camarad) -> None:
    browser, owner = await filled(api, "ana@example.com", MARK)
    _, neighbour = await filled(api, "mia@example.com", OTHER)
    async with api.services.database.write() as session:
        session.add(
            Membership(
                user_id=owner["user_id"],
                workspace_id=neighbour["workspace_id"],
                role="member",
                created_at=api.services.clock.now(),
            )
        )
    assert (await erased(browser, f"{MARK} agency")).status_code == 204
    again = api.browser()
    assert (await again.log_in("ana@example.com")).json()["workspace"]["id"] == neighbour["workspace_id"]


@pytest.mark.parametrize(("name", "password", "status"), [("quagga", PASSWORD, 422), (f"{MARK} agency", "wrong", 401)])
async def test_without_the_name_and_the_password_nothing_is_erased(
    api: Camarad, name: str, password: str, status: int
) -> None:
    browser, _ = await filled(api, "ana@example.com", MARK)
    assert (await erased(browser, name, password)).status_code == status
    assert (await browser.get("/api/clients")).status_code == 200


async def test_only_an_owner_may(api: Camarad) -> None:
    browser, _ = await filled(api, "ana@example.com", MARK)
    async with api.services.database.write() as session:
        await session.execute(update(Membership).values(role="admin"))
    assert (await erased(browser, f"{MARK} agency")).status_code == 403
    assert (await browser.get("/api/workspace/export")).status_code == 403


async def test_a_subscription_that_goes_on_charging_stands_in_the_way(api: Camarad) -> None:
    browser, _ = await filled(api, "ana@example.com", MARK)
    async with api.services.database.write() as session:
        await session.execute(update(Subscription).values(status="active", cancel_at=None))
    answer = await erased(browser, f"{MARK} agency")
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "subscription_active"


async def test_the_page_erases_with_a_form_and_says_so(api: Camarad) -> None:
    browser, _ = await filled(api, "ana@example.com", MARK)
    page = await browser.page("/settings/workspace")
    assert f"Type “{MARK} agency” to confirm" in page.text
    wrong = await browser.form("/settings/workspace/erase", csrf_token=browser.csrf, name="x", password=PASSWORD)
    assert wrong.status_code == 422 and "not the name of this workspace" in wrong.text
    done = await browser.form(
        "/settings/workspace/erase", csrf_token=browser.csrf, name=f"{MARK} agency", password=PASSWORD
    )
    assert done.status_code == 303 and done.headers["location"] == "/login?done=erased"
    assert "The workspace was erased." in (await browser.page("/login?done=erased")).text


async def test_strangers_wrong_passwords_keep_nobody_else_from_erasing(api: Camarad) -> None:
    """`api` allows 3 tries an account, so 30 an address: ten accounts of one stranger would have used them up."""
    for number in range(10):
        stranger = await api.sign_up(f"stranger{number}@example.com")
        refused = [(await erased(stranger, f"stranger{number}", "not the password")).status_code for _ in range(4)]
        assert refused == [401, 401, 401, 429]
    ana = await api.sign_up()
    assert (await erased(ana, "ana")).status_code == 204
