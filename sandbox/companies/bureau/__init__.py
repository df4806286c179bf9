"""The credit bureau: one report for each e-mail, the same every time, changed by its persona."""

from sandbox.page import code
from sandbox.world import Company, Persona, World

from . import reports


def _lines(world: World) -> list[tuple[str, str]]:
    kept = world.store.one_value("SELECT count(*) FROM documents")
    return [("Credit bureau", code("/bureau/v1")), ("Checks and reports", f"{kept:,}")]


BUREAU = Company(
    name="bureau",
    api=("/bureau/",),
    keyed=("/bureau/",),
    routes=reports.ROUTES,
    personas=(
        Persona("approve", "An excellent credit file"),
        Persona("well_off", "An excellent credit file and a high income"),
        Persona("decline", "A very bad credit file"),
        Persona("thin", "A thin credit file"),
        Persona("refer", "A person must decide"),
        Persona("refer_approve_05", "Approved five minutes later"),
        Persona("refer_decline_05", "Declined five minutes later"),
        Persona("fraud_hold", "A fraud alert on the file"),
    ),
    lines=_lines,
)
