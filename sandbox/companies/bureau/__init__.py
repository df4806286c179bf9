"""The credit bureau: one report for each e-mail, the same every time, changed by its persona."""

from sandbox import credit_files
from sandbox.page import code
from sandbox.world import Company, World

from . import reports


def _lines(world: World) -> list[tuple[str, str]]:
    kept = world.store.one_value("SELECT count(*) FROM documents")
    return [("Credit bureau", code("/bureau/v1")), ("Checks and reports", f"{kept:,}")]


BUREAU = Company(
    name="bureau",
    api=("/bureau/",),
    keyed=("/bureau/",),
    routes=reports.ROUTES,
    personas=credit_files.PERSONAS,
    lines=_lines,
)
