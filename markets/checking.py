"""Validation of a market's setting: type, bounds, source."""

from typing import Any

from core.errors import Invalid, refuse
from core.sentences import Sentence
from markets.catalog import FORBIDDEN, spec_of, value_faults


def check_setting(*, market: str, key: str, value: Any, source: str) -> None:
    """Refuse an invalid value, one without a source, and a setting that the law of a market forbids; Invalid names the part."""
    if spec_of(key) is None:
        raise Invalid("This cannot be changed here.", fields={"value": Sentence("cannot be changed here")})
    law = FORBIDDEN.get(key, {}).get(market)
    if law:
        raise Invalid("The law of this market forbids it.", fields={"value": Sentence("is forbidden in this market by %(law)s", law=law)})
    written = 1 <= len(source.strip()) <= 200 and source.isprintable()
    refuse(value_faults(key, value) | {"source": "" if written else Sentence("must have 1 to 200 characters")})
