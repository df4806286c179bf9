"""Who a browser's session belongs to. A consumer's session holds ids only, and gets a new key when it changes hands."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from accounts import queries as people
from accounts.models import Consumer, SignInCode
from accounts.rules import CODE_VALID
from core.errors import NotFound

CONSUMER, SINCE, CODE = "consumer", "consumer_since", "code"
FRESH = timedelta(minutes=30)
"""How long after a code a checkout asks for no other one."""


def find_consumer(request: HttpRequest) -> Consumer | None:
    """Return who signed in in this browser, or None; one query."""
    key = request.session.get(CONSUMER)
    if not key:
        return None
    try:
        return people.get_consumer(key)
    except NotFound:
        sign_out(request)
        return None


def sign_in(request: HttpRequest, consumer: Consumer, at: datetime) -> None:
    """Give the session to a consumer whose code was right; its key changes, so that nobody who knew the old one comes along."""
    request.session.cycle_key()
    request.session.pop(CODE, None)
    request.session[CONSUMER] = consumer.public_id
    request.session[SINCE] = at.isoformat()


def sign_out(request: HttpRequest) -> None:
    """Forget the consumer; somebody of a shop's team who uses the same browser stays signed in."""
    for name in (CONSUMER, SINCE, CODE):
        request.session.pop(name, None)
    request.session.cycle_key()


def is_fresh(request: HttpRequest, at: datetime) -> bool:
    """Return whether the code of this session was entered less than half an hour ago."""
    since: str = request.session.get(SINCE) or ""
    return bool(since) and timedelta(0) <= at - datetime.fromisoformat(since) < FRESH


def keep_code(request: HttpRequest, code: SignInCode) -> None:
    """Remember which code this browser is to enter."""
    request.session[CODE] = code.public_id


def drop_code(request: HttpRequest) -> None:
    """Forget the code that was sent."""
    request.session.pop(CODE, None)


def find_code(request: HttpRequest, at: datetime) -> SignInCode | None:
    """Return the code that was sent from this browser and can still be entered, or None."""
    key = request.session.get(CODE)
    if not key:
        return None
    try:
        code = people.get_code(key)
    except NotFound:
        return None
    return code if code.used_at is None and at - code.sent_at <= CODE_VALID else None


def address_of(request: HttpRequest) -> str:
    """Return the network address that asks; behind the proxy of a secure installation the one that the proxy saw."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE else ""
    return forwarded.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))
