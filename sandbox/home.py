"""The home page: what the sandbox is and how to control it."""

from collections.abc import Sequence

from sandbox.clock import for_people
from sandbox.message import Answer, Request
from sandbox.page import Safe, code, fill, font, link, page, static
from sandbox.texts import speak_to
from sandbox.world import World


def home(world: World, request: Request) -> Answer:
    """The guide, with the clock and each company's section; texts about personas and for engineers are in English."""
    speak_to(request, "en")
    companies = world.companies.values()
    personas = [(code(f"+{persona.name}"), persona.does) for company in companies for persona in company.personas]
    lines = [line for company in companies if company.lines for line in company.lines(world)]
    body = fill(
        "home",
        now=for_people(world.clock.now_ms()),
        ahead=_ahead(int(world.clock.offset_s)),
        guides=Safe("".join(company.guide(world) for company in companies if company.guide)),
        personas=_listed(personas),
        lines=_listed([*lines, *_own_lines()]),
    )
    return page("Guide", body)


def _own_lines() -> list[tuple[str, str]]:
    clock, chaos = code("/control/clock"), code("/control/chaos")
    files, health = code("/control/files"), link("/control/health", "/control/health")
    return [("Controls", Safe(f"{link('/controls/', 'what companies do wrong')}, {clock}, {chaos}, {files}, {health}"))]


def _listed(pairs: Sequence[tuple[str, str]]) -> Safe:
    return Safe("\n".join(fill("line", term=term, text=text) for term, text in pairs))


def _ahead(seconds: int) -> str:
    """How far the clock is ahead, in days and hours."""
    if not seconds:
        return "The same as real time"
    parts = [(seconds // 86_400, "day"), (seconds % 86_400 // 3_600, "hour")]
    told = " and ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in parts if count)
    return f"{told or 'A little'} ahead of real time"


ROUTES = [("GET", "/", home), ("GET", "/static/{name}", static), ("GET", "/static/fonts/{name}", font)]
