"""The home page: what the sandbox is and how to control it."""

from sandbox.clock import for_people
from sandbox.message import Answer, Request
from sandbox.page import Safe, fill, font, page, static
from sandbox.world import World

COUNTED = ("charges", "messages", "documents")


def home(world: World, _request: Request) -> Answer:
    """The guide, with the clock."""
    ahead = _ahead(int(world.clock.offset_s))
    counts = {name: world.store.one_value(f"SELECT count(*) FROM {name}") for name in COUNTED}  # noqa: S608 - our own table names
    status = {name: f"{count:,}" for name, count in counts.items()}
    events_to = world.courier.url or "nowhere: no address is set"
    body = fill("home", now=for_people(world.clock.now_ms()), ahead=ahead, events_to=events_to, **status)
    return page("Guide", Safe(body))


def _ahead(seconds: int) -> str:
    """How far the clock is ahead, in days and hours."""
    if not seconds:
        return "The same as real time"
    parts = [(seconds // 86_400, "day"), (seconds % 86_400 // 3_600, "hour")]
    told = " and ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in parts if count)
    return f"{told or 'A little'} ahead of real time"


ROUTES = [("GET", "/", home), ("GET", "/static/{name}", static), ("GET", "/static/fonts/{name}", font)]
