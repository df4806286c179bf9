"""Registers of payment remarks asked for a decision, beside the credit bureaus: each within the decision's time, and what it told.

Calls run in threads of their own, all at once, so that they take no time of their own. An answer that comes too late is stored for the
next decision.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial
from math import ceil
from typing import Any

from accounts.models import Consumer
from core.adjusting import value_of
from core.clock import local_date
from core.money import Money
from credit import gateways
from credit.gateways.base import Asked, SourceLate, SourceUnavailable, Subject
from credit.gateways.registers import RegisterSource, Remarks
from credit.gateways.terms import Terms
from credit.gateways.waiting import Call, begin
from credit.models import Inquiry
from credit.remarks import Remembered, Told
from credit.rules.registers import Registered
from credit.services.inquiries import keep_answer, open_inquiry, sent_once, wait_for_answer
from credit.settable import OLD_REPORT_DAYS
from credit.skipping import Watch
from markets.models import MarketSetting
from markets.queries import currency_of, factors_to, list_registers

log = logging.getLogger("bnpl.credit")
MISSING, UNTOLD, SKIPPED, LEAST_MS = "missing", "not_told", "skipped", 50


@dataclass(frozen=True, slots=True)
class Register:
    """A register that a market's decisions ask, with its amounts in minor units of the decision's currency."""

    code: str
    name: str
    address: str
    law: str
    from_minor: int
    least_minor: int
    hit: str
    silent: str
    share_bps: int
    valid_days: int

    def told(self, outcome: str, data: Mapping[str, Any] | None = None, age_days: int = 0) -> Registered:
        """Return what it told for a decision."""
        return Registered(
            code=self.code,
            name=self.name,
            address=self.address,
            law=self.law,
            outcome=outcome,
            hit=self.hit,
            silent=self.silent,
            share_bps=self.share_bps,
            least_minor=self.least_minor,
            age_days=age_days,
            **(data or {}),
        )


@dataclass(slots=True)
class _Waiting:
    """A question that is under way."""

    register: Register
    source: RegisterSource
    inquiry: Inquiry
    watch: Watch
    call: Call[Remarks] | None
    """None for a question that another account of the person asked at the same time."""
    began: float


class Round:
    """The registers of a decision: those that told enough already, and those that are asked now."""

    def __init__(self, consumer: Consumer, currency: str, at: datetime, until: float) -> None:
        """Take when the decision must have its answers, by the monotonic clock."""
        self._consumer, self._currency, self._at, self._until = consumer, currency, at, until
        self._done: dict[str, tuple[Registered, Asked | None]] = {}
        self._waiting: list[_Waiting] = []

    def keep(self, register: Register, known: Told) -> None:
        """Use an answer that is at hand."""
        age_days = (self._at - known.at).days
        outcome = "kept" if age_days < register.valid_days else "old"
        self._done[register.code] = register.told(outcome, known.data, age_days), Asked(known.provider, outcome, age_days=age_days)

    def fail(self, register: Register, outcome: str, source: str = "", took_ms: int = 0, why: str = "") -> None:
        """Note that a register does not tell anything, unless an older remark is at hand."""
        asked = Asked(source, outcome, took_ms=took_ms, why=why) if source else None
        kept = self._done.get(register.code)
        self._done[register.code] = (kept[0], asked or kept[1]) if kept else (register.told(outcome), asked)

    def ask(self, register: Register) -> None:
        """Begin to ask a register, if an account reaches it and is not skipped for its failures."""
        market, brand = self._consumer.market_id, self._consumer.brand_id
        source = gateways.find_register(register.code, market=market, currency=self._currency, brand=brand)
        if source is None:
            self.fail(register, MISSING)
            return
        watch = Watch([source.name])
        if why := watch.skips(source.name):
            self.fail(register, SKIPPED, source.name, why=why)
            return
        agency = {"name": register.name, "address": register.address}
        intent = Inquiry(consumer=self._consumer, currency=self._currency, provider=source.name, agency=agency, asked_at=self._at)
        intent.register, intent.purpose = register.code, register.law
        opened = open_inquiry(intent, source.terms)
        inquiry = opened.inquiry
        if opened.is_shared:
            self._waiting.append(_Waiting(register, source, inquiry, watch, None, time.monotonic()))
            return
        find = partial(source.find, register.code, reference=inquiry.public_id, currency=self._currency)
        send = partial(source.check, _subject(self._consumer, self._currency), register.code, reference=inquiry.public_id)
        try:
            call = begin(
                sent_once(find, send, asked_before=opened.existed),
                seconds=source.terms.budget_ms / 1000,
                tries=source.terms.tries,
                late=partial(_keep, inquiry, source.terms, self._at),
            )
        except SourceLate as error:
            self.fail(register, error.outcome, source.name)
            return
        self._waiting.append(_Waiting(register, source, inquiry, watch, call, time.monotonic()))

    def end(self, order: Sequence[str]) -> tuple[tuple[Registered, ...], tuple[Asked, ...]]:
        """Wait for the answers as long as there is time, and return what all registers told, in an order of codes, and who was asked."""
        for one in self._waiting:
            self._wait(one)
        told = [self._done[code] for code in order if code in self._done]
        return tuple(registered for registered, _ in told), tuple(asked for _, asked in told if asked is not None)

    def leave(self) -> None:
        """Wait no longer: answers that come are stored for the next decision."""
        for one in self._waiting:
            if one.call is None:
                continue
            try:
                one.call.wait(0)
            except SourceUnavailable:
                continue
            self._wait(one)

    def _wait(self, one: _Waiting) -> None:
        terms, name = one.source.terms, one.source.name
        until = min(self._until, one.began + terms.budget_ms / 1000)
        if one.call is None:
            self._share(one, until)
            return
        try:
            remarks = one.call.wait(until - time.monotonic())
        except SourceUnavailable as error:
            log.warning("the register %s was not told by %s: %s %s", one.register.code, name, error.outcome, error)
            if error.is_down and (error.outcome != SourceLate.outcome or until < self._until):
                one.watch.failed(name, error.outcome, self._at)
            self.fail(one.register, error.outcome, name, round((time.monotonic() - one.began) * 1000))
            return
        one.watch.answered(name)
        took_ms = one.call.took_ms()
        _keep(one.inquiry, terms, self._at, remarks, took_ms)
        asked = Asked(name, "report", 0, took_ms, terms.price_minor, terms.price_currency)
        self._done[one.register.code] = one.register.told("report", remarks.kept), asked

    def _share(self, one: _Waiting, until: float) -> None:
        """Take what a register told about another account of the person, which was asked about at the same time."""
        heard = wait_for_answer(one.inquiry, until - time.monotonic())
        took_ms = round((time.monotonic() - one.began) * 1000)
        if heard is None:
            self.fail(one.register, SourceLate.outcome, one.source.name, took_ms)
            return
        self._done[one.register.code] = one.register.told("kept", heard.data), Asked(one.source.name, "kept", took_ms=took_ms)


def registers_of(consumer: Consumer, currency: str, at: datetime) -> list[Register]:
    """Return the registers that decisions about a person ask, with amounts in minor units of a currency; no query."""
    market = consumer.market_id
    found = list_registers(market, local_date(at, consumer.time_zone))
    own = currency_of(market) if found else currency
    factor = Fraction(1) if own == currency else Fraction(factors_to(currency, at.date()).get(own, 0))
    return [_register(row, factor) for row in found]


def begin_registers(
    consumer: Consumer,
    amount: Money,
    registers: Sequence[Register],
    known: Remembered,
    at: datetime,
    *,
    until: float,
    is_told: Callable[[], bool],
) -> Round:
    """Begin to ask those registers about a person that are due: from a debt on, and without a recent answer.

    `known` is what registers told before, `until` when answers must be there by the monotonic clock. `is_told` says whether
    the person knows of questions about them.
    """
    round_ = Round(consumer, amount.currency, at, until)
    owed_minor = known.in_use_minor(amount.currency, at.date()) + amount.minor
    for register in registers:
        before = known.told.get(register.code)
        if before is not None and before.consumer_id != consumer.pk and not is_told():
            # The person was told at another account, but not at this one.
            before = None
        fresh = before is not None and at - before.at < timedelta(days=register.valid_days)
        remarked = before is not None and before.data["remarks"] and at - before.at < timedelta(days=value_of(OLD_REPORT_DAYS))
        if before is not None and (fresh or remarked):
            round_.keep(register, before)
        if fresh or owed_minor < register.from_minor:
            continue
        if is_told():
            round_.ask(register)
        else:
            round_.fail(register, UNTOLD)
    return round_


def _register(row: MarketSetting, factor: Fraction) -> Register:
    value = row.value
    law = f"{row.market_id} {row.key} {row.valid_from.isoformat()}"
    # The law's text and amounts stand in the row; amounts are rounded up, so that nobody is asked about for less than it says.
    from_minor, least_minor = (ceil(value[name] * factor) for name in ("from_minor", "owed_from_minor"))
    names = ("code", "name", "address", "hit", "silent", "share_bps", "valid_days")
    return Register(law=law, from_minor=from_minor, least_minor=least_minor, **{name: value[name] for name in names})


def _subject(consumer: Consumer, currency: str) -> Subject:
    address = dict(consumer.address or {})
    return Subject(consumer.name, consumer.birth_date, consumer.email, consumer.market_id, currency, address)


def _keep(inquiry: Inquiry, terms: Terms, at: datetime, remarks: Remarks, took_ms: int) -> None:
    keep_answer(inquiry, terms, at, provider_ref=remarks.provider_ref, data=remarks.kept, took_ms=took_ms)
