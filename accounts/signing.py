"""Log lines of successful and failed sign-ins: with ids and hashes, never an address or a name."""

import logging
from typing import Any

from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from accounts.factors.queries import has_authenticator
from accounts.models import Consumer, SignInCode, User
from accounts.passwords import name_of
from accounts.queries import find_consumer
from accounts.settable import CONSUMER_DAYS, CONSUMER_IDLE, STAFF_FACTOR, STAFF_HOURS, STAFF_IDLE
from brands.queries import brand_of
from core.adjusting import value_of
from core.clock import wall
from core.logs import told
from core.network import address_mark, client_address

log = logging.getLogger("bnpl.sign_in")
DAY_S = 24 * 3600


def _address(request: HttpRequest | None) -> str:
    return address_mark(client_address(request)) if request is not None else "-"


def note_consumer(request: HttpRequest, consumer: Consumer) -> None:
    """Log that a consumer signed in."""
    log.info(told("signed_in", consumer=consumer.public_id, address=_address(request)))


def note_refusal(request: HttpRequest, *, channel: str, destination: str, reason: str, code: SignInCode | None = None) -> None:
    """Log that a code was not sent, or was wrong, with the consumer's id if the destination belongs to one."""
    consumer = find_consumer(channel=channel, destination=destination, brand=brand_of(request).code)
    facts = {"consumer": consumer.public_id if consumer else "-", "code": code.public_id if code else "-"}
    log.info(told("sign_in_failed", **facts, address=_address(request), reason=reason))


def listen() -> None:
    """Log every sign-in of a user, successful or failed, on any page; who has given only a password has not signed in yet."""
    user_logged_in.disconnect(dispatch_uid="update_last_login")
    user_logged_in.connect(_on_user, dispatch_uid="signing.user")
    user_login_failed.connect(_on_failure, dispatch_uid="signing.failure")


FACTOR = "second_factor"
"""What a session of a user still needs before it opens anything: `ask` for a code, or `make` an app with codes."""


SINCE, SEEN, SHOWN = "staff_since", "staff_seen", "staff_shown"
"""When a user gave the password, last used the session, and last gave a second factor, in whole seconds of real time."""


def is_over(since: int, seen: int, at: int) -> bool:
    """Return whether a user's session is over: it was not used for too long, or began too long ago. All are seconds of real time."""
    return at - since >= value_of(STAFF_HOURS) * 3600 or at - seen >= value_of(STAFF_IDLE) * 60


def is_consumer_over(began: int, seen: int, at: int) -> bool:
    """Return whether a consumer's session is over: it was not used for too long, or began too long ago. All are seconds of real time."""
    return at - began >= value_of(CONSUMER_DAYS) * DAY_S or at - seen >= value_of(CONSUMER_IDLE) * DAY_S


def _on_user(request: HttpRequest | None, user: Any, **_: Any) -> None:
    if request is not None:
        for name in (FACTOR, SHOWN):
            request.session.pop(name, None)
        request.session[SINCE] = request.session[SEEN] = int(wall().timestamp())
        if needed := "ask" if has_authenticator(user.pk) else "make" if value_of(STAFF_FACTOR) else "":
            request.session[FACTOR] = needed
            log.info(told("password_given", user=user.pk, address=_address(request)))
            return
    _note_user(request, user)


def open_session(request: HttpRequest, user: User) -> None:
    """Open the session of a user who has given their second factor, with a new key; only now have they signed in."""
    waited = request.session.pop(FACTOR, None)
    request.session[SHOWN] = int(wall().timestamp())
    request.session.cycle_key()
    if waited:
        _note_user(request, user)


def _note_user(request: HttpRequest | None, user: Any) -> None:
    update_last_login(User, user)
    log.info(told("signed_in", user=user.pk, address=_address(request)))


def _on_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    name = name_of(request, credentials) if request is not None else credentials.get("username")
    user = User.objects.filter(email=name).values_list("pk", flat=True).first()
    reason = "locked_out" if getattr(request, "axes_locked_out", False) else "wrong_password" if user else "unknown_user"
    log.info(told("sign_in_failed", user=user or "-", address=_address(request), reason=reason))
