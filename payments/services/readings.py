"""Gateways' own lists of events, read page by page: an event that never arrived is handled as if it had.

An event has the same id in the list as when the gateway sends it, and goes to the same service. So it acts once, whichever comes first, and
handling it twice at once is as safe as with an event that is sent twice.
"""

import logging
import time
from datetime import datetime, timedelta

from django.db.models import F

from core.adjusting import value_of
from core.clock import wall
from payments import gateways
from payments.errors import GatewayUnavailable
from payments.gateways.base import EventPage, Reports
from payments.models import EventReading, GatewayEvent
from payments.queries import list_reporting
from payments.services.calls import refuse_inside_transaction
from payments.services.gateway_events import receive_event
from payments.settable import OVERLAP

log = logging.getLogger("bnpl.payments")
FIRST_WINDOW = timedelta(days=3)
"""How far back the first reading of an account goes: gateways try to send an event for this long."""
EVERY = timedelta(minutes=5)
MOST_PAGES = 20
"""The most pages of an account that one run reads; the next run continues there."""
MOST_S = 60.0
"""The longest that one run handles events of an account, in seconds, so that a slow gateway does not occupy a worker for long."""
GIVEN_UP_AFTER = timedelta(days=1)
"""An event that cannot be acted on is tried again for this long; `check_books` still finds what it was about."""


def read_events(*, at: datetime) -> int:
    """Continue reading the lists of events of all gateways; return the number of events handled because they were read. A timer.

    The position moves only after the events are recorded. A gateway that does not answer is asked again in some minutes.
    """
    refuse_inside_transaction()
    return sum(_read_on(code, at) for code in list_reporting())


def _read_on(code: str, at: datetime) -> int:
    # The clock of a sandbox may be moved, unlike that of its gateway.
    start = min(at, wall()) - FIRST_WINDOW
    reading, _ = EventReading.objects.get_or_create(gateway=code, defaults={"read_until": start, "since": start, "next_at": at})
    if reading.next_at > at:
        return 0
    done, until = 0, time.monotonic() + MOST_S
    try:
        for _ in range(MOST_PAGES):
            found = gateways.connect(code, Reports).report_events(since=reading.since, page=reading.page)
            taken = _take(code, found, reading, at, until)
            done += taken
            if not _move(reading, found, taken, at) or not found.page or time.monotonic() > until:
                break
    except Exception as error:
        if not isinstance(error, GatewayUnavailable):
            log.exception("the events of a gateway could not be read: %s", code)
        failure = {"failed_at": wall(), "error": type(error).__name__, "next_at": at + EVERY}
        EventReading.objects.filter(gateway=code).update(**failure)
    return done


def _take(code: str, found: EventPage, reading: EventReading, at: datetime, until: float) -> int:
    """Handle the events of a page that did not arrive; return their number. GatewayUnavailable if that takes too long."""
    ids = [event.notice.event_id for event in found.events]
    known = set(GatewayEvent.objects.filter(gateway=code, event_id__in=ids).values_list("event_id", flat=True))
    taken = 0
    for event in found.events:
        reading.newest = max(reading.newest or event.at, event.at)
        if event.notice.about == "other" or event.notice.event_id in known:
            continue
        if time.monotonic() > until:
            raise GatewayUnavailable("The gateway answers too slowly.")
        try:
            taken += receive_event(gateway=code, notice=event.notice, at=at)
        except Exception:
            log.exception("an event that was read could not be acted on: %s", event.notice.event_id)
            if max(reading.newest, min(at, wall())) - event.at < GIVEN_UP_AFTER:
                reading.held = min(reading.held or event.at, event.at)
    return taken


def _move(reading: EventReading, found: EventPage, taken: int, at: datetime) -> bool:
    """Move the position past a page that was read; False if another process has moved it meanwhile."""
    before = {"gateway": reading.gateway, "since": reading.since, "page": reading.page}
    reading.page = found.page
    if found.page:
        reading.next_at = at
    else:
        # The next pass reads events that could not be handled again, however old they are.
        reading.read_until = reading.held or max(reading.read_until, reading.newest or reading.read_until)
        reading.since = reading.read_until - timedelta(minutes=value_of(OVERLAP))
        reading.newest = reading.held = None
        reading.next_at = at + EVERY
    names = ("read_until", "since", "page", "newest", "held", "next_at")
    moved = {name: getattr(reading, name) for name in names}
    return bool(EventReading.objects.filter(**before).update(**moved, found=F("found") + taken, read_at=wall(), error=""))
