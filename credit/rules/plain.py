"""Dataclasses as JSON values, without the copies that `dataclasses.asdict` makes: nothing in what a decision stores changes later; pure."""

from collections.abc import Mapping
from typing import Any

_AS_IT_IS = frozenset({type(None), str, int, bool, float})
"""The types of most values, asked first."""


def plain(value: Any) -> Any:
    """Return a dataclass as a dict of its fields, as deep as it goes; anything else as it is."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if fields := getattr(kind, "__dataclass_fields__", None):
        return {name: plain(getattr(value, name)) for name in fields}
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return kind([plain(one) for one in value]) if isinstance(value, list | tuple) else value
