"""How often a password may be tried: `axes` counts by user and requester, and reads the limit here.

A requester must wait after some wrong tries, as a setting says. Wrong tries of others never lock a user out: a new requester always has at
least one try. But the more wrong tries there are for a user, from all requesters together, the fewer tries a new requester has.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest

from accounts.rules import stored_email
from accounts.settable import PASSWORD_TRIES
from core.adjusting import value_of
from core.clock import wall
from core.network import requester

WINDOW = timedelta(hours=1)
FEWER = ((100, 1), (20, 2))
"""Pairs: from this number of wrong passwords for one user within the window, this number of tries for each requester."""


def name_of(request: HttpRequest, credentials: dict[str, Any] | None) -> str | None:
    """Return the user whose password is tried, as the normalized e-mail address."""
    told = (credentials or {}).get("username") or request.POST.get("username")
    return stored_email(str(told)) if told else None


def place_of(request: HttpRequest) -> str | None:
    """Return the requester, or None if the server does not know the address."""
    return requester(request) or None


def tries_left_to(request: HttpRequest, credentials: dict[str, Any] | None) -> int:
    """Return how many wrong passwords a requester may try for a user before it must wait."""
    recent = AccessAttempt.objects.filter(username=name_of(request, credentials), attempt_time__gt=wall() - WINDOW)
    return _tries_after(recent.aggregate(found=Sum("failures_since_start"))["found"] or 0)


def _tries_after(failures: int) -> int:
    return next((tries for most, tries in FEWER if failures >= most), value_of(PASSWORD_TRIES))


@dataclass(frozen=True, slots=True)
class Tried:
    """The wrong passwords for a user that still count; `shut_until` (wall time) is None if no requester has to wait."""

    failures: int
    last: datetime | None
    shut_until: datetime | None


def tried_for(email: str) -> Tried:
    """Return the wrong passwords that count for a user, by the normalized address; one query."""
    now, waiting = wall(), timedelta(hours=settings.AXES_COOLOFF_TIME)
    recent = AccessAttempt.objects.filter(username=email, attempt_time__gt=now - WINDOW)
    places = list(recent.values("ip_address").annotate(failures=Sum("failures_since_start"), last=Max("attempt_time")))
    failures = sum(place["failures"] for place in places)
    shut = [place["last"] + waiting for place in places if place["failures"] >= _tries_after(failures) and place["last"] + waiting > now]
    return Tried(failures, max((place["last"] for place in places), default=None), max(shut, default=None))


def forget_tries(email: str) -> int:
    """Forget the wrong passwords for a user, so that nobody who signs in as them has to wait; return how many there were."""
    kept = AccessAttempt.objects.filter(username=email)
    failures: int = kept.aggregate(found=Sum("failures_since_start"))["found"] or 0
    kept.delete()
    return failures
