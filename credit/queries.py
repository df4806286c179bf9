"""Reads of credit."""

import math
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, prefetch_related_objects

from accounts.models import Consumer, ConsumerRequest, User
from accounts.queries import account_ids
from accounts.states import RequestStatus
from core.adjusting import value_of
from core.arrays import plain_array, text_array
from core.clock import local_date
from core.compiled import prepared
from core.crypto import lookup_hashes
from core.db import wait_lock
from core.errors import NotFound
from core.ids import parse_id
from core.money import Money
from credit import gateways
from credit.adverse import KEPT_FOR
from credit.models import DOUBTED, Approval, BankAccess, CreditLine, Decision, Declaration, LimitChange, LimitReview, Referral
from credit.reasons import ELSEWHERE
from credit.remarks import find_report
from credit.rules import FINAL, Inputs, assess_3, is_refusal
from credit.rules.affording import Declared, Law
from credit.settable import BANK_DAYS
from markets.queries import ECONOMY_WHOLE, currency_of, factors_to, find_affordability

KEPT = f"""(EXISTS (
    SELECT 1 FROM credit_decision d WHERE d.consumer_id = c.id AND d.at > %(at)s - {KEPT_FOR})
    OR EXISTS (SELECT 1 FROM credit_bankaccess b WHERE b.consumer_id = c.id AND b.closed_at IS NULL))"""  # noqa: S608
"""Whether a decision about a consumer `c` must be kept, or an access to their bank has not ended yet (`accounts.erasure`)."""
REFERRALS_WAIT = """EXISTS (
    SELECT 1 FROM credit_referral WHERE resolved_at IS NULL AND next_at <= %(at)s
        AND (claimed_until IS NULL OR claimed_until <= %(wall)s))"""
"""Whether a referral is due for a look."""
ORDER_LIMITS_OVER = """EXISTS (
    SELECT 1 FROM credit_creditline line JOIN accounts_consumer me ON me.id = line.consumer_id
    WHERE line.order_by_hand_until < (%(at)s AT TIME ZONE me.time_zone)::date)"""
"""Whether an order limit that operators set has expired, in the person's time zone."""
FIGURES_OVER = "b.read_at IS NOT NULL AND b.closed_at IS NOT NULL AND b.started_at < %(at)s - interval '180 days'"
"""Whether what a bank showed (`b`) is no longer kept: only that it was read, and the keyed hashes of its accounts."""
BANKS_DUE = f"""(EXISTS (SELECT 1 FROM credit_bankaccess b WHERE {FIGURES_OVER}) OR EXISTS (
    SELECT 1 FROM credit_bankaccess b WHERE b.closed_at IS NULL AND (b.next_at <= %(at)s OR (b.watches AND b.ended_at IS NULL AND EXISTS (
        SELECT 1 FROM accounts_consumerrequest r WHERE r.consumer_id = b.consumer_id AND r.kind = 'closure'
            AND r.status = '{RequestStatus.ANSWERED}' AND r.outcome IN ('done', 'partly'))))))"""  # noqa: S608
"""Whether an access to a bank is to be ended at its provider (it is over, or watches balances of somebody whose account was closed), or
figures are to be forgotten."""
LIMITS_WAIT = """NOT EXISTS (
    SELECT 1 FROM credit_reviewpass WHERE day >= (%(at)s AT TIME ZONE 'UTC')::date
        AND (finished_at IS NOT NULL OR day > (%(at)s AT TIME ZONE 'UTC')::date))
    AND EXISTS (SELECT 1 FROM credit_creditline)"""
"""Whether limits are still to be reviewed on the day (UTC)."""

EXPOSURE = """
    SELECT coalesce(sum(ceil(other.used_minor * coalesce(rate.factor, 'Infinity'))), 0)
    FROM accounts_consumer AS account
    JOIN credit_creditline AS other ON other.consumer_id = account.id
    LEFT JOIN unnest(%s::text[], %s::numeric[]) AS rate (currency, factor) ON rate.currency = other.currency
    WHERE (account.id = %s OR account.person_id = %s) AND other.used_minor > 0"""
"""SQL of a person's debt in all accounts and currencies, in minor units of one currency; infinite if an exchange rate is missing."""


