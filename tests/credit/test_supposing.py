"""`decisions replay` under a named model, named rules, or the law of a named day: what would change, counted and told."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from controls.models import RuleCase
from core.money import Money
from credit import services
from credit.models import Decision
from credit.rules import History
from credit.rules.affording import Declared
from markets.queries import affordability_rows
from tests.credit.models import give, make_model
from tests.credit.test_affording import laws
from tests.credit.test_grades import publish, rita, rule

__all__ = ["laws", "publish", "rita"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def said(capsys):
    def run(*told: str) -> list[str]:
        call_command("decisions", "replay", "--all", *told)
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def three(person, decide):
    """Decisions about good, late and referred people, by a champion whose risk rises with late payments."""
    give(make_model(percent=1, facts={"paid_late": (0, 1.0)}))
    made = [decide(person("+approve")), decide(person("+approve"), history=History(paid_late=1)), decide(person("+refer"))]
    assert [one.outcome for one in made] == ["approve", "approve", "refer"]
    return made


def test_the_model_that_decided_changes_nothing_and_a_stricter_one_refuses(three, said):
    make_model("strict", percent=1, facts={"paid_late": (0, 4.0)})
    assert said("--model", "own@1", "--by", "challenger") == ["3 of 3 identical"]
    first, _differs, moved, *_limits = said("--model", "strict", "--by", "challenger")
    late = three[1]
    assert (first, moved) == ("2 of 3 identical", f"approve -> decline: 1, $200.00, such as {late.public_id}")
    assert said() == ["3 of 3 identical"]


def test_what_points_decided_is_asked_of_a_model_that_is_named(person, decide, said):
    decide(person("+approve"))
    decide(person("+approve", identity="rejected"))
    make_model(percent=60)
    assert said("--model", "own@1")[2].startswith("approve -> decline: 1, $200.00, such as dec_")


def test_named_rules_grade_and_limit_anew_and_the_others_as_they_did(three, said, publish):
    half = {"id": "f", "name": "f", "when": "paid_late > 0", "then": {"outcome": "factor", "value": 0.5, "reason": "late_with_us"}}
    limits = publish(half, kind="limits")
    us = {"scope": {"market": "US"}}
    grades = publish(rule("all", "grade_a", 0.5), rule("no", "refuse", when="paid_late > 0", reason="late_with_us", **us))
    told = said("--rules", f"limits@{limits.number}")
    late = three[1]
    assert told[0] == "2 of 3 identical"
    assert f"limit: {late.limit_minor}, now {late.limit_minor // 2 // 5_000 * 5_000}" in told[1]
    told = said("--rules", f"limits@{limits.number}", "--rules", f"grades@{grades.number}")
    assert f"approve -> decline: 1, $200.00, such as {late.public_id}" in told
    # Their facts may be gone with the cases.
    RuleCase.objects.all().delete()
    assert said("--rules", f"limits@{limits.number}")[0] == "2 of 3 identical"


def test_the_law_of_another_day_asks_what_is_affordable(laws, person, decide, at, said):
    affordability_rows.forget()
    ann = person("+approve", market="DK")
    services.declare(consumer=ann, currency="DKK", declared=Declared(4_000_000, 900_000, 0, 0), reference="chk_1", at=at)
    about = {"consumer": ann, "reference": "chk_1", "at": at}
    made = services.decide(**about, amount=Money(100_000, "DKK"), payment_of=lambda: 50_000)
    assert (made.outcome, made.inputs["afford"]["law"]["version"]) == ("approve", "DK 2026-11-20")
    assert said("--law", "2026-11-25") == ["1 of 1 identical"]
    assert said("--law", "2026-11-01") == ["1 of 1 identical"]
    refused = services.decide(**about, amount=Money(100_000, "DKK"), payment_of=lambda: 3_000_000)
    assert refused.reasons == ["payments_too_high"]
    told = said("--law", "2026-11-01")
    assert (told[0], told[2]) == ("1 of 2 identical", f"decline -> approve: 1, DKK\xa01,000.00, such as {refused.public_id}")
    decide(person("+approve", market="DK"), 100_000, currency="DKK", at=at.replace(day=10))
    assert "1 did not keep what the payments were, so the law of that day is not asked about them" in said("--law", "2026-11-25")


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (("--model", "nobody@1"), "there is no credit model nobody"),
        (("--model", "own@x"), "is no NAME@VERSION"),
        (("--model", "other"), "looks at columns that decisions do not have: shoe_size"),
        (("--rules", "grades"), "is no SET@VERSION"),
        (("--rules", "orders@1"), "is no SET@VERSION"),
        (("--rules", "grades@99"), "no such"),
    ],
)
def test_what_cannot_be_supposed_is_said(db, told, fault):
    make_model("other", lineage={"columns": ["shoe_size"]})
    with pytest.raises(CommandError, match=fault):
        call_command("decisions", "replay", "--all", *told)
    assert not Decision.objects.exists()
