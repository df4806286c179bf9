"""A person's bank accounts, read once with their consent: the figures are kept for decisions, and the access ends at once.

It stays for a while where the person also lets us look at the balance before debits (`credit.services.balances`).
"""

import logging
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar

from accounts.models import Consumer, User
from brands.queries import get_brand
from core.adjusting import value_of
from core.crypto import lookup_hash, lookup_hashes
from core.db import execute, unit, wait_lock
from core.errors import Conflict, Forbidden, Unavailable
from credit import gateways, queries
from credit.banking.holders import is_same_person
from credit.banking.sums import OutOfRange, sum_up
from credit.gateways.banks import BankSource, ConsentNeeded, NotConnected, NotReady, Statement
from credit.gateways.base import Asked, SourceLate, SourceUnavailable
from credit.gateways.terms import BankTerms
from credit.gateways.waiting import ask_within
from credit.helping import would_income_help
from credit.models import DOUBTED, BankAccess, Decision, Inquiry
from credit.replaying import asked_again
from credit.rules import Inputs, with_bank
from credit.services.bank_calls import OK, READ, REFRESH, VISIT, call_of, noted
from credit.settable import ANSWER_WITHIN_MS, BANK_DAYS
from credit.skipping import end_skipping, watched

T = TypeVar("T")
log = logging.getLogger("bnpl.credit")
WATCH_LASTS = timedelta(days=90)
"""For so long we may look at the balance before debits; then the person allows it anew."""
VISIT_LASTS = timedelta(hours=4)
"""After that a visit to a bank that was not read is ended."""
TRY_AGAIN = timedelta(minutes=10)
LOOK_BACK = timedelta(days=365)
CHUNK = 20
_FORGET = f"""
    UPDATE credit_bankaccess SET figures = '', holders = '', read_at = NULL WHERE id IN (
        SELECT b.id FROM credit_bankaccess b WHERE {queries.FIGURES_OVER} ORDER BY b.started_at LIMIT 2000 FOR UPDATE SKIP LOCKED)"""  # noqa: S608
MAY_SETTLE = "accounts.answer_request"
"""The permission to decide whose accounts a person showed: that of those who answer people."""


def start_bank(
    *, consumer: Consumer, currency: str, language: str, return_path: str, at: datetime, reference: str = "", watches: bool = False
) -> tuple[BankAccess, str]:
    """Begin a person's visit to their bank; return it, and the address where they choose the bank. Unavailable.

    They come back to the path with `state`, the public id of the visit. Their consent is recorded by whoever asked for it. `reference` is
    the checkout from which they go. `watches`: they also let us look at the balance before debits.
    """
    source = gateways.find_bank(market=consumer.market_id, currency=currency, brand=consumer.brand_id)
    if source is None:
        raise Unavailable("No bank can be asked here.")
    # The mark is stored before it is sent, so that what the provider makes under it is ended in any case.
    handle = secrets.token_hex(20)
    told = {"consumer": consumer, "currency": currency, "provider": source.name, "reference": reference, "watches": watches}
    visit = BankAccess.objects.create(handle=handle, started_at=at, next_at=at + VISIT_LASTS, **told)
    back = get_brand(consumer.brand_id).base_url + return_path
    try:
        with noted(visit, consumer, VISIT, at), watched(source.name, at):
            wait = Wait(gateways.find_bank_terms(source.name))
            begin = partial(source.begin, person=handle, market=consumer.market_id, language=language, back=back, state=visit.public_id)
            # A visit that begins too late is left: what the provider makes under the mark is ended.
            there = wait.ask(begin, late=lambda _visit, _took_ms: None)
    except SourceUnavailable as error:
        log.warning("no visit to a bank by %s: %s %s", source.name, error.outcome, error)
        raise Unavailable("The banks cannot be reached at the moment. Try again in a minute.") from error
    visit.handle = there.handle
    visit.save(update_fields=["handle"])
    return visit, there.url


