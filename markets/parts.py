"""What a setting of a market is made of: parts with units and bounds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.sentences import Text

Unit = Literal["days", "months", "years", "number", "percent", "amount", "yes", "text", "hour", "choice"]
WHOLE = ""
"""The name of the single part of a setting with one value."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a setting: its title, its unit, its smallest value, its choices, and whether it is optional.

    `most` is its largest value where that is less than the unit's (`MOST`), and the most characters of a longer text (else `TEXT`).
    """

    title: Text
    unit: Unit
    least: int = 0
    choices: Mapping[str, Text] = field(default_factory=dict)
    optional: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """A setting: its title and its parts. Each is read by the product (`tests/house/test_settings_of_markets.py`)."""

    title: Text
    parts: Mapping[str, Part]

    @property
    def is_whole(self) -> bool:
        """Whether it is a single value, not several named ones."""
        return set(self.parts) == {WHOLE}
