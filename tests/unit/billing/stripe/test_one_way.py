"""That there is one way to a plan, and one room that talks to Stripe."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
ROOMS = ("camarad", "prompts", "billing", "tools", "agents", "graphs", "web", "scripts")
THE_ONE = "billing/stripe/plan_code.py"
RAW = re.compile(r"update\s+workspaces\b.*plan_code|insert\s+into\s+workspaces\b.*plan_code", re.IGNORECASE | re.DOTALL)


def sources():
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "versions" not in path.parts:
                yield str(path.relative_to(ROOT)), ast.parse(path.read_text()), path.read_text()


def writes(tree: ast.AST) -> list[str]:
    """Every form in which Python could set the plan of a workspace."""
    found = []
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets += [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []
        found += ["assigned" for each in targets if isinstance(each, ast.Attribute) and each.attr == "plan_code"]
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            words = {each.arg for each in node.keywords}
            texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            keys = [ast.unparse(key) for each in node.args if isinstance(each, ast.Dict) for key in each.keys if key]
            if name in ("values", "Workspace") and ("plan_code" in words or any("plan_code" in key for key in keys)):
                found.append(name)
            if name == "setattr" and "plan_code" in texts:
                found.append(name)
    return found


def test_the_plan_of_a_workspace_is_written_in_one_place() -> None:
    ways = {name: found for name, tree, _ in sources() if (found := writes(tree))}
    assert ways == {THE_ONE: ["assigned"]}


def test_no_sql_sets_the_plan_of_a_workspace() -> None:
    texts = [(name, text) for name, _, text in sources()]
    texts += [(str(path.relative_to(ROOT)), path.read_text()) for path in ROOT.rglob("*.sql")]
    assert [name for name, text in texts if RAW.search(text)] == []


def test_the_search_finds_each_way_there_is() -> None:
    for code in (
        "workspace.plan_code = 'pro'",
        "update(Workspace).values(plan_code='pro')",
        "update(Workspace).values({'plan_code': 'pro'})",
        "Workspace(id='x', plan_code='pro')",
        "setattr(workspace, 'plan_code', 'pro')",
    ):
        assert writes(ast.parse(code)), code
    assert RAW.search("UPDATE workspaces SET plan_code = 'pro'")


def test_only_the_payments_import_stripes_client() -> None:
    importing = set()
    for name, tree, _ in sources():
        for node in ast.walk(tree):
            modules = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(each.partition(".")[0] == "stripe" for each in modules):
                importing.add(name.rpartition("/")[0])
    assert importing <= {"billing/stripe"}


def test_starting_does_not_import_stripes_client() -> None:
    """It costs a quarter of a second; see billing.stripe.client."""
    import subprocess
    import sys

    code = "import sys, web.services; print('stripe' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
