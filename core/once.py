"""A form that is sent twice acts once: each form has its own key, and the first answer to a key is the only one.

The key is bound to all values of the form (what is paid, how much, with which card): with other values, the same key is refused. A second
press waits for the answer to the first. This works without JavaScript.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from core.errors import Conflict, DomainError, Invalid
from core.idempotency import Once, check_key, fingerprint

FIELD = "once"
WAIT_S = 15.0
"""Seconds that a second press waits for the first; if a gateway has not answered by then, it will not."""
IN_PROGRESS = "form.in_progress"
_UNSENT = {"csrfmiddlewaretoken", FIELD}
_WORDS: dict[str, DomainError] = {
    "idempotency.key_invalid": Invalid("This page was too old. Check what it says now and try again.", code="form.key_missing"),
    "idempotency.key_reused": Conflict(
        "This form was already sent with other values. Look at what happened, then try again.", code="form.sent_before"
    ),
    "idempotency.in_progress": Conflict("This is being done at this moment. Wait a second and look again.", code=IN_PROGRESS),
}


class Refused(Invalid):
    """The same form was refused before."""


def new_key() -> str:
    """Return a key for the forms of one page."""
    return secrets.token_urlsafe(18)


def once_of(request: HttpRequest, *, scope: str, door: str = "portal") -> Once:
    """Return a form's request as a `Once`; `door` and `scope` separate the keys of different people or shops.

    Invalid where the form has no key.
    """
    sent = [(name, value) for name, values in request.POST.lists() if name not in _UNSENT for value in values]
    try:
        key = check_key(request.POST.get(FIELD, ""))
    except DomainError as error:
        raise in_words(error) from None
    print_ = fingerprint(request.path.encode(), urlencode(sorted(sent)).encode())
    return Once(scope=f"{door}:{scope}", key=key, print_=print_, wait_s=WAIT_S)


def in_words(error: DomainError) -> DomainError:
    """Return an error about a key with a text for people who use a form; any other error unchanged."""
    return _WORDS.get(error.code, error)


def act_once(request: HttpRequest, *, scope: str, at: datetime, work: Callable[[], Any], door: str = "portal") -> tuple[Any, bool]:
    """Carry out a form's request in one transaction, once; return the result of `work` (plain JSON), and whether it was stored earlier.

    The same form sent again changes nothing; with other values, or without a key, it is refused.
    """
    once = once_of(request, scope=scope, door=door)
    try:
        answer = once.run(at=at, work=lambda: (200, work()))
    except DomainError as error:
        raise in_words(error) from None
    return answer.body, answer.replayed


def raise_refusal(wish: Once) -> None:
    """Raise a form's earlier refusal again, if there was one."""
    try:
        told = wish.find()
    except DomainError as error:
        raise in_words(error) from None
    if told is not None:
        raise Refused(**told.body)


def note_refusal(wish: Once, error: DomainError, at: datetime) -> None:
    """Record a refusal of a form by an outside party, such as a bank: the same form does not ask that party again."""
    wish.note(status=error.status, body={"detail": error.detail, "code": error.code, "fields": error.fields}, at=at)