def exposure_params(holder_id: uuid.UUID, currency: str, on: date) -> list[Any]:
    """Return the parameters of `EXPOSURE`: currencies, their exchange factors into `currency` on a date, and the person."""
    factors = factors_to(currency, on)
    return [text_array(factors), plain_array(factors.values()), holder_id, holder_id]


@dataclass(frozen=True, slots=True)
class Spending:
    """A line, and the person's debt in all accounts and currencies that counts against its limit, in minor units of the line's currency.

    `own_minor` is the limit that the person set themselves with the brand of the account; None if none.
    """

    line: CreditLine
    exposure_minor: int
    own_minor: int | None = None

    @property
    def limit_minor(self) -> int:
        """The limit that counts, in minor units: the person's own, if it is below the lender's."""
        return self.line.limit_minor if self.own_minor is None else min(self.line.limit_minor, self.own_minor)

    @property
    def left_minor(self) -> int:
        """The amount that can still be spent, in minor units."""
        return max(0, self.limit_minor - self.exposure_minor)


def list_spending(consumer: Consumer, on: date, *, of_brand_only: bool = False) -> list[Spending]:
    """Return a person's limits by currency, with the debt against each; one query, with the same result for each of their accounts.

    If several accounts have lines in a currency, the limit of the line decided last counts. `of_brand_only` leaves out currencies in which
    the person has a limit only with other brands: a brand's pages must not show that they are a customer elsewhere. The debt counts all.
    """
    lines = list(lines_of_person(consumer).annotate(brand=F("consumer__brand_id")).order_by("currency", "decided_at", "id"))
    shown = {line.currency for line in lines if not of_brand_only or line.brand == consumer.brand_id}
    newest = {line.currency: line for line in lines if line.currency in shown}
    own = {line.currency: line.own_minor for line in lines if line.brand == consumer.brand_id and line.own_minor is not None}
    return [Spending(line, exposure(lines, line.currency, on), own.get(line.currency)) for line in newest.values()]


def lines_of_person(consumer: Consumer) -> QuerySet[CreditLine]:
    """Return a query for the lines of all accounts of a person."""
    return CreditLine.objects.filter(consumer__in=account_ids(consumer.holder_id))


def exposure(lines: Sequence[CreditLine], currency: str, on: date) -> int:
    """Return the sum of the used amounts of all lines of a person, in minor units of one currency; converted amounts are rounded up."""
    used = [line for line in lines if line.used_minor]
    if all(line.currency == currency for line in used):
        return sum(line.used_minor for line in used)
    factors = factors_to(currency, on)
    return sum(math.ceil(line.used_minor * factors[line.currency]) for line in used)


def limit_by_hand(lines: Sequence[CreditLine], currency: str) -> int | None:
    """Return the limit that operators set for a person in a currency, in minor units; None if it is computed."""
    return next((line.by_hand_minor for line in lines if line.currency == currency and line.by_hand_minor is not None), None)


def order_limit_by_hand(lines: Sequence[CreditLine], currency: str, on: date) -> int | None:
    """Return the order limit that operators set for a person in a currency and that is valid on a date, in minor units; otherwise None."""
    found = (line for line in lines if line.currency == currency and line.order_by_hand_until and line.order_by_hand_until >= on)
    return next((line.order_by_hand_minor for line in found), None)


def limit_so_far(lines: Sequence[CreditLine], currency: str) -> int:
    """Return the limit of a person in a currency as it was decided last, in minor units; 0 before the first decision."""
    known = [line for line in lines if line.currency == currency]
    return max(known, key=lambda line: line.decided_at).limit_minor if known else 0


def was_by_rule(line: CreditLine) -> bool:
    """Return whether rules, the market's share or a daily review affected a line's limit last; at most two queries."""
    decided = Decision.objects.filter(consumer=line.consumer_id, currency=line.currency).order_by("-id")
    last = decided.values_list("inputs__ruled", "inputs__economy_bps", "at").first()
    if last is None:
        return False
    ruled, share, at = last
    return bool(ruled) or share not in {None, ECONOMY_WHOLE} or LimitReview.objects.filter(line=line, at__gt=at).exists()


