"""Lines of the log that say who signed in and who failed: ids and marks, never an address or a name."""

import logging
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.http import HttpRequest

from accounts.models import Consumer, SignInCode, User
from accounts.passwords import name_of
from accounts.queries import find_consumer
from core.logs import told
from core.network import address_mark, client_address

log = logging.getLogger("bnpl.sign_in")


def _address(request: HttpRequest | None) -> str:
    return address_mark(client_address(request)) if request is not None else "-"


def note_consumer(request: HttpRequest, consumer: Consumer) -> None:
    """Write that a consumer signed in."""
    log.info(told("signed_in", consumer=consumer.public_id, address=_address(request)))


def note_refusal(request: HttpRequest, *, channel: str, destination: str, reason: str, code: SignInCode | None = None) -> None:
    """Write that somebody could not have a code, or did not know it: for whom, where the destination is somebody's."""
    consumer = find_consumer(channel=channel, destination=destination)
    facts = {"consumer": consumer.public_id if consumer else "-", "code": code.public_id if code else "-"}
    log.info(told("sign_in_failed", **facts, address=_address(request), reason=reason))


def listen() -> None:
    """Write a line whenever a user signs in, or fails to, at any door."""
    user_logged_in.connect(_on_user, dispatch_uid="signing.user")
    user_login_failed.connect(_on_failure, dispatch_uid="signing.failure")


def _on_user(request: HttpRequest | None, user: Any, **_: Any) -> None:
    log.info(told("signed_in", user=user.pk, address=_address(request)))


def _on_failure(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    name = name_of(request, credentials) if request is not None else credentials.get("username")
    user = User.objects.filter(email=name).values_list("pk", flat=True).first()
    reason = "locked_out" if getattr(request, "axes_locked_out", False) else "wrong_password" if user else "unknown_user"
    log.info(told("sign_in_failed", user=user or "-", address=_address(request), reason=reason))
