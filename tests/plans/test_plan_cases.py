"""Worked cases of plans, lived through the real services; and the command that lives them."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Consumer
from checkout.models import Order
from controls.services.ruling import forget_rules
from core.models import OutboxEvent
from ledger.models import Account, Entry
from markets.models import Market
from plans.models import Plan, Product
from plans.rules.arrears import bucket_of, days_past_due
from simulation.plan_cases.form import read_case, read_cases
from simulation.plan_cases.running import books_apart, run_case
from simulation.ruling import make_rules
from tests.cast import NOW
from tests.operators import make_operator

VECTORS = sorted((Path(__file__).parent / "vectors").glob("plan_cases*.json"))
CASES = [case for path in VECTORS for case in read_cases(path.read_text())]
BY_NAME = {case["name"]: case for case in CASES}
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_worked_case(case):
    assert run_case(read_case(case), look=books_apart).faults == []


def told(path: Path, cases) -> tuple[list[str], int]:
    """Run the command over cases and return its lines and its exit code."""
    file, out = path / "cases.json", StringIO()
    file.write_text(json.dumps({"cases": cases}))
    try:
        call_command("plan_cases", str(file), stdout=out)
    except SystemExit as ended:
        return out.getvalue().splitlines(), ended.code
    return out.getvalue().splitlines(), 0


def wrong(case):
    """The case with another amount for its first payment, and another end."""
    changed = json.loads(json.dumps(case))
    changed["name"] = "wrong"
    changed["steps"][0]["expect"]["charged"] += 1
    changed["end"]["plans"]["A"]["installments"][2]["interest"] = 7
    return changed


def test_misses_are_told_first_and_end_with_an_error(tmp_path):
    good = BY_NAME["refund-last-first-two-left"]
    lines, code = told(tmp_path, [good, wrong(good)])
    assert lines == [
        "missed   wrong",
        "         s1: charged is 12510, not 12511",
        "         end: plans.A.installments[3].interest is 0, not 7",
        "1 of 2",
    ]
    assert code == 1


def test_a_case_that_cannot_be_lived_is_a_miss_that_says_why(tmp_path):
    good = BY_NAME["refund-last-first-two-left"]
    broken = {"name": "broken", "plans": {}}
    unknown = {**good, "name": "unknown", "steps": [{"id": "s1", "on": "2026-01-05", "do": "dance"}], "end": {}}
    refused = {**good, "name": "refused", "steps": [{"id": "s1", "on": "2026-01-05", "do": "refund", "amount": 50041}], "end": {}}
    lines, code = told(tmp_path, [broken, unknown, refused, good])
    assert lines == [
        "missed   broken",
        "         KeyError: 'steps'",
        "missed   unknown",
        "         s1: there is no step dance",
        "missed   refused",
        "         s1: refused: order.refund_too_large",
        "1 of 4",
    ]
    assert code == 1


def test_nothing_of_the_cases_stays(tmp_path):
    tables = (Consumer, Order, Plan, Product, Market, Entry, Account, OutboxEvent)
    before = [table.objects.count() for table in tables]
    assert told(tmp_path, [BY_NAME["split-without-decimals-and-with-three"]]) == (["1 of 1"], 0)
    assert [table.objects.count() for table in tables] == before


def test_cases_are_lived_in_a_sandbox_only(tmp_path, settings):
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="sandbox only"):
        call_command("plan_cases", str(tmp_path / "cases.json"))


def test_a_file_that_is_none_is_told(tmp_path):
    with pytest.raises(CommandError, match="cannot read cases"):
        call_command("plan_cases", str(tmp_path / "missing.json"))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        *[(0, "current"), (1, "1-3"), (3, "1-3"), (4, "4-30"), (30, "4-30"), (31, "31-60"), (90, "61-90"), (91, "91-120")],
        *[(150, "121-150"), (180, "151-180"), (181, "181+"), (4000, "181+")],
    ],
)
def test_buckets(days, bucket):
    assert bucket_of(days) == bucket


def test_days_past_due_count_from_the_oldest_open_one():
    from datetime import date

    rows = [(date(2026, 1, 5), 0), (date(2026, 1, 19), 100), (date(2026, 2, 2), 100)]
    assert [days_past_due(rows, date(2026, 1, 19)), days_past_due(rows, date(2026, 2, 3)), days_past_due([], date(2026, 1, 1))] == [
        0,
        15,
        0,
    ]


def test_rules_of_operators_do_not_hold_the_orders_of_cases():
    make_operator("rita@kvart.example", may=["propose_rules"])
    make_operator("oscar@kvart.example", may=["approve_rules"])
    make_rules(at=NOW - timedelta(days=1))
    forget_rules()
    result = run_case(read_case(BY_NAME["settle-six-monthly"]))
    assert result.faults == []
