"""How often a password may be tried: axes counts by user and requester, and asks here.

A requester who is wrong five times waits. Somebody else's wrong tries never make a user wait: from a new place there is always a try. But
the more of them there are for one user, from wherever, the fewer tries each new place has.
"""

from datetime import timedelta
from typing import Any

from axes.models import AccessAttempt
from django.db.models import Sum
from django.http import HttpRequest

from accounts.rules import stored_email
from core.clock import wall
from core.network import requester

TRIES = 5
WINDOW = timedelta(hours=1)
FEWER = ((100, 1), (20, 2))
"""From so many wrong passwords for one user within the window on, so many tries a requester."""


def name_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Return whose password is tried, in the one form in which users are known."""
    told = (credentials or {}).get("username") or request.POST.get("username")
    return stored_email(str(told)) if told else None


def place_of(request: HttpRequest) -> str | None:
    """Return from where it is tried, None where the server was not told."""
    return requester(request) or None


def tries_left_to(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    """Return how many wrong passwords a requester may try for a user before it waits."""
    recent = AccessAttempt.objects.filter(username=name_of(request, credentials), attempt_time__gt=wall() - WINDOW)
    failures = recent.aggregate(found=Sum("failures_since_start"))["found"] or 0
    return next((tries for most, tries in FEWER if failures >= most), TRIES)
