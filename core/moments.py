"""Days and moments as the back office and its letters write them: in the language of the page, in UTC."""

from datetime import UTC, date, datetime

from babel.dates import format_skeleton

from core.locales import page_locale

_SKELETONS = {"short": "MMMd", "year": "yMMMd", "full": "yMMMEd"}


def day_words(day: date, style: str = "year") -> str:
    """Write a day: `year` "Dec 6, 2026", `full` "Sun, Dec 6, 2026", `short` "Dec 6"."""
    return str(format_skeleton(_SKELETONS[style], day, locale=page_locale("en_US")))


def moment_words(at: datetime, style: str = "year") -> str:
    """Write a moment in UTC: "Dec 6, 2026 10:42 UTC"; `hour` "10:42 UTC"."""
    there = at.astimezone(UTC)
    if style == "hour":
        return f"{there:%H:%M} UTC"
    return f"{day_words(there.date(), style)} {there:%H:%M} UTC"
