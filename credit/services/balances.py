"""The balances of people's bank accounts before they are debited, where the people allowed to look."""

import logging
import uuid
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime

from core.remote import refuse_inside_transaction
from credit import gateways, queries
from credit.gateways.banks import ConsentNeeded
from credit.gateways.base import SourceLate, SourceUnavailable
from credit.models import BankAccess
from credit.services.banks import end_access
from credit.skipping import Watch

log = logging.getLogger("bnpl.credit")
BUDGET_S = 8.0
"""How long all balances that are asked for together may take; those that come later do not count."""
AT_ONCE = 8


def ask_balances(*, currencies: Mapping[uuid.UUID, str], at: datetime) -> dict[uuid.UUID, int]:
    """Return what the fullest account of each person has to spend, by the person's key, in minor units of the currency given for them.

    Left out are people who did not allow to look, and those whose bank does not tell in time: their debits are made as ever. One query,
    and one for each access that its bank has ended.
    """
    refuse_inside_transaction("a balance")
    visits = {one.consumer_id: one for one in reversed(queries.list_watched(currencies, at)) if one.currency == currencies[one.consumer_id]}
    watch = Watch(sorted({one.provider for one in visits.values()}))
    asked = [one for one in visits.values() if gateways.find_bank_of(one.provider) is not None and not watch.skips(one.provider)]
    found: dict[uuid.UUID, int] = {}
    for visit, future in _asked(asked):
        try:
            told = future.result(timeout=0) if future.done() else _late()
        except ConsentNeeded:
            end_access(visit, at)
        except SourceUnavailable as error:
            log.warning("no balance by %s: %s %s", visit.provider, error.outcome, error)
            if error.is_down:
                watch.failed(visit.provider, error.outcome, at)
        else:
            watch.answered(visit.provider)
            if told is not None:
                found[visit.consumer_id] = told
    return found


def _asked(visits: list[BankAccess]) -> list[tuple[BankAccess, Future[int | None]]]:
    """Ask for the balances of all visits with several calls in flight; return the calls when all have ended, or the time is over."""
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="balance")
    calls = []
    for visit in visits:
        source = gateways.find_bank_of(visit.provider)
        if source is not None:
            calls.append((visit, pool.submit(source.balance, visit.access, currency=visit.currency)))
    wait([call for _, call in calls], timeout=BUDGET_S)
    pool.shutdown(wait=False, cancel_futures=True)
    return calls


def _late() -> int | None:
    raise SourceLate("no balance in time")
