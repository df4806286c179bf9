"""A readable scorecard and its policy: from facts about a person to a decision; pure.

All inputs are in `Inputs`, which a decision stores, so that a replay gives the same answer. Age, sex, origin, address and names do not
count. A version of the scorecard never changes: a better scorecard is added as a new version.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from credit.rules.affording import TOO_HIGH, doubts_of
from credit.rules.behavior import OVERDUE, Behavior
from credit.rules.grades import Grade, built_in
from credit.rules.inputs import WHOLE_BPS, Bureau, History, Inputs, Ruled, Verdict, bureau_in, with_bank
from credit.rules.points import MAX_FACTORS, SCORECARD_1, Characteristic, score_of
from credit.rules.registers import REMARK, Registered, looks_of, lowered_for, refuses, share_of_limit
from credit.rules.safety import ANOTHER_CODE, BLOCK, HOLD, NOT_SAFE, SAFETY_LOOK, STEP_UP
from credit.rules.screened import OPEN as BEING_CHECKED
from credit.rules.screened import Screened

__all__ = ["MAX_FACTORS", "SCORECARD_1", "WHOLE_BPS", "Behavior", "Bureau", "Characteristic", "History"]
__all__ += ["Inputs", "Registered", "Ruled", "Screened", "Verdict", "bureau_in", "score_of", "with_bank"]

LIMIT_STEP_UNITS = 50
SERIOUS_DELINQUENCIES = 5
FROZEN = "file_frozen"
"""The reason if the person had their credit file frozen, so that nobody may read it before they lift that."""
BY_RULE = "person_decides"
"""The reason if operators' rules about grades have a person look at a purchase."""
EASED = "eased_with_us"
"""The reason while a plan with relief for who cannot pay is open."""
OWN_LIMIT = "own_limit"
"""The reason if only the person's own limit forbids a purchase that the lender would have approved."""
BY_PEOPLE = "approved_by_people"
"""The reason if people approved what the policy refused."""
FINAL = frozenset({"account_restricted", "identity_not_verified", "overdue_with_us", "payments_too_high", FROZEN, OWN_LIMIT, NOT_SAFE})
"""Reasons that no operator can overrule: the law, the person themselves, or what others decide about the account."""


def is_refusal(outcome: str, reasons: Collection[str]) -> bool:
    """Return whether the lender refused; what only the person's own limit forbids is no refusal, and nobody is notified of one."""
    return outcome == "decline" and OWN_LIMIT not in reasons


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
    return _if_safe(inputs, _while_checked(inputs, _by_policy(by_points(inputs))))


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
    taken = taken or _lowered(inputs, bureau, grade)
    if inputs.behavior is not None and inputs.behavior.factor_bps is not None:
        taken = taken or (OVERDUE if inputs.amount_minor <= ruled - inputs.used_minor else "")
        ruled = round_limit(inputs.behavior.applied(ruled), inputs.exponent)
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
    if owing := _owing(inputs) or (REMARK if refuses(inputs.registers) else ""):
        return _declined(inputs, 0, owing)
    given = inputs.line_minor if inputs.by_hand_minor is None else inputs.by_hand_minor
    before = max(given, inputs.used_minor)
    limit = before if inputs.by_hand_minor is not None else max(before, inputs.unreported_minor)
    if inputs.gap == FROZEN or inputs.amount_minor > limit - inputs.used_minor:
        return Verdict("decline", before, order_limit(inputs, before), 0, (inputs.gap,))
    if inputs.own_minor is not None and inputs.amount_minor > inputs.own_minor - inputs.used_minor:
        return Verdict("decline", before, order_limit(inputs, before), 0, (OWN_LIMIT,))
    return Verdict("refer", limit, order_limit(inputs, limit), 0, (inputs.gap, *looks_of(inputs.registers)))


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
    return _if_safe(inputs, _while_checked(inputs, _if_affordable(by_points(inputs))))


def assess_3(inputs: Inputs) -> Verdict:
    """Return the decision of scorecard 3: that of scorecard 2, with the grade by rules, and by the probability of the model that decides.

    `inputs` have what models and rules said (`credit.scoring`); without, the points and the built-in table count, as in scorecard 2.
    """
    return _if_safe(inputs, _while_checked(inputs, _if_affordable(inputs)))


