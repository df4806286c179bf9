"""The balances of people's bank accounts before they are debited, where the people allowed to look."""

import logging
import uuid
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial

from core.remote import refuse_inside_transaction
from credit import gateways, queries
from credit.gateways.banks import ConsentNeeded
from credit.gateways.base import SourceLate, SourceUnavailable
from credit.models import BankAccess, BankCall
from credit.services.bank_calls import BALANCE, OK, call_of, timed
from credit.services.banks import end_access
from credit.skipping import Watch

log = logging.getLogger("bnpl.credit")
BUDGET_S = 8.0
"""How long all balances that are asked for together may take; those that come later do not count."""
AT_ONCE = 8
Looked = tuple[int | None, int]
"""A balance, and how many milliseconds the answer took."""


def ask_balances(*, currencies: Mapping[uuid.UUID, str], at: datetime) -> dict[uuid.UUID, int]:
    """Return what the fullest account of each person has to spend, by the person's key, in minor units of the currency given for them.

    Left out are people who did not allow to look, and those whose bank does not tell in time: their debits are made as ever. A query and
    a write, and one for each access that its bank has ended.
    """
    refuse_inside_transaction("a balance")
    visits = {one.consumer_id: one for one in reversed(queries.list_watched(currencies, at)) if one.currency == currencies[one.consumer_id]}
    watch = Watch(sorted({one.provider for one in visits.values()}))
    asked = [one for one in visits.values() if gateways.find_bank_of(one.provider) is not None and not watch.skips(one.provider)]
    found: dict[uuid.UUID, int] = {}
    calls: list[BankCall] = []

    def note(visit: BankAccess, outcome: str, took_ms: int = 0) -> None:
        calls.append(call_of(visit, visit.consumer, BALANCE, outcome, took_ms, at))

    for visit, future in _asked(asked):
        try:
            told, took_ms = future.result(timeout=0) if future.done() else _late()
        except ConsentNeeded as error:
            note(visit, error.outcome)
            end_access(visit, at)
        except SourceUnavailable as error:
            note(visit, error.outcome)
            log.warning("no balance by %s: %s %s", visit.provider, error.outcome, error)
            if error.is_down:
                watch.failed(visit.provider, error.outcome, at)
        else:
            note(visit, OK, took_ms)
            watch.answered(visit.provider)
            if told is not None:
                found[visit.consumer_id] = told
    BankCall.objects.bulk_create(calls)
    return found


def _asked(visits: list[BankAccess]) -> list[tuple[BankAccess, Future[Looked]]]:
    """Ask for the balances of all visits with several calls in flight; return the calls when all have ended, or the time is over."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="balance")
    calls = []
    for visit in visits:
        source = gateways.find_bank_of(visit.provider)
        if source is not None:
            calls.append((visit, pool.submit(timed, partial(source.balance, visit.access, currency=visit.currency))))
    wait([call for _, call in calls], timeout=BUDGET_S)
    pool.shutdown(wait=False, cancel_futures=True)
    return calls


def _late() -> Looked:
    raise SourceLate("no balance in time")
