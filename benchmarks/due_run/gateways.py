"""Gateways inside this process, for measuring: they accept every charge, at once or after a delay, without any network call."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from core.providers import Account
from payments.gateways.base import ALWAYS, Cards, ChargeRequest, EventPage, Outcome, Period, ReportedCharge, Reports, done

SLOW_S = 0.3


class InstantGateway(Cards, Reports):
    """A gateway that accepts every charge and answers at once."""

    def __init__(self, account: Account) -> None:
        """Ignore the account."""

    def charge(self, request: ChargeRequest) -> Outcome:
        return done(request, f"ch_{request.key}")

    def find_charge(self, request: ChargeRequest) -> Outcome | None:
        return None

    def report_charges(self, *, reference: str = "", period: Period = ALWAYS) -> Iterator[ReportedCharge]:
        return iter(())

    def report_events(self, *, since: datetime, page: str = "") -> EventPage:
        return EventPage(())

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("This gateway takes charges only.")

    keep_customer = start_card_setup = read_card_setup = add_card = remove_card = authorize = find_authorization = release = _refuse
    start_card_check = read_card_check = refund = find_refund = report_refunds = report_payouts = _refuse

    def verify_event(self, headers: Mapping[str, str], body: bytes) -> Any:
        raise NotImplementedError("This gateway sends no events.")


class SlowGateway(InstantGateway):
    """The same after 300 ms, the time of a real gateway for a charge."""

    def charge(self, request: ChargeRequest) -> Outcome:
        time.sleep(SLOW_S)
        return super().charge(request)