def find_spending(consumer: Consumer, currency: str, on: date) -> Spending | None:
    """Return a consumer's line in a currency with the debt against it, or None before the first decision."""
    return next((found for found in list_spending(consumer, on) if found.line.currency == currency), None)


def lock_lines(consumer: Consumer) -> list[CreditLine]:
    """Lock all lines of a person, in the order of their keys, until the transaction ends and return them."""
    return lock_lines_held(consumer.holder_id)


@prepared
def lock_lines_held(holder_id: uuid.UUID) -> QuerySet[CreditLine]:
    """Lock all lines of a person, by the key of their first account, like `lock_lines`."""
    found = CreditLine.objects.filter(consumer__in=account_ids(holder_id))
    return found.order_by("id").select_for_update(of=("self",))


def lock_lines_of(consumer_id: uuid.UUID) -> list[CreditLine]:
    """Lock all lines of an account's person, like `lock_lines`."""
    return lock_lines(Consumer.objects.get(pk=consumer_id))


def lock_lines_among(accounts: Collection[uuid.UUID]) -> list[CreditLine]:
    """Lock all lines of some accounts, in the order of their keys, and return them with their consumers; two queries."""
    found = list(CreditLine.objects.filter(consumer__in=accounts).order_by("id").select_for_update())
    # Read under the locks: joined to the lines, consumers would be as they were before the locks were waited for.
    prefetch_related_objects(found, "consumer")
    return found


def newest_decisions(accounts: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, str], Decision]:
    """Return the newest decision about each account in each currency that looked at its credit file, by both, with its inquiry; one query.

    Those that a block or the identity check refused did not.
    """
    found = Decision.objects.filter(consumer__in=accounts).select_related("inquiry")
    for code in ("account_restricted", "identity_not_verified"):
        found = found.exclude(reasons__contains=[code])
    return {(one.consumer_id, one.currency): one for one in found.order_by("consumer", "currency", "-id").distinct("consumer", "currency")}


def newest_decisions_of(consumer: Consumer) -> dict[str, Decision]:
    """Return the newest decision about a person that looked at their credit file, by currency, in any account with the consumer's brand."""
    mine = account_ids(consumer.holder_id, brand=consumer.brand_id)
    found = sorted(newest_decisions(list(mine)).values(), key=lambda one: one.pk)
    return {one.currency: one for one in found}


def newest_reviews(lines: Collection[uuid.UUID]) -> dict[uuid.UUID, LimitReview]:
    """Return the newest review of each line that has one, by the line's key; one query."""
    found = LimitReview.objects.filter(line__in=lines)
    return {one.line_id: one for one in found.order_by("line", "-id").distinct("line")}


def of_brand(lines: Sequence[CreditLine], consumer: Consumer) -> set[uuid.UUID]:
    """Return the keys of those lines' consumers who are customers of a consumer's own brand."""
    keys = [line.consumer_id for line in lines]
    return set(Consumer.objects.filter(pk__in=keys, brand_id=consumer.brand_id).values_list("pk", flat=True)) if keys else set()


def find_line(consumer_id: uuid.UUID, currency: str) -> CreditLine | None:
    """Return a consumer's line in a currency, or None before the first decision."""
    return CreditLine.objects.filter(consumer_id=consumer_id, currency=currency).first()


def lock_line(consumer_id: uuid.UUID, currency: str) -> CreditLine | None:
    """Lock a consumer's line until the transaction ends and return it, or None."""
    return CreditLine.objects.select_for_update().filter(consumer_id=consumer_id, currency=currency).first()


