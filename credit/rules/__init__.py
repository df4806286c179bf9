"""A readable scorecard and its policy: from facts about a person to a decision; pure.

All inputs are in `Inputs`, which a decision stores, so that a replay gives the same answer. Age, sex, origin, address and names do not
count. A version of the scorecard never changes: a better scorecard is added as a new version.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Self

from credit.rules.affording import TOO_HIGH, Affordability, doubts_of
from credit.rules.grades import Grade, Risk, built_in
from credit.rules.plain import plain

MAX_FACTORS = 4
LIMIT_STEP_UNITS = 50
SERIOUS_DELINQUENCIES = 5
WHOLE_BPS = 10_000
FROZEN = "file_frozen"
"""The reason if the person had their credit file frozen, so that nobody may read it before they lift that."""
BY_RULE = "person_decides"
"""The reason if operators' rules about grades have a person look at a purchase."""
OWN_LIMIT = "own_limit"
"""The reason if only the person's own limit forbids a purchase that the lender would have approved."""
BY_PEOPLE = "approved_by_people"
"""The reason if people approved what the policy refused."""
FINAL = frozenset({"account_restricted", "identity_not_verified", "overdue_with_us", "payments_too_high", FROZEN, OWN_LIMIT})
"""Reasons that no operator can overrule: the law, the person themselves, or what others decide about the account."""


