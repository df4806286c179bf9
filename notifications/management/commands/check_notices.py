"""`manage.py check_notices`: whether every notice of a refusal or a lower limit left in time."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from notifications.notices import check_notices


class Command(BaseCommand):
    """Checks notices, and names the first that is late or missing."""

    help = "Check that every notice of a refusal, a rejected order or a lower limit left within the time that the market's law gives."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare how far back notices are looked at."""
        parser.add_argument("--days", type=int, default=760, help="how many days back (as long as decisions are kept, unless told)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check them; CommandError if one is late or missing."""
        now = clock.now()
        checked = check_notices(since=now - timedelta(days=options["days"]), at=now)
        self.stdout.write(f"{checked.owed - len(checked.late)} of {checked.owed} notices in time")
        if not checked.late:
            return
        first = checked.late[0]
        what = f"{first.notice.kind} about {first.notice.subject}, owed since {first.notice.since.isoformat()}"
        left = f"left at {first.sent_at.isoformat()}" if first.sent_at else "has not left"
        raise CommandError(f"{len(checked.late)} late or missing. The first: {what} until {first.notice.until.isoformat()}, {left}.")
