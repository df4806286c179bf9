"""Numbers, shares and names in the words of a report."""

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy

from core.moments import percent_words
from learning.models import Kind

MODELS: dict[str, Any] = {Kind.SCORECARD: gettext_lazy("Scorecard"), Kind.BOOSTED: gettext_lazy("Boosted trees")}
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


def share(value: float | None) -> str:
    """Write a share of 0 to 1 as a percentage with at most one decimal; a dash for none."""
    return "–" if value is None else percent_words(round(value * 1_000) * 10)


def fine(value: float | None, places: int = 4) -> str:
    """Write a figure with its decimals; a dash for none."""
    return "–" if value is None else number_format(round(value, places), places)


def whole(value: int) -> str:
    """Write a whole number."""
    return number_format(value, force_grouping=True)


def marks(values: Any) -> list[tuple[float, str]]:
    """Return shares with their words, to mark an axis."""
    return [(value, share(value)) for value in values]