def read_bank(*, consumer: Consumer, access_id: str, at: datetime) -> BankAccess:
    """Read the accounts that a person connected, keep the figures, and end the access unless it watches balances; safe to repeat.

    A bank that takes longer than the provider's account allows is not waited for: what it tells is kept when it comes. Conflict if they
    came back without connecting a bank, or its consent has ended; Unavailable while the movements are not there yet. NotFound for another
    person's visit.
    """
    visit = queries.get_bank_access(consumer, access_id)
    if visit.ended_at is not None or visit.read_at is not None:
        return visit
    source = gateways.find_bank_of(visit.provider)
    if source is None:
        raise Unavailable("No bank can be asked here.")
    reading = _Reading(visit, source, consumer, at)
    try:
        with noted(visit, consumer, reading.kind, at), watched(source.name, at):
            reading.read()
    except (NotConnected, ConsentNeeded, OutOfRange) as error:
        end_access(visit, at)
        raise Conflict("No bank was connected, and nothing was read.", code="credit.bank_left") from error
    except (NotReady, SourceLate) as error:
        raise Unavailable("Your bank is still collecting your movements. Come back in a few minutes.", code="bank_not_ready") from error
    except SourceUnavailable as error:
        log.warning("a bank was not read by %s: %s %s", source.name, error.outcome, error)
        raise Unavailable("Your bank does not answer at the moment. Try again in a minute.") from error
    return visit


class Wait:
    """The time in which a person waits for their bank: by the provider's account, and never longer than for other sources."""

    def __init__(self, terms: BankTerms) -> None:
        self._terms = terms
        self._until = time.monotonic() + min(terms.budget_ms, value_of(ANSWER_WITHIN_MS)) / 1000

    def ask(self, call: Callable[[], T], *, late: Callable[[T, int], object]) -> T:
        """Return what a call returns within what is left of the time; SourceLate, and then `late` gets it. SourceUnavailable."""
        return ask_within(call, seconds=max(0, self._until - time.monotonic()), tries=self._terms.tries, late=late)


class _Reading:
    """A reading of a person's accounts, which is kept whether it comes in time or later."""

    def __init__(self, visit: BankAccess, source: BankSource, consumer: Consumer, at: datetime) -> None:
        self._visit, self._source, self._consumer, self._at = visit, source, consumer, at
        self._wait = Wait(gateways.find_bank_terms(visit.provider))
        self.kind = REFRESH if queries.was_read_before(consumer, visit) else READ

    def read(self) -> None:
        """Read the accounts and keep the figures; SourceLate, SourceUnavailable, OutOfRange."""
        visit = self._visit
        if not visit.access:
            self._keep_access(self._wait.ask(partial(self._source.finish, handle=visit.handle), late=self._keep_access))
            if visit.ended_at is not None:
                return
        read = partial(self._source.read, visit.access, currency=visit.currency, since=(self._at - LOOK_BACK).date())
        _keep(visit, self._consumer, self._wait.ask(read, late=self._keep_late), self._at, self._wait)

    def _keep_access(self, access: str, _took_ms: int = 0) -> None:
        """Keep what opens the accounts, also if it came too late: for the next try, or to be ended if the visit has ended meanwhile."""
        with unit():
            stored = queries.lock_bank_access(self._visit.pk)
            is_first = stored.access in {"", access}
            if is_first:
                # What has ended is open again until this is ended too, by the timer if the provider is away.
                stored.access, stored.closed_at = access, None
                stored.save(update_fields=["access", "closed_at"])
        self._visit.access, self._visit.ended_at = stored.access, stored.ended_at
        if not is_first:
            self._source.end(access)
        elif stored.ended_at is not None:
            end_access(stored, self._at)

    def _keep_late(self, told: Statement, took_ms: int) -> None:
        """Keep the figures of an answer that nobody waited for any more, and what it cost."""
        end_skipping(self._source.name)
        call_of(self._visit, self._consumer, self.kind, OK, took_ms, self._at).save()
        visit = BankAccess.objects.get(pk=self._visit.pk)
        try:
            _keep(visit, self._consumer, told, self._at, None)
        except OutOfRange:
            end_access(visit, self._at)


