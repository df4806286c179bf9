"""Setup intents that are finished on the hosted card page."""

from sqlite3 import Row

from ..gateway.cards import Card
from ..world import World


def finish(world: World, row: Row, card: Card) -> None:
    """Tell the setup intent of a finished page."""
