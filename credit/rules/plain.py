"""Dataclasses as JSON values, without the copies that `dataclasses.asdict` makes: nothing in what a decision stores changes later; pure."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any


def plain(value: Any) -> Any:
    """Return a dataclass as a dict of its fields, as deep as it goes; anything else as it is."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([plain(one) for one in value])
    return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__} if is_dataclass(value) else value