def _while_checked(inputs: Inputs, verdict: Verdict) -> Verdict:
    """Return a decision that approves nothing while a check of the person is open."""
    if inputs.screened is None or not inputs.screened.is_open or verdict.outcome == "decline":
        return verdict
    before = verdict.reasons if verdict.outcome == "refer" else ()
    return replace(verdict, outcome="refer", reasons=(BEING_CHECKED, *before)[:MAX_FACTORS])


def _if_safe(inputs: Inputs, verdict: Verdict) -> Verdict:
    """Return a decision with what the assessment of fraud says: refuse, ask for another code before anything is final, or have people look.

    What is refused anyway stays refused for its own reasons. The limit is that of the person, whatever is said of one purchase.
    """
    says = inputs.safety.says if inputs.safety else ""
    if verdict.outcome == "decline":
        return verdict
    if says == BLOCK:
        return replace(verdict, outcome="decline", reasons=(NOT_SAFE,))
    if says == STEP_UP:
        return replace(verdict, outcome=STEP_UP, reasons=(ANOTHER_CODE,))
    if says == HOLD:
        before = verdict.reasons if verdict.outcome == "refer" else ()
        return replace(verdict, outcome="refer", reasons=(SAFETY_LOOK, *before)[:MAX_FACTORS])
    return verdict


def is_about_limit(verdict: Verdict) -> bool:
    """Return whether a decision moves the person's limit: not if it stops one purchase for fraud, or waits for another code."""
    return verdict.outcome != STEP_UP and NOT_SAFE not in verdict.reasons


def _if_affordable(inputs: Inputs) -> Verdict:
    verdict = _overruled(inputs, _by_policy(inputs))
    bureau, afford, left = inputs.bureau, inputs.afford, inputs.left_minor
    if afford is None or bureau is None or left is None or verdict.outcome == "decline":
        return verdict
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
    return (*(reason for reason, holds in looks.items() if holds), *looks_of(inputs.registers))


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
    share = bureau.disposable_income_minor * grade.share_bps // WHOLE_BPS * inputs.economy_bps // WHOLE_BPS
    return round_limit(share * share_of_limit(inputs.registers) // WHOLE_BPS, inputs.exponent)


def _lowered(inputs: Inputs, bureau: Bureau, grade: Grade) -> str:
    """Return the reason for which registers lower the limit, if the purchase would be within the limit without them."""
    if share_of_limit(inputs.registers) == WHOLE_BPS:
        return ""
    whole = _carried(replace(inputs, registers=()), bureau, grade)
    return lowered_for(inputs.registers) if inputs.amount_minor <= whole - inputs.used_minor else ""


def _within_limit(inputs: Inputs, bureau: Bureau, limit: int, standing: Standing, exceeded: str) -> tuple[str, tuple[str, ...]]:
    if inputs.amount_minor > limit - inputs.used_minor:
        return "decline", (exceeded,)
    if inputs.own_minor is not None and inputs.amount_minor > inputs.own_minor - inputs.used_minor:
        return "decline", (OWN_LIMIT,)
    needed = (*_looks(inputs, bureau), *((BY_RULE,) if standing.grade.refers else ()))
    return ("refer", needed) if needed else ("approve", standing.factors)


def owing(history: History, behavior: Behavior | None) -> str:
    """Return why nothing more is lent for now: a payment is overdue, or was put off since the person cannot pay; or an empty text.

    Where rules let the account of a late person buy, what is overdue is no reason.
    """
    if history.overdue_now and not (behavior and behavior.buys):
        return OVERDUE
    return EASED if history.eased_now else ""


def _owing(inputs: Inputs) -> str:
    return owing(inputs.history, inputs.behavior)


def _barred(inputs: Inputs, bureau: Bureau) -> str:
    """Return the first reason to decline regardless of points, or an empty text."""
    if owing := _owing(inputs):
        return owing
    bars = {
        "serious_delinquency": bureau.delinquencies_24m >= SERIOUS_DELINQUENCIES,
        "review_declined": inputs.review == "decline",
        REMARK: refuses(inputs.registers),
    }
    return next((reason for reason, holds in bars.items() if holds), "")


def _declined(inputs: Inputs, score: int, *reasons: str) -> Verdict:
    """Return a refusal with at most four reasons; the limit is the used amount, or what people set."""
    limit = max(inputs.used_minor, inputs.by_hand_minor or 0)
    return Verdict("decline", limit, order_limit_of(limit, inputs.exponent, inputs.order_by_hand_minor), score, reasons[:MAX_FACTORS])


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