def _keep(visit: BankAccess, consumer: Consumer, told: Statement, at: datetime, wait: Wait | None) -> None:
    """Keep the figures of a reading, once, and end the access unless it watches balances."""
    found = sum_up(told.movements, balances=told.balances, until=at.date(), names=[consumer.name])
    with unit():
        stored = queries.lock_bank_access(visit.pk)
        # The person may have taken it back while their bank was read, or another answer came first.
        if stored.ended_at is not None or stored.read_at is not None:
            visit.ended_at, visit.read_at, visit.figures = stored.ended_at, stored.read_at, stored.figures
            return
        visit.figures, visit.read_at = asdict(found), at
        visit.holders, visit.marks = list(told.holders), sorted({lookup_hash(mark) for mark in told.marks})
        for mark in visit.marks:
            # Two people who show the same account at once: the second one sees the first.
            wait_lock(f"bank account {mark}")
        # Others may have shown it while an older look-up key was in use.
        known = {one for mark in told.marks for one in lookup_hashes(mark)}
        visit.holder = _holder(visit, consumer, known)
        visit.next_at = at + WATCH_LASTS if visit.watches else visit.next_at
        visit.save(update_fields=["figures", "read_at", "next_at", "holder", "holders", "marks"])
    if not visit.watches:
        end_access(visit, at, wait)
        return
    for other in queries.list_watched([consumer.pk], at):
        if other.pk != visit.pk and other.currency == visit.currency:
            end_access(other, at)


def _holder(visit: BankAccess, consumer: Consumer, marks: set[str]) -> str:
    """Return whose accounts a reading shows, by the names that the bank told and by who else has shown the same accounts."""
    if marks and queries.is_shown_by_others(marks, consumer):
        return "shared"
    if not visit.holders:
        return "untold"
    return "same" if is_same_person(consumer.name, visit.holders) else "other"


def settle_holder(*, access_id: uuid.UUID, theirs: bool, user: User, at: datetime) -> BankAccess:
    """Decide whether doubted accounts are the person's, so that they verify an income; Conflict if nobody doubts it any more.

    Nobody decides about accounts that they showed themselves (by their confirmed e-mail address); Forbidden.
    """
    if not user.may(MAY_SETTLE):
        raise Forbidden("You may not decide this.")
    with unit():
        visit = queries.lock_bank_access(access_id)
        if queries.is_of(visit, user):
            raise Forbidden("Nobody decides about their own accounts.", code="credit.own_accounts")
        if visit.holder not in DOUBTED or visit.read_at is None:
            raise Conflict("Somebody has decided this meanwhile.", code="credit.holder_settled")
        visit.holder, visit.holder_by, visit.holder_at = "theirs" if theirs else "refused", str(user.pk), at
        visit.save(update_fields=["holder", "holder_by", "holder_at"])
    return visit


def stop_watching(*, consumer: Consumer, currency: str, at: datetime) -> int:
    """End the looks at a person's balance before debits in a currency; what their bank showed stays. Return how many there were."""
    found = [one for one in queries.list_watched([consumer.pk], at) if one.currency == currency]
    for visit in found:
        end_access(visit, at)
    return len(found)


def take_back_bank(*, consumer: Consumer, currency: str, at: datetime) -> int:
    """End each access of a person to their banks in a currency and forget the figures; return how many there were. Safe to repeat.

    Decisions that used the figures keep what they used. The keyed hashes of the accounts stay as long as the row, so that one account does
    not verify one person after the other.
    """
    found = list(BankAccess.objects.filter(consumer=consumer, currency=currency).values_list("pk", flat=True))
    for key in found:
        with unit():
            visit = queries.lock_bank_access(key)
            visit.figures, visit.read_at, visit.holders = {}, None, []
            # Ended in the same commit: an answer that is still under way keeps nothing from here on.
            visit.ended_at = visit.ended_at or at
            visit.save(update_fields=["figures", "read_at", "holders", "ended_at"])
        end_access(visit, at)
    return len(found)


