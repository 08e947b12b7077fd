"""Money and CT never pass through a float: what the code of money may not say, and that the lint sees who says it.

Exact arithmetic on fractions and on decimals is no float, but syntax alone cannot tell it from one: each true division
is therefore named in EXACT with what its sides are, so that a new one is looked at by a person.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Float, Numeric

from camarad.models import Base

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    *sorted((ROOT / "billing").rglob("*.py")),
    *sorted((ROOT / "web" / "billing").rglob("*.py")),
    *(ROOT / "camarad" / name for name in ("money.py", "models/credit.py", "models/payment.py", "models/pricing.py")),
    *(ROOT / "camarad" / "models" / name for name in ("phase.py", "usage.py")),
    *(ROOT / "web" / "api" / name for name in ("billing.py", "calibration.py", "stripe.py", "telemetry.py")),
    *(ROOT / "web" / "pages" / name for name in ("billing.py", "payments.py")),
    ROOT / "web" / "operators" / "costs.py",
)
PARTS = {ROOT / "web" / "i18n" / "__init__.py": ("money", "number")}
BANNED = {"float", "complex", "round", "Float", "Numeric", "REAL", "avg", "fsum", "sqrt", "as_integer_ratio"}
FLOATING = {"statistics", "numpy", "cmath", "random"}
WHOLE_MATH = {"ceil", "floor", "gcd", "isqrt", "lcm"}  # exact on fractions and integers

EXACTLY = "fractions"
EXACT = {
    "billing/calibration/effect.py: self.cost * included / self.ct": EXACTLY,
    "billing/calibration/effect.py: sum(costs, Fraction(0)) / len(costs)": EXACTLY,
    "billing/calibration/effect.py: net * WHOLE_BP / full": EXACTLY,
    "billing/calibration/effect.py: (net - cost) * WHOLE_BP / net": EXACTLY,
    "billing/calibration/evidence.py: Fraction(invoiced) / total": EXACTLY,
    "billing/calibration/estimate.py: sum(days, Fraction(0)) / len(days)": EXACTLY,
    "billing/calibration/estimate.py: sum(((day - mean) ** 2 for day in days), Fraction(0)) / (len(days) - 1)": EXACTLY,
    "billing/calibration/estimate.py: max(spread, floor) / min(len(days), MOST_DAYS)": EXACTLY,
    "billing/calibration/estimate.py: squares / (base * later_base) ** 4": EXACTLY,
    "billing/calibration/recommend.py: effect['net_eur_micro'] * share / per_ct": EXACTLY,
    "billing/calibration/recommend.py: effect['ct_included'] * per_ct / share": EXACTLY,
    "billing/calibration/report.py: Decimal(micro) / 1000000": "a decimal of an integer, to be read",
    "billing/calibration/report.py: Decimal(parts) * 100 / of": "a decimal of an integer, to be read",
    "billing/calibration/report.py: Decimal(rate['eur_per_usd_ppm']) / 1000000": "a decimal of an integer, to be read",
    "camarad/money.py: Decimal(micro_amount) / MICRO": "a decimal of an integer, to be read",
    "web/i18n/__init__.py: Decimal(cents) / 100": "a decimal of an integer, to be read",
    "web/operators/costs.py: Decimal(int(value)) / 1000000": "a decimal of an integer, to be read",
    "web/operators/costs.py: Decimal(1000 * part // whole) / 10": "a decimal of an integer, to be read",
}
NOT_MONEY = {
    "billing/calibration/promoting.py: (now - row.valid_from) / HOUR": "hours",
    "billing/calibration/window.py: length * n / count": "a stretch of time",
    "billing/stripe/refused.py: 1.0": "seconds",
    "billing/stripe/refused.py: 5.0": "seconds",
    "billing/stripe/service.py: every / 2": "a stretch of time",
    "web/pages/billing.py: round(error.retry_after)": "seconds",
}


def suspects(tree: ast.AST) -> Iterator[str]:
    """What may hold a float or make one, as source text."""
    around = _functions(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=float() | complex()):
                yield ast.unparse(node)
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield ast.unparse(node)
            case ast.Call(func=ast.Name(id="round")):
                yield ast.unparse(node)
            case ast.Call(func=ast.Name(id="Decimal"), args=[argument]) if not _whole_or_text(
                argument, around.get(node)
            ):
                yield ast.unparse(node)
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in BANNED - {"round"}:
                yield name
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.split(".")[0] in FLOATING | {"math"})
            case ast.ImportFrom(module=module, names=names) if module:
                room = module.split(".")[0]
                if room in FLOATING or (room == "math" and {name.name for name in names} - WHOLE_MATH):
                    yield module


def _functions(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    """The innermost function that each node stands in."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {node: function for function in functions for node in ast.walk(function)}


def _whole_or_text(argument: ast.expr, function: ast.AST | None) -> bool:
    """Whether a Decimal is made of text or of an integer, as far as one can see."""
    match argument:
        case ast.Constant(value=int() | str()) | ast.Call(func=ast.Name(id="int" | "str")):
            return True
        case ast.BinOp(op=ast.FloorDiv()) | ast.Subscript():  # stored numbers hold integers and text
            return True
        case ast.Name(id=name):
            inside = ast.walk(function) if function else ()
            given = (node for node in inside if isinstance(node, ast.arg) and node.arg == name)
            kinds = {ast.unparse(node.annotation) for node in given if node.annotation}
            return bool(kinds) and all(set(kind.split(" | ")) <= {"int", "str", "None"} for kind in kinds)
    return False


def _read(path: Path) -> ast.AST:
    tree = ast.parse(path.read_text())
    if path not in PARTS:
        return tree
    wanted = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in PARTS[path]]
    assert len(wanted) == len(PARTS[path]), f"{path.name} lost a function that writes money"
    return ast.Module(list[ast.stmt](wanted), [])


FOUND = {f"{path.relative_to(ROOT)}: {said}" for path in (*ROOMS, *PARTS) for said in suspects(_read(path))}


def test_money_and_ct_are_whole_numbers_wherever_they_go() -> None:
    """Count in micro-EUR, cents, CT and basis points, with `camarad.money.ceil_div` or `//`."""
    assert sorted(FOUND - set(EXACT) - set(NOT_MONEY)) == []


def test_no_exception_outlives_what_it_excused() -> None:
    assert sorted((set(EXACT) | set(NOT_MONEY)) - FOUND) == []


def test_no_column_of_any_table_holds_a_float() -> None:
    columns = (column for table in Base.metadata.tables.values() for column in table.columns)
    assert [str(column) for column in columns if isinstance(column.type, Float | Numeric)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "price = 0.92",
        "cents = total / 100",
        "total /= 2",
        "ct = round(cost * rate)",
        "ct: float = cost",
        "ct = float(cost)",
        "amount = Decimal(value)",
        "def owed(value: float): return Decimal(value)",
        "import math",
        "from math import fsum",
        "from statistics import mean",
        "select(func.avg(UsageRow.ct_actual_debit))",
        "cast(column, Numeric)",
    ],
)
def test_the_lint_sees(planted: str) -> None:
    assert list(suspects(ast.parse(planted)))


@pytest.mark.parametrize(
    "sound",
    [
        "cents = total // 100",
        "from math import ceil",
        "amount = Decimal('0.92')",
        "def written(cents: int): return Decimal(cents)",
    ],
)
def test_the_lint_lets_pass(sound: str) -> None:
    assert list(suspects(ast.parse(sound))) == []
