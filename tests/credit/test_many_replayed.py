"""Ten thousand decisions of the real service, of every kind, replay to the same answers; and one changed value is found and named."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import F

from accounts.models import Block, Consumer
from controls import services as controls
from core import providers
from core.errors import Unavailable
from core.money import Money
from credit import services
from credit.banking.sums import Figures
from credit.errors import FiguresNeeded
from credit.models import BankAccess, CreditLine, Decision, Inquiry
from credit.rules import History
from credit.rules.affording import Declared
from markets.queries import affordability_rows
from markets.services import load_rates
from tests.bureau_server import Bureau, account_with, use_accounts
from tests.credit.models import give, make_model
from tests.credit.test_economy import turn_economy
from tests.operators import make_operator
from tests.owner import unguarded
from tests.sizes import sized

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(1_800)]
COUNT, EACH = sized(10_000, 1_000), 8
CURRENCY = {"US": "USD", "GB": "GBP", "DK": "DKK", "SE": "SEK", "DE": "EUR", "AU": "AUD"}
RULES = [
    {"factor": (1.2, "score > 800"), "cap": (300, "thin_file")},
    {"factor": (0.7, "late_24m > 0"), "cap": (1_000, "inquiries_6m > 3")},
]


class Lives:
    """People who buy again and again, drawn by dice, and what happens to them in between."""

    def __init__(self, person: Any, bureau: Bureau, at: Any) -> None:
        self.person, self.bureau, self.at, self.dice = person, bureau, at, random.Random(7)
        self.boss = make_operator("boss@kvart.example")

    def decisions(self) -> Iterator[Decision]:
        """Make a person, and decide about some purchases of theirs; an amount that nobody can decide on is left out."""
        dice = self.dice
        market = dice.choice(list(CURRENCY))
        someone = self.person(market=market, identity=dice.choice(["verified"] * 15 + ["rejected"]))
        self.bureau.report = self._report()
        day = self.at
        for number in range(EACH):
            self.bureau.does = dice.choice(["answer"] * 20 + ["error", "wrong"])
            self._happen(someone, CURRENCY[market], day)
            decision = self._decide(someone, Money(self._amount(market), CURRENCY[market]), f"chk_{number}", day)
            if decision is not None:
                yield decision
            day += timedelta(days=dice.choice([0, 1, 20, 35, 80]))

    def _amount(self, market: str) -> int:
        whole = self.dice.choice([2_000, 20_000, 60_000, 120_000, 400_000]) * self.dice.uniform(0.5, 1.5)
        return int(whole * (7 if market in {"DK", "SE"} else 1))

    def _report(self) -> dict[str, Any]:
        dice = self.dice
        if dice.random() < 0.1:
            return {"file": dice.choice(["none", "no_income", "frozen", "deceased"])}
        report = {
            "score": dice.randrange(480, 850),
            "thin": dice.random() < 0.15,
            "delinquencies_24m": dice.choice([0, 0, 0, 0, 1, 2, 6]),
            "open_accounts": dice.randrange(15),
            "utilization_pct": dice.randrange(120),
            "inquiries_6m": dice.randrange(9),
            "oldest_account_months": dice.randrange(200),
            "fraud_alert": dice.random() < 0.05,
            "manual_review": dice.random() < 0.08,
            "disposable_income_minor": dice.choice([0, 90_000, 250_000, 400_000, 3_000_000]),
        }
        return {**self.bureau.report_of_nobody, **report}

    def _happen(self, someone: Consumer, currency: str, day: Any) -> None:
        """Let something happen before a purchase: limits by hand, of one's own and in use; a bank that was read; a review; a block."""
        dice, lines = self.dice, CreditLine.objects.filter(consumer=someone, currency=currency)
        what = dice.randrange(14)
        if what == 0:
            lines.update(by_hand_minor=dice.choice([None, 30_000, 500_000]))
        elif what == 1:
            lines.update(order_by_hand_minor=dice.choice([10_000, 90_000]), order_by_hand_until=(day + timedelta(days=30)).date())
        elif what == 2:
            lines.update(own_minor=dice.choice([None, 0, 40_000]))
        elif what in {3, 4}:
            lines.update(used_minor=F("limit_minor") / dice.choice([1, 2, 3]))
        elif what == 5:
            self._read_bank(someone, currency, day)
        elif what == 6:
            Inquiry.objects.filter(consumer=someone, review="", answered_at__isnull=False).update(
                review=dice.choice(["approve", "decline"])
            )
        elif what == 7 and dice.random() < 0.2:
            told = {"reason": "fraud", "blocked_by": self.boss, "blocked_at": day}
            Block.objects.get_or_create(consumer=someone, lifted_at=None, defaults=told)

    def _read_bank(self, someone: Consumer, currency: str, day: Any) -> None:
        dice = self.dice
        income = dice.choice([150_000, 400_000])
        lenders, gambling, below = dice.choice([0, 40_000]), dice.choice([0, 900]), dice.choice([None, 3])
        kept = Figures(income, income // 3, lenders, income // 2, gambling, 6, -200, 4, below, 1)
        days = dict.fromkeys(["started_at", "read_at", "ended_at", "closed_at", "next_at"], day)
        BankAccess.objects.create(consumer=someone, currency=currency, provider="plaid", figures=asdict(kept), **days)

    def _decide(self, someone: Consumer, amount: Money, reference: str, day: Any) -> Decision | None:
        dice = self.dice
        late, elsewhere = dice.choice([0, 0, 0, 1]), dice.choice([(), ("late_with_us", "overdue_with_us")])
        history = History(dice.choice([0, 2, 9]), late, dice.choice([0] * 9 + [1]), dice.choice([0, 2]), 0 if late else dice.choice([0, 5]))
        told = {"consumer": someone, "reference": reference, "amount": amount, "at": day, "history": history, "elsewhere": elsewhere}
        told |= {"payment_of": dice.choice([None, lambda: amount.minor // 3]), "fresh": dice.random() < 0.03}
        for _try in range(2):
            try:
                return services.decide(**told)
            except FiguresNeeded:
                income = dice.choice([90_000, 300_000, 2_000_000])
                declared = Declared(income, income // dice.choice([2, 4]), dice.choice([0, 50_000]), dice.randrange(4))
                services.declare(consumer=someone, currency=amount.currency, declared=declared, reference=reference, at=day)
            except Unavailable:
                return None
        return None


@pytest.fixture
def many(person, at, settings):
    """Make the decisions: at first without rules and models, then with both, which change meanwhile."""
    load_rates()
    affordability_rows.forget()
    settings.BUREAU = "nobody"
    bureau = Bureau()
    bureau.report_of_nobody = dict(bureau.report)
    use_accounts(account_with(bureau, "first", 1, budget_ms="2000"))
    lives, made, stage = Lives(person, bureau, at), 0, 0
    while made < COUNT:
        if made >= stage * COUNT // 4:
            _change(stage, at)
            stage += 1
        made += len(list(lives.decisions()))
    yield list(Decision.objects.order_by("id"))
    bureau.close()
    providers.keep(())


def _change(stage: int, at: Any) -> None:
    """Let another version of the rules count, another share of a market, and another model decide."""
    if stage:
        turn_economy("US", 10_000 - 1_500 * stage, at + timedelta(days=stage))
        _publish("limits", RULES[stage % 2], at)
        give(make_model(f"m{stage}", percent=1.5 * stage, facts={"utilization_pct": (60, 0.8), "inquiries_6m": (2, 0.5)}), at=at)
    if stage == 2:
        give(make_model("beside", percent=4.0, facts={"paid_late": (0, 2.0)}), "challenger", share=40, at=at)
    if stage == 3:
        give(make_model("unseen", percent=9.0), "shadow", at=at)


def _publish(kind: str, wanted: dict[str, tuple[float, str]], at: Any) -> None:
    rita, paul = (
        make_operator(f"{name}{Decision.objects.count()}@kvart.example", may=[f"{name}_rules"]) for name in ("propose", "approve")
    )
    rules = [
        {"id": key, "name": key, "when": when, "then": {"outcome": key, "value": value, "reason": "late_payments"}}
        | ({"scope": {"market": "US"}} if key == "cap" else {})
        for key, (value, when) in wanted.items()
    ]
    made = controls.start_draft(kind=kind, user=rita, at=at)
    controls.change_draft(kind=kind, number=made.number, revision=0, content={"rules": rules, "examples": []}, user=rita, at=at)
    proposal = controls.propose_rules(kind=kind, number=made.number, reason="New", starts_on=None, user=rita, at=at)
    controls.approve_proposal(proposal_id=proposal, user=paul, at=at)


def test_ten_thousand_decisions_replay_and_a_changed_one_is_named(many, capsys):
    seen = Counter(code for one in many for code in kinds_of(one))
    rare = {kind: seen[kind] for kind in EVERY_KIND if seen[kind] < COUNT // 500}
    assert rare == {}, "every kind of decision is among them often enough"
    call_command("decisions", "replay", "--all")
    assert capsys.readouterr().out == f"{len(many)} of {len(many)} identical\n"
    _suppose(many, capsys)
    dice = random.Random(3)
    for name, change in CHANGES.items():
        first, second = sorted(dice.sample([place for place, one in enumerate(many) if one.outcome == "approve"], 2))
        with unguarded():
            for one in (many[second], many[first]):
                Decision.objects.filter(pk=one.pk).update(**change(one))
        with pytest.raises(CommandError, match=f"2 of {len(many)} decisions are not as they were stored"):
            call_command("decisions", "replay", "--all")
        assert f"The first that differs is {many[first].public_id}, by" in capsys.readouterr().out, name
        with unguarded():
            for one in (many[first], many[second]):
                one.save()


def _suppose(many: list[Decision], capsys: Any) -> None:
    """Replay under a named model, named rules and the law of a named day: what was decided by these stays, and all is counted."""
    by_m3 = [one for one in many if _decided_by(one) == "m3 1"]
    assert len(by_m3) > COUNT // 20
    for told, least in (
        (["--model", "m3@1", "--by", "challenger"], len(by_m3)),
        (["--rules", "limits@1"], COUNT // 20),
        (["--law", "2026-07-01"], COUNT // 20),
    ):
        call_command("decisions", "replay", "--all", *told)
        first, *lines = capsys.readouterr().out.splitlines()
        same = int(first.split()[0])
        moved = [int(line.split(": ")[1].split(",")[0]) for line in lines if " -> " in line]
        assert (first, sum(moved)) == (f"{same} of {len(many)} identical", len(many) - same)
        assert least <= same < len(many)
    call_command("decisions", "replay", *(one.public_id for one in by_m3), "--model", "m3@1", "--by", "challenger")
    assert capsys.readouterr().out == f"{len(by_m3)} of {len(by_m3)} identical\n"


def _decided_by(one: Decision) -> str:
    """Return the version of the model that decided; empty where the points did."""
    risk = one.inputs["risk"] or {}
    return risk["said"][risk["decides"]]["version"] if risk.get("decides") else ""


CHANGES = {
    "score": lambda one: {"score": one.score + 1},
    "limit": lambda one: {"limit_minor": one.limit_minor + 5_000},
    "outcome": lambda one: {"outcome": "refer" if one.outcome != "refer" else "approve"},
    "reasons": lambda one: {"reasons": [*one.reasons[1:], "economy"]},
    "an input": lambda one: {"inputs": one.inputs | {"identity": "pending"}},
}
EVERY_KIND = [
    *CURRENCY.values(),
    *("approve", "refer", "decline"),
    *("by hand", "order by hand", "own", "in use", "banked", "reviewed", "blocked", "ruled", "economy", "declared", "old", "elsewhere"),
    *("source_silent", "file_missing", "file_frozen", "file_deceased", "income_unknown", "identity_not_verified"),
    *("manual_review", "fraud_alert", "payments_too_high", "limit_exceeded", "own_limit", "overdue_with_us", "serious_delinquency"),
    *("points", "champion", "challenger", "shadow"),
]


def kinds_of(one: Decision) -> Iterator[str]:
    """Yield what a decision is an example of."""
    kept = one.inputs
    yield from (one.currency, one.outcome, *one.reasons)
    said = {
        "by hand": kept["by_hand_minor"] is not None,
        "order by hand": kept["order_by_hand_minor"] is not None,
        "own": kept["own_minor"] is not None,
        "in use": kept["used_minor"] > 0,
        "banked": bool(kept["banked"]),
        "reviewed": bool(kept["review"]),
        "blocked": kept["is_blocked"],
        "ruled": bool(kept["ruled"]),
        "economy": kept["economy_bps"] < 10_000,
        "declared": bool((kept["afford"] or {}).get("declared")),
        "old": kept["old_pct"] is not None,
        "elsewhere": any(code.endswith("elsewhere") for code in one.reasons),
    }
    yield from (kind for kind, holds in said.items() if holds)
    yield from ((kept["risk"] or {}).get("said") or {"points": None})