@dataclass(frozen=True, slots=True)
class History:
    """A person's payment history with us, counted in installments.

    `clean_plans` are whole plans that were repaid without a late payment; `on_time_run` are installments paid on time since the last late
    one, 0 while one is overdue. Decisions from before these were counted have 0.
    """

    paid_on_time: int = 0
    paid_late: int = 0
    overdue_now: int = 0
    clean_plans: int = 0
    on_time_run: int = 0

    def __add__(self, other: Self) -> Self:
        """Return the history with both brands."""
        return type(self)(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


@dataclass(frozen=True, slots=True)
class Bureau:
    """The scored parts of a bureau's report; `disposable_income_minor` is for one month."""

    score: int
    thin: bool
    delinquencies_24m: int
    open_accounts: int
    utilization_pct: int
    inquiries_6m: int
    oldest_account_months: int
    fraud_alert: bool
    manual_review: bool
    disposable_income_minor: int


def bureau_in(kept: Mapping[str, Any]) -> Bureau:
    """Return the scored parts of a stored report, which may have more fields; KeyError for a missing one."""
    return Bureau(**{one.name: kept[one.name] for one in fields(Bureau)})


@dataclass(frozen=True, slots=True)
class Ruled:
    """The effect of operators' rules on a computed limit: multiplied by `factor_bps`, and at most `cap_minor`; None for no effect.

    `reason` is given if a purchase is refused because of it. `rules` are the rules that apply, the factor's first, in the form of
    `controls.rule_kinds.kept_rule`.
    """

    factor_bps: int | None = None
    cap_minor: int | None = None
    reason: str = ""
    rules: Sequence[Mapping[str, Any]] = ()

    def applied(self, limit_minor: int) -> int:
        """Return a computed limit after the rules, before it is rounded."""
        found = limit_minor if self.factor_bps is None else limit_minor * self.factor_bps // 10_000
        return found if self.cap_minor is None else min(found, self.cap_minor)


@dataclass(frozen=True, slots=True)
class Inputs:
    """All inputs of a decision; nothing in them identifies the person.

    `is_blocked`: operators refuse the person's new purchases. `by_hand_minor` is the limit that two operators set, which replaces the
    computed one; `order_by_hand_minor` the same for the order limit. `ruled` is the effect of rules on the computed limit.
    `granted_minor` is what the person may owe in all, if people approved a purchase that was refused (`credit.services.approvals`);
    `proven_minor` is what they saw proven to be left of a month's income, in place of the bureau's figure.
    `own_minor` is the limit that the person set themselves. `economy_bps` is the share of each computed limit that the market gives.
    `asked` tells which sources were asked, the age and cost of each answer, and what came of it (`credit.gateways.base.Asked`); it does
    not count.

    `gap` is the reason code for the missing report of a verified person. Until there is one, people decide up to `unreported_minor`, or
    up to `line_minor`, the person's limit so far. `old_pct` is the share of the order limit, in percent, that a report gives that is older
    than it may be; None for a recent report.

    `afford` is what counts for affordability, where the market's law asks for it.

    `banked` are the figures of the person's own bank accounts if what is left of their income by them stands in the report in place of the
    bureau's figure (`with_bank`), with that figure as `bureau_minor` and their age as `age_days`.

    `risk` is what models said, where one has a role, and `grade` what the rules about grades made of it, or of the points; None for
    decisions from before, and where nothing but the points and the built-in table counted.

    `counter_from_minor` is the smallest deposit of a counter-offer; None if none may be made. It does not count for the decision itself.
    """

    amount_minor: int
    exponent: int
    identity: str
    used_minor: int
    history: History
    bureau: Bureau | None = None
    review: str = ""
    is_blocked: bool = False
    by_hand_minor: int | None = None
    order_by_hand_minor: int | None = None
    ruled: Ruled | None = None
    own_minor: int | None = None
    granted_minor: int | None = None
    proven_minor: int | None = None
    economy_bps: int = WHOLE_BPS
    asked: Sequence[Mapping[str, Any]] = ()
    gap: str = ""
    unreported_minor: int = 0
    line_minor: int = 0
    old_pct: int | None = None
    afford: Affordability | None = None
    banked: Mapping[str, int] | None = None
    risk: Risk | None = None
    grade: Grade | None = None
    counter_from_minor: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the inputs as JSON values."""
        return dict(plain(self))

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the inputs that `as_json` wrote."""
        bureau, ruled = stored["bureau"], stored.get("ruled")
        return cls(
            amount_minor=stored["amount_minor"],
            exponent=stored["exponent"],
            identity=stored["identity"],
            used_minor=stored["used_minor"],
            history=History(**stored["history"]),
            bureau=Bureau(**bureau) if bureau else None,
            review=stored["review"],
            # Older decisions were stored without these.
            is_blocked=stored.get("is_blocked", False),
            by_hand_minor=stored.get("by_hand_minor"),
            order_by_hand_minor=stored.get("order_by_hand_minor"),
            ruled=Ruled(**ruled) if ruled else None,
            own_minor=stored.get("own_minor"),
            granted_minor=stored.get("granted_minor"),
            proven_minor=stored.get("proven_minor"),
            economy_bps=stored.get("economy_bps", WHOLE_BPS),
            asked=stored.get("asked", ()),
            gap=stored.get("gap", ""),
            unreported_minor=stored.get("unreported_minor", 0),
            line_minor=stored.get("line_minor", 0),
            old_pct=stored.get("old_pct"),
            afford=Affordability.from_json(stored.get("afford")),
            banked=stored.get("banked"),
            risk=Risk.from_json(stored.get("risk")),
            grade=Grade(**stored["grade"]) if stored.get("grade") else None,
            counter_from_minor=stored.get("counter_from_minor"),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision: `approve`, `refer` or `decline`, with limits, points and ranked reason codes, at most four."""

    outcome: str
    limit_minor: int
    order_limit_minor: int
    score: int
    reasons: tuple[str, ...]


def is_refusal(outcome: str, reasons: Collection[str]) -> bool:
    """Return whether the lender refused; what only the person's own limit forbids is no refusal, and nobody is notified of one."""
    return outcome == "decline" and OWN_LIMIT not in reasons


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One line of the scorecard: the source of its value, and the points of each value.

    `bands` are (from value, points) in rising order of value; the last band that the value reaches counts.
    """

    reason: str
    value: Callable[[Bureau, History], int]
    bands: tuple[tuple[int, int], ...]

    @property
    def most(self) -> int:
        """The most points that this line can give."""
        return max(points for _, points in self.bands)

    def points(self, bureau: Bureau, history: History) -> int:
        """Return the points of this person's value."""
        value = self.value(bureau, history)
        return [points for lowest, points in self.bands if value >= lowest][-1]


def _record_with_us(_: Bureau, history: History) -> int:
    """Return 0 for late payments, 1 without a history, 2 for a few payments on time, 3 for many."""
    if history.paid_late:
        return 0
    return 1 + (history.paid_on_time >= 1) + (history.paid_on_time >= 4)


FLOOR = -(10**12)
SCORECARD_1: tuple[Characteristic, ...] = (
    Characteristic(
        "credit_record",
        lambda bureau, _: bureau.score,
        ((FLOOR, 0), (500, 60), (560, 110), (600, 170), (640, 230), (680, 280), (720, 330), (780, 370)),
    ),
    Characteristic("late_payments", lambda bureau, _: bureau.delinquencies_24m, ((FLOOR, 150), (1, 90), (2, 40), (3, 0))),
    Characteristic("high_utilization", lambda bureau, _: bureau.utilization_pct, ((FLOOR, 110), (30, 90), (50, 55), (75, 20), (90, 0))),
    Characteristic("short_history", lambda bureau, _: bureau.oldest_account_months, ((FLOOR, 10), (12, 45), (36, 70), (84, 90))),
    Characteristic("many_inquiries", lambda bureau, _: bureau.inquiries_6m, ((FLOOR, 80), (2, 60), (4, 30), (7, 0))),
    Characteristic("account_mix", lambda bureau, _: bureau.open_accounts, ((FLOOR, 20), (1, 45), (3, 60), (11, 35))),
    Characteristic("little_history_with_us", _record_with_us, ((0, 0), (1, 40), (2, 60), (3, 80))),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts for a person with a report: the points, the facts that count most against them, and their grade."""

    score: int
    factors: tuple[str, ...]
    grade: Grade


def standing_of(inputs: Inputs, bureau: Bureau) -> Standing:
    """Return the points, the reasons of what decides (a model, or the points), and the grade by rules or by the built-in table."""
    score, factors = score_of(bureau, inputs.history)
    said = inputs.risk.deciding if inputs.risk else None
    if inputs.risk and said:
        factors = tuple(inputs.risk.factors) or factors or ("income_insufficient",)
    return Standing(score, factors, inputs.grade or built_in(score, said.ppm if said else None))


def assess(inputs: Inputs) -> Verdict:
    """Return the decision of scorecard 1 and its policy: the points alone, by the built-in table of grades."""
    return _by_policy(by_points(inputs))


def by_points(inputs: Inputs) -> Inputs:
    """Return inputs for which neither a model nor a rule about grades counts."""
    return inputs if inputs.risk is None and inputs.grade is None else replace(inputs, risk=None, grade=None)


def _by_policy(inputs: Inputs) -> Verdict:
    """Return the decision of the policy.

    Facts that decide alone come first (a block, identity, overdue, serious delinquency, a review's refusal), then the points, then the
    limit, and last the reasons for a review by a person. A limit never falls below the used amount; one set by hand replaces the points.
    """
    if inputs.is_blocked or inputs.identity != "verified":
        return _declined(inputs, 0, "account_restricted" if inputs.is_blocked else "identity_not_verified")
    bureau = inputs.bureau
    if bureau is None:
        return unreported(inputs)
    standing = standing_of(inputs, bureau)
    score, factors, grade = standing.score, standing.factors, standing.grade
    barred = _barred(inputs, bureau)
    if barred:
        return _declined(inputs, score, barred)
    if not grade.share_bps and inputs.by_hand_minor is None:
        return _declined(inputs, score, *dict.fromkeys(filter(None, (grade.reason, *factors))))
    computed = _carried(inputs, bureau, grade)
    ruled = round_limit(inputs.ruled.applied(computed), inputs.exponent) if inputs.ruled else computed
    # If the purchase is refused only because a rule reduced the limit, the rule's reason is given.
    taken = inputs.ruled.reason if inputs.ruled and inputs.amount_minor <= computed - inputs.used_minor else ""
    limit = max(ruled if inputs.by_hand_minor is None else inputs.by_hand_minor, inputs.used_minor)
    if limit <= 0:
        return _declined(inputs, score, taken or "income_insufficient")
    outcome, reasons = _within_limit(inputs, bureau, limit, standing, taken or "limit_exceeded")
    return Verdict(outcome, limit, order_limit(inputs, limit), score, reasons)


def unreported(inputs: Inputs) -> Verdict:
    """Return the decision about a verified person without a report: people decide up to a limit; ValueError without a reason for that.

    No points are given. A frozen file refuses, since the person alone can lift that.
    """
    if not inputs.gap:
        raise ValueError("a verified person is assessed with a bureau's report, or with the reason why there is none")
    if inputs.history.overdue_now:
        return _declined(inputs, 0, "overdue_with_us")
    given = inputs.line_minor if inputs.by_hand_minor is None else inputs.by_hand_minor
    before = max(given, inputs.used_minor)
    limit = before if inputs.by_hand_minor is not None else max(before, inputs.unreported_minor)
    if inputs.gap == FROZEN or inputs.amount_minor > limit - inputs.used_minor:
        return Verdict("decline", before, order_limit(inputs, before), 0, (inputs.gap,))
    if inputs.own_minor is not None and inputs.amount_minor > inputs.own_minor - inputs.used_minor:
        return Verdict("decline", before, order_limit(inputs, before), 0, (OWN_LIMIT,))
    return Verdict("refer", limit, order_limit(inputs, limit), 0, (inputs.gap,))


def order_limit(inputs: Inputs, limit_minor: int) -> int:
    """Return the largest order without a review by a person; a report that is older than it may be gives a share of it."""
    found = order_limit_of(limit_minor, inputs.exponent, inputs.order_by_hand_minor)
    if inputs.old_pct is None or inputs.order_by_hand_minor is not None:
        return found
    return round_limit(found * inputs.old_pct // 100, inputs.exponent)


def assess_2(inputs: Inputs) -> Verdict:
    """Return the decision of scorecard 2: that of scorecard 1, and whether the person can afford the payments, where the law asks for it.

    Payments above what is free decline, and leave the limit as it is. Figures that cannot be relied on are for people to look at.
    """
    return _if_affordable(by_points(inputs))


def assess_3(inputs: Inputs) -> Verdict:
    """Return the decision of scorecard 3: that of scorecard 2, with the grade by rules, and by the probability of the model that decides.

    `inputs` have what models and rules said (`credit.scoring`); without, the points and the built-in table count, as in scorecard 2.
    """
    return _if_affordable(inputs)


def _if_affordable(inputs: Inputs) -> Verdict:
    verdict = _overruled(inputs, _by_policy(inputs))
    bureau, afford = inputs.bureau, inputs.afford
    if afford is None or bureau is None or verdict.outcome == "decline":
        return verdict
    left = bureau.disposable_income_minor if inputs.proven_minor is None else inputs.proven_minor
    if afford.payment_minor > afford.free_minor(left):
        return replace(verdict, outcome="decline", reasons=(TOO_HIGH,))
    doubts = doubts_of(
        afford,
        owed_minor=inputs.used_minor + inputs.amount_minor,
        verified_minor=left,
        is_verified=not bureau.thin or inputs.banked is not None or inputs.proven_minor is not None,
    )
    if not doubts:
        return verdict
    before = verdict.reasons if verdict.outcome == "refer" else ()
    return replace(verdict, outcome="refer", reasons=(*before, *doubts))


def can_be_overruled(verdict: Verdict) -> bool:
    """Return whether people may approve what was refused."""
    return verdict.outcome == "decline" and not FINAL.intersection(verdict.reasons)


def _overruled(inputs: Inputs, verdict: Verdict) -> Verdict:
    """Return a refusal as approved if people approved as much; anything else, and below a limit that two people set, as it is."""
    granted, own = inputs.granted_minor, inputs.own_minor
    if granted is None or inputs.by_hand_minor is not None or not can_be_overruled(verdict):
        return verdict
    if inputs.amount_minor > granted - inputs.used_minor:
        return verdict
    if own is not None and inputs.amount_minor > own - inputs.used_minor:
        return replace(verdict, reasons=(OWN_LIMIT,))
    limit, needed = max(verdict.limit_minor, granted), _looks(inputs, inputs.bureau) if inputs.bureau else ()
    outcome, reasons = ("refer", needed) if needed else ("approve", (BY_PEOPLE,))
    return replace(verdict, outcome=outcome, limit_minor=limit, order_limit_minor=limit, reasons=reasons)


def _looks(inputs: Inputs, bureau: Bureau) -> tuple[str, ...]:
    """Return why people have to look at a purchase, whatever else approves it."""
    looks = {"fraud_alert": bureau.fraud_alert, "manual_review": bureau.manual_review and not inputs.review}
    return tuple(reason for reason, holds in looks.items() if holds)


def with_bank(inputs: Inputs, figures: Mapping[str, int], age_days: int) -> Inputs:
    """Return inputs in whose report income less fixed costs and other lenders' installments stands in place of the bureau's figure.

    Unchanged without a report. Gambling, balances and returned debits are stored with it: rules may count them (`credit.bank_facts`).
    """
    if inputs.bureau is None:
        return inputs
    left = max(0, figures["income_minor"] - figures["fixed_minor"] - figures["lenders_minor"])
    banked = {**figures, "age_days": age_days, "bureau_minor": inputs.bureau.disposable_income_minor}
    return replace(inputs, bureau=replace(inputs.bureau, disposable_income_minor=left), banked=banked)


def is_graded(inputs: Inputs) -> bool:
    """Return whether the grade counts: the person is verified and has a report, nothing else refuses, and no limit was set by hand."""
    bureau = inputs.bureau
    if inputs.is_blocked or inputs.identity != "verified" or bureau is None or inputs.by_hand_minor is not None:
        return False
    return not _barred(inputs, bureau)


def is_computed(inputs: Inputs) -> bool:
    """Return whether the person's limit is computed, so that rules can change it: neither refused earlier, nor set by hand."""
    bureau = inputs.bureau
    return bureau is not None and is_graded(inputs) and bool(standing_of(inputs, bureau).grade.share_bps)


def computed_limit(inputs: Inputs) -> int:
    """Return the limit by grade and income, with the market's share of it, in minor units; 0 without a report or a grade."""
    bureau = inputs.bureau
    return 0 if bureau is None else _carried(inputs, bureau, standing_of(inputs, bureau).grade)


def _carried(inputs: Inputs, bureau: Bureau, grade: Grade) -> int:
    share = bureau.disposable_income_minor * grade.share_bps // WHOLE_BPS
    return round_limit(share * inputs.economy_bps // WHOLE_BPS, inputs.exponent)


def _within_limit(inputs: Inputs, bureau: Bureau, limit: int, standing: Standing, exceeded: str) -> tuple[str, tuple[str, ...]]:
    if inputs.amount_minor > limit - inputs.used_minor:
        return "decline", (exceeded,)
    if inputs.own_minor is not None and inputs.amount_minor > inputs.own_minor - inputs.used_minor:
        return "decline", (OWN_LIMIT,)
    needed = (*_looks(inputs, bureau), *((BY_RULE,) if standing.grade.refers else ()))
    return ("refer", needed) if needed else ("approve", standing.factors)


def _barred(inputs: Inputs, bureau: Bureau) -> str:
    """Return the first reason to decline regardless of points, or an empty text."""
    bars = {
        "overdue_with_us": inputs.history.overdue_now > 0,
        "serious_delinquency": bureau.delinquencies_24m >= SERIOUS_DELINQUENCIES,
        "review_declined": inputs.review == "decline",
    }
    return next((reason for reason, holds in bars.items() if holds), "")


def _declined(inputs: Inputs, score: int, *reasons: str) -> Verdict:
    """Return a refusal with at most four reasons; the limit is the used amount, or what people set."""
    limit = max(inputs.used_minor, inputs.by_hand_minor or 0)
    return Verdict("decline", limit, order_limit_of(limit, inputs.exponent, inputs.order_by_hand_minor), score, reasons[:MAX_FACTORS])


@lru_cache(maxsize=64)
def score_of(bureau: Bureau, history: History) -> tuple[int, tuple[str, ...]]:
    """Return the points (0 to 940) and the reasons that cost most points, ranked, at most four; ties keep the scorecard's order."""
    lost = []
    score = 0
    for line in SCORECARD_1:
        points = line.points(bureau, history)
        score += points
        if points < line.most:
            lost.append((line.most - points, _reason(line, history)))
    ranked = sorted(lost, key=lambda pair: -pair[0])
    return score, tuple(reason for _, reason in ranked[:MAX_FACTORS])


def _reason(line: Characteristic, history: History) -> str:
    """Return the reason code of a line; late payments and a short history have different codes."""
    return "late_with_us" if line.reason == "little_history_with_us" and history.paid_late else line.reason


def round_limit(minor: int, exponent: int) -> int:
    """Return a limit rounded down to 50 units of its currency, which has `exponent` decimals."""
    step: int = LIMIT_STEP_UNITS * 10**exponent
    return max(minor, 0) // step * step


def order_limit_of(limit_minor: int, exponent: int, by_hand_minor: int | None = None) -> int:
    """Return the largest order without a review by a person: two thirds of the limit, rounded down to 50 units.

    An order limit set by two operators replaces it, but never exceeds the limit itself.
    """
    return round_limit(limit_minor * 2 // 3, exponent) if by_hand_minor is None else min(by_hand_minor, limit_minor)


def limit_change_reason(before_minor: int | None, verdict: Verdict, *, by_rule: bool = False) -> str:
    """Return the reason code of a limit change (`credit.reasons.LIMIT_CHANGES`).

    `by_rule`: rules affect the limit before or after the change, so the credit file alone does not explain it.
    """
    if before_minor is None:
        return "first_decision"
    if by_rule:
        return "looked_again"
    if verdict.limit_minor > before_minor:
        return "file_improved"
    return "application_declined" if is_refusal(verdict.outcome, verdict.reasons) else "file_weakened"


SCORECARDS: dict[str, Callable[[Inputs], Verdict]] = {"scorecard-1": assess, "scorecard-2": assess_2, "scorecard-3": assess_3}
"""All scorecards that were ever in use, by version; replay needs them all."""

CURRENT = "scorecard-3"
