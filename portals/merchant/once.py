"""Forms that are sent twice act once: each form carries a key of its own, and the first answer to a key is the only one."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from core.errors import Conflict, DomainError, Invalid
from core.idempotency import check_key, fingerprint, run_once
from merchants.models import Merchant

FIELD = "once"
_UNSENT = {"csrfmiddlewaretoken", FIELD}
_WORDS: dict[str, DomainError] = {
    "idempotency.key_invalid": Invalid("This page was too old. Check what it says now and try again.", code="form.key_missing"),
    "idempotency.key_reused": Conflict(
        "This form was already sent with other values. Look at what happened, then try again.", code="form.sent_before"
    ),
    "idempotency.in_progress": Conflict("This is being done at this moment. Wait a second and look again.", code="form.in_progress"),
}


def new_key() -> str:
    """Return a key for the forms of one page."""
    return secrets.token_urlsafe(18)


def act_once(request: HttpRequest, *, merchant: Merchant, at: datetime, work: Callable[[], Any]) -> tuple[Any, bool]:
    """Do what a form asks for, in one transaction, and return what `work` gave (plain JSON) and whether that was before.

    A form that comes again with the same values changes nothing; with other values, or without a key, it is refused.
    """
    sent = [(name, value) for name, values in request.POST.lists() if name not in _UNSENT for value in values]
    try:
        answer = run_once(
            scope=f"portal:{merchant.public_id}",
            key=check_key(request.POST.get(FIELD, "")),
            print_=fingerprint(request.path.encode(), urlencode(sorted(sent)).encode()),
            at=at,
            work=lambda: (200, work()),
        )
    except DomainError as error:
        raise _WORDS.get(error.code, error) from None
    return answer.body, answer.replayed
