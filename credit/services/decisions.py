"""Credit decisions: gather the inputs, assess them once, and store the decision with all of them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import IntegrityError

from accounts.models import Consumer
from accounts.screening.guards import is_stopped
from accounts.states import Identity
from core.adjusting import value_of
from core.clock import local_date
from core.db import rows, unit
from core.ids import public_id, uuid7
from core.money import Money, exponent
from core.outbox import append
from core.polling import next_look
from core.writes import fresh_row, insert, together
from credit import queries, rules
from credit.approved import find_approved
from credit.assessing import assessor, consult
from credit.behavior import behavior_of
from credit.errors import FiguresNeeded, IdentityPending
from credit.events import ApplicationDeclined, LimitChanged, LimitLowered
from credit.helping import most_lent
from credit.models import CreditLine, Decision, Inquiry, LimitChange, Referral
from credit.rules import History, Inputs, Verdict
from credit.rules.affording import Affordability, is_missing
from credit.rules.plain import plain
from credit.rules.safety import Assessed
from credit.services.asking import Told
from credit.services.banks import use_bank
from credit.services.declaring import affordability_of, in_words_of_brand
from credit.services.screening import as_it_stands, ask_everybody
from credit.settable import COUNTER_DEPOSIT_PCT
from markets.queries import economy_bps

_NEW_LINE = """
    INSERT INTO credit_creditline (id, consumer_id, currency, limit_minor, order_limit_minor, used_minor, decided_at)
    VALUES (%s, %s, %s, %s, %s, 0, %s) ON CONFLICT (consumer_id, currency) DO NOTHING RETURNING id"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a decision knows before it locks anything: the person's situation, and what the sources told."""

    inputs: Inputs
    inquiry: Inquiry | None


def gather(*, consumer: Consumer, amount: Money, at: datetime, history: History | None = None, fresh: bool = False) -> Gathered:
    """Ask the data sources about a person, outside any transaction, only if there is no recent report, or if `fresh`.

    `history` is the consumer's payment history with us, with all brands. IdentityPending while the identity check is open; Unavailable if
    no data source answers and the amount is too large for people to decide on without a report, or if `fresh`.
    """
    if consumer.identity == Identity.PENDING:
        raise IdentityPending("We are still checking who you are. Try again in a few minutes.")
    halted = history is not None and bool(history.halted_now)
    told = Told(is_blocked=True) if halted else ask_everybody(consumer=consumer, amount=amount, at=at, fresh=fresh)
    inquiry = told.inquiry
    inputs = Inputs(
        amount_minor=amount.minor,
        exponent=exponent(amount.currency),
        identity=consumer.identity,
        used_minor=0,
        history=history or History(),
        bureau=told.bureau,
        review=inquiry.review if inquiry else "",
        is_blocked=told.is_blocked,
        asked=[plain(one) for one in told.asked],
        gap=told.gap,
        unreported_minor=told.unreported_minor,
        old_pct=told.old_pct,
        registers=told.registers,
        screened=told.screened,
        behavior=behavior_of(consumer, history),
    )
    return Gathered(use_bank(inputs, consumer, amount.currency, inquiry, at), inquiry)


def decide(
    *,
    consumer: Consumer,
    reference: str,
    amount: Money,
    at: datetime,
    history: History | None = None,
    elsewhere: Collection[str] = (),
    fresh: bool = False,
    gathered: Gathered | None = None,
    payment_of: Callable[[], int] | None = None,
    counter_of: Callable[[Decision], int | None] | None = None,
    safety: Assessed | None = None,
) -> Decision:
    """Decide whether a consumer gets an amount of credit, and store the decision with all its inputs.

    Approves, refers to people, declines, or wants another code from the person first (`step_up`), with a limit, a limit for one order, and
    ranked reason codes (`credit.reasons`). `safety` is what the assessment of the purchase for fraud said. `gathered` is
    what `gather` returned for the same person and amount, which lets the caller decide in a transaction of its own; without it, it is
    gathered first, with the same errors. `elsewhere` are reason codes whose facts are only about other brands: they are given in words
    that do not reveal this (`credit.reasons.ELSEWHERE`).

    `payment_of` returns the most that falls due in a month under the lightest plan on offer, in minor units; it is asked only where the
    market's law wants to know what the person can afford. FiguresNeeded if the law wants income and costs that the person has not declared
    recently, and nothing else declines them; with `fresh`, people look at it instead.

    `counter_of` is asked where nothing but the limit refuses: of a decision that would make a counter-offer of its `counter_minor`, it
    returns the smallest deposit in minor units, or None if no counter-offer may be made.
    """
    told = gathered or gather(consumer=consumer, amount=amount, at=at, history=history, fresh=fresh)
    inputs, inquiry = told.inputs.but(safety=safety), told.inquiry
    afford_of = partial(affordability_of, consumer, amount, payment_of, at)
    more: dict[str, Any] = {"afford_of": afford_of, "ask": not fresh, "counter_of": counter_of}
    try:
        return _record(consumer, reference, amount, inputs, inquiry, elsewhere, at, **more)
    except IntegrityError as error:
        # With what was gathered before, the transaction is the caller's, who gathers anew.
        if gathered is not None or not is_stopped(error):
            raise
        return _record(consumer, reference, amount, as_it_stands(inputs, consumer), inquiry, elsewhere, at, **more)