def list_limit_changes(
    holder_id: uuid.UUID, currency: str = "", limit: int = 50, brand: str | None = None, own: uuid.UUID | None = None
) -> list[LimitChange]:
    """Return the changes of a person's limits, newest first, in one currency or all; a change in several accounts counts once.

    `holder_id` is the key of the person's first account; `brand` leaves out changes in accounts with other brands. Of one change in
    several accounts, that of the account `own` is returned, from what its limit was before; else that of the account opened first. Each
    has its line, with the account.
    """
    changes = LimitChange.objects.filter(line__consumer__in=account_ids(holder_id)).select_related("line__consumer")
    if currency:
        changes = changes.filter(line__currency=currency)
    if brand:
        changes = changes.filter(line__consumer__brand_id=brand)
    found: dict[tuple[str, datetime, int, int], LimitChange] = {}
    seen = Counter[tuple[uuid.UUID, datetime, int]]()
    for one in changes.order_by("-number", "-id")[: 2 * limit]:
        # Two changes of one account at a moment are two.
        key = one.line.currency, one.at, one.after_minor, seen[one.line_id, one.at, one.after_minor]
        seen[one.line_id, one.at, one.after_minor] += 1
        if key not in found or _precedes(one, found[key], own):
            found[key] = one
    return _without_repeats(sorted(found.values(), key=lambda one: (one.number, one.pk), reverse=True))[:limit]


def _precedes(one: LimitChange, other: LimitChange, own: uuid.UUID | None) -> bool:
    return (one.line.consumer_id != own, one.line.consumer_id) < (other.line.consumer_id != own, other.line.consumer_id)


def _without_repeats(changes: Sequence[LimitChange]) -> list[LimitChange]:
    """Leave out the first limit of a further account if the person already had that limit; `changes` are newest first."""
    had: dict[str, int] = {}
    kept = []
    for one in reversed(changes):
        if one.before_minor or had.get(one.line.currency) != one.after_minor:
            kept.append(one)
        had[one.line.currency] = one.after_minor
    return kept[::-1]


def find_law(market_code: str, currency: str, on: date) -> Law | None:
    """Return what a market's law asks for about affordability on a date, in minor units of a currency; None for nothing, or without a rate.

    No query.
    """
    row = find_affordability(market_code, on)
    if row is None:
        return None
    law, own = Law.of(f"{market_code} {row.valid_from.isoformat()}", row.value), currency_of(market_code)
    if own == currency:
        return law
    factor = factors_to(currency, on).get(own)
    return None if factor is None else law.in_currency(Fraction(factor))


def lock_bank_access(access_id: uuid.UUID) -> BankAccess:
    """Lock a visit to somebody's banks, until the transaction ends, and return it."""
    return BankAccess.objects.select_for_update().get(pk=access_id)


def lock_declaring(consumer: Consumer) -> None:
    """Let one declaration of a consumer be stored at a time, until the transaction ends."""
    wait_lock(f"declaration {consumer.pk}")


def find_declaration(consumer: Consumer, currency: str, *, after: datetime) -> Declaration | None:
    """Return what a consumer last declared of their income and costs, later than a time, or None."""
    found = Declaration.objects.filter(consumer=consumer, currency=currency, at__gt=after)
    return found.order_by("-at", "-id").first()


def find_counting_declaration(consumer: Consumer, currency: str, at: datetime) -> Declaration | None:
    """Return what a consumer declared that counts at a time, so that they may correct it; None without, or where no law asks."""
    law = find_law(consumer.market_id, currency, local_date(at, consumer.time_zone))
    if law is None or law.declared_from_minor is None:
        return None
    return find_declaration(consumer, currency, after=at - timedelta(days=law.valid_days))


def list_declarations(consumer: Consumer, currency: str, *, after: datetime, most: int = 20) -> list[Declaration]:
    """Return what a consumer declared of their income and costs later than a time, the newest first; all versions."""
    return list(Declaration.objects.filter(consumer=consumer, currency=currency, at__gt=after).order_by("-at", "-id")[:most])


def was_refused_here(consumer: Consumer, currency: str, *, after: datetime) -> bool:
    """Return whether an account was refused on declared figures, later than a time: only then may its pages speak of that refusal."""
    refused = Decision.objects.filter(consumer=consumer, currency=currency, outcome="decline", at__gt=after)
    return refused.exclude(inputs__afford__declared=None).exists()


def declared_at_refusals(consumer: Consumer, currency: str, *, after: datetime) -> list[Declared]:
    """Return the declared figures that counted when a person was refused in any of their accounts, later than a time; the newest 20."""
    mine = account_ids(consumer.holder_id)
    refused = Decision.objects.filter(consumer__in=mine, currency=currency, outcome="decline", at__gt=after).order_by("-id")
    return [Declared(**figures) for figures in refused.values_list("inputs__afford__declared", flat=True)[:20] if figures]


