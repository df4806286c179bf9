"""Debits that would come back: the balance is looked at before, where the market and the person allow it."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from core.clock import local_date
from credit import services as credit
from markets.queries import find_setting
from payments import services as payments
from payments.failures import BALANCE_TOO_LOW
from payments.gateways.base import ChargeRequest
from payments.models import PaymentMethod

BALANCE_BEFORE = "debit.balance_before"


def without_bounces(*, requests: Sequence[ChargeRequest], at: datetime) -> list[ChargeRequest]:
    """Return the committed charges to send. Debits of accounts that hold too little are recorded as failed instead of being sent.

    So nobody's bank returns them, and what follows is as after a returned debit, but days earlier: the person's other ways to pay are tried
    at once, and else the same account a day later; the person is told. No query where nothing is debited.
    """
    pulls = [request for request in requests if request.is_pull]
    owners = _owners(pulls, at) if pulls else {}
    currencies = {owners[one.payment_method_id]: one.currency for one in pulls if one.payment_method_id in owners}
    left = credit.ask_balances(currencies=currencies, at=at) if currencies else {}
    short = []
    for request in pulls:
        owner = owners.get(request.payment_method_id)
        if owner not in left or currencies[owner] != request.currency:
            continue
        if left[owner] < request.amount_minor:
            short.append(request)
        else:
            left[owner] -= request.amount_minor
    payments.leave_undone(requests=short, failure=BALANCE_TOO_LOW, at=at)
    undone = {request.id for request in short}
    return [request for request in requests if request.id not in undone]


def _owners(pulls: Sequence[ChargeRequest], at: datetime) -> dict[uuid.UUID, uuid.UUID]:
    """Return the owners of the debited accounts by method, in markets that allow a look; a query, and one for each market."""
    known = PaymentMethod.objects.filter(pk__in=[one.payment_method_id for one in pulls])
    found = list(known.values_list("pk", "consumer_id", "consumer__market_id", "consumer__time_zone"))
    zones = {market: zone for _, _, market, zone in found}
    allowed = {market for market, zone in zones.items() if looks_before(market, zone, at)}
    return {method: consumer for method, consumer, market, _ in found if market in allowed}


def looks_before(market: str, zone: str, at: datetime) -> bool:
    """Return whether a market lets balances be looked at before debits on a day; one query."""
    setting = find_setting(market, BALANCE_BEFORE, local_date(at, zone))
    return setting is not None and bool(setting.value)