def _record(
    consumer: Consumer,
    reference: str,
    amount: Money,
    inputs: Inputs,
    inquiry: Inquiry | None,
    elsewhere: Collection[str],
    at: datetime,
    *,
    afford_of: Callable[[int], Affordability | None],
    ask: bool,
    counter_of: Callable[[Decision], int | None] | None,
) -> Decision:
    """Assess with the person's lines locked, and store decision, line, limit change and referral in one commit.

    `afford_of` returns what counts for affordability, given the used amount; `ask`: FiguresNeeded if declared figures would decide.
    """
    with unit():
        lines = queries.lock_lines(consumer)
        line = next((one for one in lines if (one.consumer_id, one.currency) == (consumer.pk, amount.currency)), None)
        used, day = queries.exposure(lines, amount.currency, at.date()), local_date(at, consumer.time_zone)
        inputs = inputs.but(
            used_minor=used,
            by_hand_minor=queries.limit_by_hand(lines, amount.currency),
            order_by_hand_minor=queries.order_limit_by_hand(lines, amount.currency, day),
            own_minor=line.own_minor if line else None,
            economy_bps=economy_bps(consumer.market_id, day),
            line_minor=queries.limit_so_far(lines, amount.currency) if inputs.gap else 0,
            afford=afford_of(used) if inputs.bureau is not None else None,
        )
        decision = fresh_row(Decision, consumer=consumer, reference=reference, currency=amount.currency, amount_minor=amount.minor, at=at)
        inputs, cases = consult(consumer, decision, inputs, at)
        inputs, verdict = _assess(consumer, amount.currency, inputs, at)
        if ask and verdict.outcome != "decline" and is_missing(inputs.afford, inputs.used_minor + amount.minor):
            inputs, verdict = _assess(consumer, amount.currency, _as_proven(consumer, amount.currency, inputs, at), at)
        moves = rules.is_about_limit(verdict)
        if moves and line is None and verdict.limit_minor > inputs.used_minor:
            line = _new_line(consumer, amount.currency, verdict, at)
            if line is not None:
                # A concurrent decision has just created the line.
                inputs = replace(inputs, used_minor=queries.exposure([*lines, line], amount.currency, at.date()))
                inputs, cases = consult(consumer, decision, inputs, at)
                inputs, verdict = _assess(consumer, amount.currency, inputs, at)
        # Neither rules, the market's share nor people are told as a better or weaker credit file.
        by_rule = inputs.ruled is not None or inputs.economy_bps != rules.WHOLE_BPS or inputs.granted_minor is not None
        if moves and line is not None:
            _move_limit(line, verdict, at, by_rule=by_rule, decision=decision)
        if moves and (line is not None or verdict.limit_minor > inputs.used_minor):
            # One person has one limit: their other accounts' lines get the same.
            others = [other for other in lines if other.currency == amount.currency and other.consumer_id != consumer.pk]
            near = queries.of_brand(others, consumer)
            for other in others:
                _move_limit(other, verdict, at, by_rule=by_rule, is_near=other.consumer_id in near)
        with together(prepared=True):
            _keep(decision, verdict, inputs, inquiry, elsewhere, counter_of)
            for case in cases:
                insert(case)
            if rules.is_refusal(verdict.outcome, verdict.reasons):
                append(_declined(decision), at=at)
            if "manual_review" in verdict.reasons:
                insert(Referral(decision=decision, created_at=at, next_at=next_look(since=at, at=at)))
    return decision


def _assess(consumer: Consumer, currency: str, inputs: Inputs, at: datetime) -> tuple[Inputs, Verdict]:
    """Return the verdict about a purchase, and its inputs: with what people approved, where the policy refuses."""
    verdict = rules.SCORECARDS[rules.CURRENT](inputs)
    if not rules.can_be_overruled(verdict):
        return inputs, verdict
    granted = find_approved(consumer.holder_id, currency, at)
    if granted is None:
        return inputs, verdict
    if granted.left_minor is not None and inputs.afford is not None:
        inputs = replace(inputs, afford=replace(inputs.afford, proven=True))
    inputs = replace(inputs, granted_minor=granted.granted_minor, proven_minor=granted.left_minor)
    return inputs, rules.SCORECARDS[rules.CURRENT](inputs)


def _as_proven(consumer: Consumer, currency: str, inputs: Inputs, at: datetime) -> Inputs:
    """Return the inputs of a purchase for which no figures are asked, since people saw the income proven; FiguresNeeded if they did not."""
    if inputs.afford is None or not queries.is_income_proven(consumer.holder_id, currency, at):
        raise FiguresNeeded("Tell us first what you earn and what you pay each month.")
    return replace(inputs, afford=replace(inputs.afford, proven=True))


