"""Data sources asked for a decision: one after the other, each for as long as it may take, and what counts if none of them answers."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial

from accounts.models import Consumer
from accounts.queries import knows_of_inquiry
from core.adjusting import value_of
from core.clock import local_date
from core.errors import Unavailable
from core.money import Money, exponent
from credit import gateways
from credit.checks import check_of, is_enough
from credit.gateways.base import FILES, Asked, DataSource, Report, SourceLate, SourceUnavailable, Subject
from credit.gateways.terms import Terms
from credit.gateways.waiting import ask_within
from credit.models import Inquiry
from credit.remarks import find_report, find_report_and_remarks
from credit.rules import Bureau, Registered, Screened, bureau_in
from credit.services.inquiries import keep_answer, open_inquiry, sent_once, wait_for_answer
from credit.services.registers import begin_registers, registers_of
from credit.settable import ANSWER_WITHIN_MS, OLD_REPORT_DAYS, OLD_REPORT_PCT, REPORT_DAYS, UNREPORTED
from credit.skipping import Watch
from markets.queries import find_setting

log = logging.getLogger("bnpl.credit")
SHORTEST_MS = 50
"""A source is not asked if less time than this is left."""
SILENT, UNTOLD = "source_silent", "not_asked"
FINAL = frozenset({"frozen", "deceased"})
"""Answers after which no other source is asked: what they say is about the person, not about what the source knows."""
SCORED, SKIPPED = "score", "skipped"


@dataclass(frozen=True, slots=True)
class Told:
    """What the sources told about a person: the inquiry that counts with its report, and every source that was asked.

    `registers` are the market's registers of payment remarks, with what each told. `is_blocked`: nothing is approved for the person.
    `screened` is their last screening against lists.

    `gap` is the reason code if there is no report; `old_pct` the share of the order limit if the report is older than it may be.
    """

    inquiry: Inquiry | None = None
    bureau: Bureau | None = None
    asked: tuple[Asked, ...] = ()
    gap: str = ""
    old_pct: int | None = None
    unreported_minor: int = 0
    registers: tuple[Registered, ...] = ()
    is_blocked: bool = False
    screened: Screened | None = None


def ask_sources(*, consumer: Consumer, amount: Money, at: datetime, fresh: bool) -> Told:
    """Return what the sources of a consumer's market tell; they are asked, outside any transaction, without a recent report or if `fresh`.

    They are asked in order until one gives a report. If none does, an older report counts with less weight; without one, people decide
    about amounts up to a limit. Unavailable for a larger amount if no source answered, and for `fresh` without a new report.

    The market's registers of payment remarks are asked beside them, each that is due. What was told about another account of the person
    with the same brand counts like what was told about this one.
    """
    registers = registers_of(consumer, amount.currency, at)
    # Whether the person was told is read at most once, and only if anybody is asked.
    purpose_of = cache(partial(_purpose, consumer, at))
    if not registers:
        return _ask_bureaus(consumer, amount, find_report(consumer, amount.currency), at, purpose_of, fresh=fresh)
    known, remarks = find_report_and_remarks(consumer, amount.currency)
    until = time.monotonic() + value_of(ANSWER_WITHIN_MS) / 1000
    asking = begin_registers(consumer, amount, registers, remarks, at, until=until, is_told=lambda: purpose_of() is not None)
    try:
        told = _ask_bureaus(consumer, amount, known, at, purpose_of, fresh=fresh)
    except Unavailable:
        asking.leave()
        raise
    registered, asked = asking.end([one.code for one in registers])
    return replace(told, registers=registered, asked=(*told.asked, *asked))


def _ask_bureaus(
    consumer: Consumer, amount: Money, known: Inquiry | None, at: datetime, purpose_of: Callable[[], str | None], *, fresh: bool
) -> Told:
    """Return what the credit bureaus tell, or a report that is at hand; `purpose_of` returns the law that allows to ask them."""
    check = check_of(consumer, amount, at)
    if known is not None and known.consumer_id != consumer.pk and purpose_of() is None:
        # The person was told at another account, but not at this one.
        known = None
    if known is not None and not fresh and is_recent(known, at) and is_enough(known, check):
        return Told(known, bureau_in(known.data), (_kept("kept", known, at),))
    purpose = purpose_of()
    asked, inquiry = _ask_in_order(consumer, amount.currency, purpose, check, at) if purpose is not None else ((), None)
    if inquiry is not None and SCORED in inquiry.data:
        return Told(inquiry, bureau_in(inquiry.data), asked)
    gap = FILES[inquiry.data["file"]] if inquiry is not None else SILENT if purpose is not None else UNTOLD
    if gap in {SILENT, UNTOLD} and fresh:
        raise _unavailable()
    if gap == SILENT and known is not None and _age_days(known, at) < value_of(OLD_REPORT_DAYS):
        return Told(known, bureau_in(known.data), (*asked, _kept("old", known, at)), old_pct=value_of(OLD_REPORT_PCT))
    most = UNREPORTED.get(amount.currency)
    unreported = value_of(most) * 10 ** exponent(amount.currency) if most else 0
    if gap in {SILENT, UNTOLD} and amount.minor > unreported:
        raise _unavailable()
    return Told(inquiry, None, asked, gap, unreported_minor=unreported)


def _purpose(consumer: Consumer, at: datetime) -> str | None:
    """Return the law that allows a question about a person; None if the market's law wants the person to be told before, and nobody did.

    A market without the setting counts as one whose law wants that.
    """
    setting = find_setting(consumer.market_id, "credit_report.purpose", local_date(at, consumer.time_zone))
    law, told = (setting.value["law"], setting.value["told"]) if setting else ("", True)
    return None if told and not knows_of_inquiry(consumer.pk) else law


def _unavailable() -> Unavailable:
    return Unavailable("We cannot decide at the moment. Try again in a minute.")


def _age_days(inquiry: Inquiry, at: datetime) -> int:
    return (at - (inquiry.answered_at or inquiry.asked_at)).days


def is_recent(inquiry: Inquiry, at: datetime) -> bool:
    """Return whether a report still counts, by the settings and by the terms of the account that gave it."""
    days = value_of(REPORT_DAYS)
    source = gateways.find_source(inquiry.provider)
    if source is not None:
        days = min(days, source.terms.report_days or days)
    return inquiry.answered_at is not None and inquiry.answered_at > at - timedelta(days=days)


def _kept(outcome: str, inquiry: Inquiry, at: datetime) -> Asked:
    return Asked(inquiry.provider, outcome, age_days=_age_days(inquiry, at))


def _ask_in_order(consumer: Consumer, currency: str, purpose: str, check: str, at: datetime) -> tuple[tuple[Asked, ...], Inquiry | None]:
    """Ask one source after the other until one gives a report; return all of them, and the answer that counts, or None.

    Those that failed several times in a row are skipped.
    """
    until = time.monotonic() + value_of(ANSWER_WITHIN_MS) / 1000
    asked: list[Asked] = []
    answer: Inquiry | None = None
    sources = gateways.list_sources(market=consumer.market_id, currency=currency, brand=consumer.brand_id)
    watch = Watch([source.name for source in sources])
    for source in sources:
        left_ms = (until - time.monotonic()) * 1000
        if left_ms < SHORTEST_MS:
            break
        if why := watch.skips(source.name):
            asked.append(Asked(source.name, SKIPPED, why=why))
            continue
        one, inquiry = _ask_one(source, consumer, currency, purpose, check, at, left_ms, watch)
        asked.append(one)
        answer = inquiry or answer
        if inquiry is not None and (SCORED in inquiry.data or inquiry.data["file"] in FINAL):
            break
    return tuple(asked), answer


def _ask_one(
    source: DataSource, consumer: Consumer, currency: str, purpose: str, check: str, at: datetime, left_ms: float, watch: Watch
) -> tuple[Asked, Inquiry | None]:
    """Ask one source within its time; return what came of it, and the inquiry if it was answered."""
    terms = source.terms
    intent = Inquiry(consumer=consumer, currency=currency, provider=source.name, agency=asdict(source.agency), asked_at=at)
    intent.purpose, intent.check_kind = purpose, check
    opened = open_inquiry(intent, terms)
    inquiry, seconds, began = opened.inquiry, min(terms.budget_ms, left_ms) / 1000, time.monotonic()

    def took_ms() -> int:
        return round((time.monotonic() - began) * 1000)

    if opened.is_shared:
        heard = wait_for_answer(inquiry, seconds)
        return Asked(source.name, "kept" if heard else SourceLate.outcome, took_ms=took_ms()), heard
    address = dict(consumer.address or {})
    told = (consumer.name, consumer.birth_date, consumer.email, consumer.market_id, currency)
    subject = Subject(*told, address, check=inquiry.check_kind)
    send = partial(source.report, subject, reference=inquiry.public_id)
    try:
        report = ask_within(
            sent_once(partial(source.find, reference=inquiry.public_id), send, asked_before=opened.existed),
            seconds=seconds,
            tries=terms.tries,
            late=partial(_keep_report, inquiry, terms, at),
        )
    except SourceUnavailable as error:
        log.warning("the credit report of %s is missing: %s %s", source.name, error.outcome, error)
        # A source that had less than its own time is not to blame.
        if error.is_down and (error.outcome != SourceLate.outcome or left_ms >= terms.budget_ms):
            watch.failed(source.name, error.outcome, at)
        return Asked(source.name, error.outcome, took_ms=took_ms()), None
    watch.answered(source.name)
    inquiry = _keep_report(inquiry, terms, at, report, took_ms())
    outcome = "report" if report.bureau else report.file
    return Asked(source.name, outcome, 0, inquiry.took_ms or 0, terms.price_minor, terms.price_currency), inquiry


def _keep_report(inquiry: Inquiry, terms: Terms, at: datetime, report: Report, took_ms: int) -> Inquiry:
    return keep_answer(inquiry, terms, at, provider_ref=report.provider_ref, data=report.kept, took_ms=took_ms)