def find_bank_figures(consumer: Consumer, currency: str, *, after: datetime) -> BankAccess | None:
    """Return the newest reading of a consumer's bank accounts, later than a time, or None; also if its figures verify no income."""
    found = BankAccess.objects.filter(consumer=consumer, currency=currency, read_at__gt=after)
    return found.order_by("-read_at", "-id").first()


def is_shown_by_others(marks: Collection[str], consumer: Consumer) -> bool:
    """Return whether another person showed an account with one of these marks, also if they took it back since; one query."""
    others = BankAccess.objects.filter(marks__overlap=list(marks)).exclude(holder="refused")
    return others.exclude(consumer__in=account_ids(consumer.holder_id)).exists()


def is_of(visit: BankAccess, user: User) -> bool:
    """Return whether a visit to a bank is an operator's own, by their confirmed e-mail address."""
    return visit.consumer.email_hash in lookup_hashes(user.email)


def list_doubted(limit: int = 200) -> list[BankAccess]:
    """Return the readings of which an operator has to say whose accounts they are, the oldest first; one query."""
    found = BankAccess.objects.filter(holder__in=DOUBTED, read_at__isnull=False).select_related("consumer")
    return list(found.order_by("read_at", "id")[:limit])


def find_bank_access(consumer: Consumer, currency: str) -> BankAccess | None:
    """Return a consumer's newest access to their bank that was not given up, or None."""
    found = BankAccess.objects.filter(consumer=consumer, currency=currency).exclude(ended_at__isnull=False, read_at__isnull=True)
    return found.order_by("-started_at", "-id").first()


def get_bank_access(consumer: Consumer, public_id: str) -> BankAccess:
    """Return a consumer's own access to their bank; NotFound."""
    found = BankAccess.objects.filter(consumer=consumer, pk=parse_id(BankAccess.PREFIX, public_id)).first()
    if found is None:
        raise NotFound("There is no such access to a bank.")
    return found


def was_read_before(consumer: Consumer, visit: BankAccess) -> bool:
    """Return whether a person's bank was read at an earlier visit; one query."""
    return BankAccess.objects.filter(consumer=consumer, read_at__isnull=False).exclude(pk=visit.pk).exists()


def list_watched(consumers: Collection[uuid.UUID], at: datetime) -> list[BankAccess]:
    """Return the accesses by which we may look at the balances of some people before debits, the newest first."""
    open_ = BankAccess.objects.filter(consumer__in=list(consumers), watches=True, ended_at=None, closed_at=None)
    return list(open_.select_related("consumer").filter(read_at__isnull=False, next_at__gt=at).order_by("-read_at", "-id"))


def counts_until(visit: BankAccess, read_at: datetime) -> datetime:
    """Return when a reading of a time counts no more: by the setting, or earlier by its provider's account."""
    days = value_of(BANK_DAYS)
    return read_at + timedelta(days=min(days, gateways.find_bank_terms(visit.provider).report_days or days))


def find_watched(consumer: Consumer, currency: str, at: datetime) -> BankAccess | None:
    """Return the access by which we may look at a person's balance before debits in a currency, or None."""
    return next((one for one in list_watched([consumer.pk], at) if one.currency == currency), None)


def list_bank_accesses_due(at: datetime, most: int) -> list[BankAccess]:
    """Return accesses whose end at the provider is due (`BANKS_DUE`), the longest due first."""
    closed = ConsumerRequest.objects.filter(
        consumer=OuterRef("consumer"), kind="closure", status=RequestStatus.ANSWERED, outcome__in=["done", "partly"]
    )
    due = Q(next_at__lte=at) | (Q(watches=True, ended_at=None) & Exists(closed))
    return list(BankAccess.objects.filter(due, closed_at=None).order_by("next_at", "id")[:most])


