"""Validation of a market's setting: type, bounds, source."""

from typing import Any

from core.errors import Invalid, refuse
from core.sentences import Sentence
from markets.catalog import SETTINGS, value_faults


def check_setting(*, key: str, value: Any, source: str) -> None:
    """Refuse an invalid value, and a value without a source; Invalid names the part."""
    if key not in SETTINGS:
        raise Invalid("This cannot be changed here.", fields={"value": Sentence("cannot be changed here")})
    written = 1 <= len(source.strip()) <= 200 and source.isprintable()
    refuse(value_faults(key, value) | {"source": "" if written else Sentence("must have 1 to 200 characters")})