def _keep(
    decision: Decision,
    verdict: Verdict,
    inputs: Inputs,
    inquiry: Inquiry | None,
    elsewhere: Collection[str],
    counter_of: Callable[[Decision], int | None] | None,
) -> None:
    """Store a new decision with its answer and its inputs."""
    decision.inquiry, decision.outcome, decision.score = inquiry, verdict.outcome, verdict.score
    decision.limit_minor, decision.order_limit_minor = verdict.limit_minor, verdict.order_limit_minor
    decision.reasons = in_words_of_brand(decision, verdict.reasons, elsewhere)
    decision.inputs, decision.provider_ref = inputs.as_json(), inquiry.provider_ref if inquiry else ""
    decision.versions = {"scorecard": rules.CURRENT, "source": inquiry.provider if inquiry else ""}
    if inquiry is not None and inquiry.check_kind:
        decision.versions["check"] = inquiry.check_kind
    if inputs.afford is not None:
        decision.versions["affordability"] = inputs.afford.law.version
    said = inputs.risk.deciding if inputs.risk else None
    if said:
        decision.versions["model"] = f"{said.version} {said.kind}"
    if inputs.bureau is not None and (said or inputs.grade):
        decision.versions["grade"] = rules.standing_of(inputs, inputs.bureau).grade.name
    if counter_of is not None and verdict.outcome == "decline":
        _counter(decision, inputs, counter_of)
    insert(decision)


def _counter(decision: Decision, inputs: Inputs, counter_of: Callable[[Decision], int | None]) -> None:
    """Set the counter-offer of a new decision, with the smallest and the largest deposit in its inputs."""
    assess = assessor(rules.CURRENT)
    inputs = replace(inputs, counter_most_pct=value_of(COUNTER_DEPOSIT_PCT))
    decision.counter_minor = most_lent(replace(inputs, counter_from_minor=1), assess)
    if not decision.counter_minor:
        return
    inputs = replace(inputs, counter_from_minor=counter_of(decision))
    decision.inputs, decision.counter_minor = inputs.as_json(), most_lent(inputs, assess)


def _declined(decision: Decision) -> ApplicationDeclined:
    return ApplicationDeclined(
        consumer=public_id(Consumer.PREFIX, decision.consumer_id),
        decision=decision.public_id,
        reference=decision.reference,
        currency=decision.currency,
        amount_minor=decision.amount_minor,
    )


def _new_line(consumer: Consumer, currency: str, verdict: Verdict, at: datetime) -> CreditLine | None:
    """Make a consumer's line with its first limit; if another decision has just made the line, lock and return that one."""
    values = [str(uuid7()), str(consumer.pk), currency, verdict.limit_minor, verdict.order_limit_minor, at]
    made = rows(_NEW_LINE, values)
    if not made:
        return queries.lock_line(consumer.pk, currency)
    reason = rules.limit_change_reason(None, verdict)
    LimitChange.objects.create(line_id=made[0][0], before_minor=0, after_minor=verdict.limit_minor, reason=reason, at=at)
    return None


def _move_limit(
    line: CreditLine, verdict: Verdict, at: datetime, *, by_rule: bool, is_near: bool = True, decision: Decision | None = None
) -> None:
    """Set a locked line to a decision's limits; a change of the limit is recorded with a reason that the consumer can read.

    A line with another brand than that of the purchase (not `is_near`) changes silently, with a reason that does not hint at the purchase.
    """
    if (line.limit_minor, line.order_limit_minor) == (verdict.limit_minor, verdict.order_limit_minor):
        return
    before = line.limit_minor
    line.limit_minor, line.order_limit_minor, line.decided_at = verdict.limit_minor, verdict.order_limit_minor, at
    line.save(update_fields=["limit_minor", "order_limit_minor", "decided_at"])
    if before != line.limit_minor and is_near:
        by_rule = by_rule or queries.was_by_rule(line)
        # A refusal has a notice of its own.
        notice = decision.public_id if decision and not rules.is_refusal(verdict.outcome, verdict.reasons) else ""
        tell_limit(line, before, rules.limit_change_reason(before, verdict, by_rule=by_rule), at, notice=notice)
    elif before != line.limit_minor:
        LimitChange.objects.create(line=line, before_minor=before, after_minor=line.limit_minor, reason="looked_again", at=at)


def tell_limit(line: CreditLine, before: int, reason: str, at: datetime, *, notice: str = "") -> None:
    """Record the change of a line's limit with its reason, and publish it; `notice` is what a notice tells if the limit fell."""
    LimitChange.objects.create(line=line, before_minor=before, after_minor=line.limit_minor, reason=reason, at=at)
    consumer = public_id(Consumer.PREFIX, line.consumer_id)
    moved = {"before_minor": before, "after_minor": line.limit_minor}
    if notice and line.limit_minor < before:
        append(LimitLowered(consumer=consumer, notice=notice, currency=line.currency, **moved), at=at)
    else:
        append(LimitChanged(consumer=consumer, currency=line.currency, **moved), at=at)