def end_banks(*, at: datetime) -> int:
    """End accesses at their providers that are due: read or taken back but not ended yet, or never used; a timer. Return how many.

    Figures and names that are half a year old are forgotten.
    """
    execute(_FORGET, {"at": at})
    found = queries.list_bank_accesses_due(at, CHUNK)
    for visit in found:
        end_access(visit, at)
    return sum(visit.closed_at is not None for visit in found)


def end_access(visit: BankAccess, at: datetime, wait: Wait | None = None) -> None:
    """End an access at its provider and destroy what opened it; tried again later if the provider does not answer in time.

    `wait` is what is left of the time that a person waits; without it, as long as the provider's account says.
    """
    if visit.closed_at is not None:
        return
    visit.ended_at, visit.next_at = visit.ended_at or at, at + TRY_AGAIN
    visit.save(update_fields=["ended_at", "next_at"])
    source = gateways.find_bank_of(visit.provider)
    try:
        if source is not None:
            wait = wait or Wait(gateways.find_bank_terms(visit.provider))
            wait.ask(partial(_ended, source, visit.access or visit.handle), late=lambda _ended, _took_ms: _close(visit, at))
    except SourceUnavailable as error:
        log.warning("an access to a bank by %s has not ended yet: %s", visit.provider, error.outcome)
        return
    _close(visit, at)


def _ended(source: BankSource, access: str) -> bool:
    """End an access at its provider; SourceUnavailable."""
    source.end(access)
    return True


def _close(visit: BankAccess, at: datetime) -> None:
    visit.handle = visit.access = ""
    visit.closed_at = at
    visit.save(update_fields=["handle", "access", "closed_at"])


def use_bank(inputs: Inputs, consumer: Consumer, currency: str, inquiry: Inquiry | None, at: datetime) -> Inputs:
    """Return a decision's inputs with what the person's bank showed in place of the bureau's figure, if it is as new as the report."""
    if inputs.bureau is None or inquiry is None or not getattr(inquiry, "has_bank", True):
        return inputs
    found = queries.find_bank_figures(consumer, currency, after=at - timedelta(days=value_of(BANK_DAYS)))
    if found is None or found.read_at is None or not found.verifies_income or queries.counts_until(found, found.read_at) <= at:
        return inputs
    age = (at - found.read_at).days
    if age > (at - (inquiry.answered_at or at)).days:
        return inputs
    used = Asked(found.provider, "bank", age_days=age)
    return replace(with_bank(inputs, found.figures, age), asked=[*inputs.asked, asdict(used)])


class BankHelp(StrEnum):
    """What the person's bank can do about a refusal: nothing, show an income, or nothing more since no regular income was found."""

    NONE = ""
    OFFER = "offer"
    UNVERIFIED = "unverified"


def bank_help(*, decision: Decision, consumer: Consumer, at: datetime) -> BankHelp:
    """Return whether a person who was refused should be shown the way to their bank; at most one query.

    Only where the scorecard that refused would not with a higher income, the market has a provider of open banking, and the person has not
    shown their bank lately.
    """
    currency = decision.currency
    if not decision.inputs or currency != consumer.market.currency or not would_income_help(*asked_again(decision)):
        return BankHelp.NONE
    if gateways.find_bank(market=consumer.market_id, currency=currency, brand=consumer.brand_id) is None:
        return BankHelp.NONE
    found = queries.find_bank_figures(consumer, currency, after=at - timedelta(days=value_of(BANK_DAYS)))
    if found is None or found.read_at is None or queries.counts_until(found, found.read_at) <= at:
        return BankHelp.OFFER
    return BankHelp.NONE if found.verifies_income else BankHelp.UNVERIFIED
