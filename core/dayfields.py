"""Days as ISO text in forms: proposals keep plain values."""

from datetime import date
from typing import Any

from django import forms


class DayField(forms.DateField):
    """A day, as ISO text."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def clean(self, value: Any) -> Any:
        """Return the day as ISO text, or None for nothing."""
        day = super().clean(value)
        return day.isoformat() if day else None


def day_of(value: Any) -> date | None:
    """Return the day that an ISO text names; None for anything else."""
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