def are_figures_needed(consumer: Consumer, amount: Money, at: datetime) -> bool:
    """Return whether a decision about an amount waits for the person's income and costs.

    Only once the bureau has answered: who is declined anyway is not asked, nor whose income people have seen proven. At most four queries.
    """
    on = local_date(at, consumer.time_zone)
    law = find_law(consumer.market_id, amount.currency, on)
    if law is None or law.declared_from_minor is None:
        return False
    owed_minor = amount.minor + exposure(list(lines_of_person(consumer)), amount.currency, on)
    if not law.asks(owed_minor) or find_report(consumer, amount.currency) is None:
        return False
    if find_declaration(consumer, amount.currency, after=at - timedelta(days=law.valid_days)) is not None:
        return False
    return not is_income_proven(consumer.holder_id, amount.currency, at)


def is_income_proven(holder_id: uuid.UUID, currency: str, at: datetime) -> bool:
    """Return whether people approved something for a person that still holds, and saw what is left of the income; one query."""
    found = Approval.objects.filter(consumer__in=account_ids(holder_id), currency=currency, until__gt=at)
    return found.filter(left_minor__isnull=False).exists()


def bureau_of(decision: Decision) -> dict[str, Any]:
    """Return the credit bureau that a decision used, as it was then, with its score and its own words for the main factors.

    Empty if no bureau was asked; no factors if it named none, and neither score nor factors if a model decided that does not look at it.
    """
    inquiry = decision.inquiry
    if inquiry is None:
        return {}
    if "bureau_score" in (decision.inputs.get("risk") or {}).get("unread", ()):
        return {**inquiry.agency, "score": None, "factors": []}
    return {**inquiry.agency, "score": inquiry.data.get("score"), "factors": inquiry.data.get("factors", [])}


def can_be_overruled(decision: Decision) -> bool:
    """Return whether people may approve what a stored decision refused."""
    return decision.outcome == "decline" and not final_reasons(decision)


def final_reasons(decision: Decision) -> list[str]:
    """Return the reason codes of a refusal that nobody may overrule; empty if people may."""
    final = FINAL | {ELSEWHERE[code] for code in FINAL if code in ELSEWHERE}
    return [code for code in decision.reasons if code in final] if decision.outcome == "decline" else []


def reasons_beside(decision: Decision, left_minor: int | None = None) -> list[str]:
    """Return the reason codes for which a refused purchase would be refused although people approved it; empty if it would go on.

    `left_minor` is what was proven to be left of a month's income, in place of the bureau's figure.
    """
    inputs = Inputs.from_json(decision.inputs)
    verdict = assess_3(replace(inputs, granted_minor=inputs.used_minor + inputs.amount_minor, proven_minor=left_minor))
    return list(verdict.reasons) if verdict.outcome == "decline" else []


def newest_decision(consumer_id: uuid.UUID, reference: str) -> uuid.UUID | None:
    """Return the key of the newest decision about an account and a purchase; None without any."""
    found = Decision.objects.filter(consumer_id=consumer_id, reference=reference)
    return found.order_by("-id").values_list("pk", flat=True).first()


def find_refusal(consumer_id: uuid.UUID, reference: str) -> Decision | None:
    """Return the newest decision about a person's purchase, or, without one, their newest of all."""
    mine = Decision.objects.filter(consumer_id=consumer_id).order_by("-id")
    return (mine.filter(reference=reference).first() if reference else None) or mine.first()


def list_decisions(consumer_id: uuid.UUID, limit: int = 50) -> list[Decision]:
    """Return a consumer's decisions, newest first."""
    return list(Decision.objects.select_related("inquiry").filter(consumer_id=consumer_id).order_by("-id")[:limit])


def access_refusal(decision_id: uuid.UUID, consumer: Consumer) -> Decision:
    """Return a decision that declined a consumer, with its inquiry; NotFound for another's, and for one by which we did not decline."""
    found = Decision.objects.select_related("inquiry").filter(id=decision_id, consumer=consumer).first()
    if found is None or not is_refusal(found.outcome, found.reasons):
        raise NotFound("There is no such refusal.")
    return found


def list_reviews(line: CreditLine, limit: int = 20) -> list[LimitReview]:
    """Return the daily reviews that moved a line's limit, newest first; one query."""
    return list(LimitReview.objects.filter(line=line).order_by("-id")[:limit])


def find_referral(decision_id: uuid.UUID) -> Referral | None:
    """Return the referral of a decision, or None."""
    return Referral.objects.filter(decision_id=decision_id).first()
