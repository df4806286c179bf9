"""Stripe's protocol."""

from collections.abc import Callable

from ..message import Answer, Request
from ..world import World


def routes() -> list[tuple[str, str, Callable[[World, Request], Answer]]]:
    """All addresses of Stripe's protocol."""
    return []
