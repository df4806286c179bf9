"""Texts for people about an undelivered event and about why a handler or a provider failed."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from core.errors import DomainError
from core.moments import amount_words
from core.readable import NOTHING, words

_AGENCIES = gettext_lazy("Debts that agencies have")
PARTS = {
    "notifications": gettext_lazy("Messages to people"),
    "webhooks": gettext_lazy("Webhooks of shops"),
    "reports": gettext_lazy("Daily figures"),
    "collection": gettext_lazy("The first payment after a shipment"),
    **dict.fromkeys(
        (
            "collection.handlers.on_complaint_opened",
            "collection.handlers.on_request_opened",
            "collection.handlers.on_collecting_stopped",
        ),
        _AGENCIES,
    ),
    **dict.fromkeys(("collection.handlers.on_schedule_changed", "collection.handlers.on_charge_disputed"), _AGENCIES),
    "collection.handlers.on_paid_while_placed": gettext_lazy("Shares of agencies"),
    "collection.handlers.on_payment_turned": gettext_lazy("Shares of agencies"),
    **dict.fromkeys(
        ("collection.handlers.on_plan_moved", "collection.handlers.on_lateness_moved"), gettext_lazy("Accounts of late people")
    ),
    "collection.handlers.on_payment": gettext_lazy("Settlements for less"),
    "collection.handlers.on_payment_again": gettext_lazy("Settlements for less"),
    "checkout.handlers.watch_order": gettext_lazy("The watch over orders"),
    "checkout.handlers.watch_plan": gettext_lazy("The watch over orders"),
    "checkout.handlers.on_deposit_paid": gettext_lazy("Captures by themselves"),
    "checkout.handlers.on_dispute_closed": gettext_lazy("Fraud checks"),
    "checkout.handlers.on_person_bought": gettext_lazy("Customer classes"),
    "checkout.handlers.on_person_identified": gettext_lazy("Customer classes"),
    "checkout.handlers.on_plan_moved": gettext_lazy("Customer classes"),
    "fraud": gettext_lazy("Fraud checks"),
    "payments": gettext_lazy("Payment methods"),
    "plans.handlers.on_payment_given_back": gettext_lazy("Fees of who pays late"),
    "plans.handlers.on_installments_paid": gettext_lazy("Rewards for early payments"),
    "plans.handlers.on_payment_stands": gettext_lazy("Fees of who pays late"),
}
"""The parts of the platform that hear events, by handler (dotted path), or by app if all its handlers belong to one part."""


def part_of(handler: str) -> str:
    """Return the name of the part of the platform that a handler (dotted path) belongs to."""
    app = handler.partition(".")[0]
    return str(PARTS.get(handler) or PARTS.get(app) or words(app))


_NAME = re.compile(r"[A-Za-z_]+")
GONE = gettext_noop("What it is about does not exist here, or not any more.")
ERASED = gettext_noop("The person it is about was erased: it can never be told again.")
UNREACHED = gettext_noop("A server or provider did not answer in time.")
ANSWERED_BADLY = gettext_noop("The server or provider answered with an error of its own.")
REJECTED = gettext_noop("The provider refuses the keys.")
BUSY = gettext_noop("The database was busy or not reached.")
REFUSED = gettext_noop("The database refused a value that does not fit the rest.")
FORBIDDEN = gettext_noop("It is not allowed as things stand, such as by the status of what it is about.")
OTHER = gettext_noop("The program failed on it: who looks after the program has to read the details.")
KINDS = {
    **dict.fromkeys(["DoesNotExist", "ObjectDoesNotExist"], GONE),
    "Erased": ERASED,
    **dict.fromkeys(["ConnectionError", "ConnectTimeout", "ReadTimeout", "Timeout", "TimeoutError", "SSLError", "Unanswered"], UNREACHED),
    **dict.fromkeys(
        ["GatewayUnavailable", "Unknown", "APIConnectionError", "ConnectionRefusedError", "gaierror", "SMTPServerDisconnected"], UNREACHED
    ),
    **dict.fromkeys(["HTTPError", "JSONDecodeError"], ANSWERED_BADLY),
    **dict.fromkeys(["AuthenticationError", "SMTPAuthenticationError"], REJECTED),
    **dict.fromkeys(["OperationalError", "InterfaceError", "DeadlockDetected", "LockNotAvailable"], BUSY),
    **dict.fromkeys(["IntegrityError", "DataError", "CheckViolation"], REFUSED),
    "TransitionNotAllowed": FORBIDDEN,
}
"""The sentences, by exception name."""


BY_STATUS = {403: FORBIDDEN, 404: GONE, 409: FORBIDDEN, 422: FORBIDDEN, 503: UNREACHED}
"""The sentences for the product's own errors, by their HTTP status; any other means that the program failed."""


@cache
def _statuses() -> dict[str, int]:
    """Return the HTTP status of each of the product's own errors, by class name."""
    found, left = {}, [DomainError]
    while left:
        kind = left.pop()
        found[kind.__name__] = kind.status
        left += kind.__subclasses__()
    return found


def trouble_text(error: str) -> str:
    """Say why a handler failed, translated, by the exception stored with the delivery."""
    name = _NAME.match(error)
    return _((KINDS.get(name[0]) or BY_STATUS.get(_statuses().get(name[0], 500)) or OTHER) if name else OTHER)


FACTS = (
    *(gettext_noop("Check"), gettext_noop("Excess"), gettext_noop("First day"), gettext_noop("Hours"), gettext_noop("Next attempt at")),
    *(gettext_noop("Place"), gettext_noop("Remaining"), gettext_noop("Sealed"), gettext_noop("Step")),
)
"""Names of facts that only events have. They are derived from the payload's field names, and listed here for the catalogs."""


def facts_of_event(payload: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the facts of an event as translated names with values; ids and codes are unchanged, so that they can be searched for."""
    currency = payload.get("currency")
    return [(words(name.removesuffix("_minor")), _value(name, payload[name], currency)) for name in sorted(payload)]


def _value(name: str, value: Any, currency: str | None) -> str:
    if currency and name.endswith("_minor") and isinstance(value, int):
        return amount_words(value, currency)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or NOTHING
    return NOTHING if value in (None, "") else str(value)
