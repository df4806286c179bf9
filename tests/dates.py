"""Dates for tests that use the real clock: cards that are valid for years, people who are too young, whenever a test runs."""

from datetime import UTC, datetime

TODAY = datetime.now(UTC).date()
CARD_MONTH, CARD_YEAR = 8, TODAY.year + 4
# As people type it.
CARD_ENDS = f"{CARD_MONTH:02d} / {CARD_YEAR % 100:02d}"
CARD_ENDED = f"01 / {(TODAY.year - 1) % 100:02d}"
OF_A_CHILD = f"{TODAY.year - 10}-01-01"
