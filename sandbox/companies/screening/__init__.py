"""Lists of sanctions and politically exposed persons: nobody is on them but some personas, and whose names are added."""

from sandbox.page import code
from sandbox.world import Company, Persona

from . import lists

SCREENING = Company(
    name="screening",
    api=("/screening/",),
    keyed=("/screening/",),
    routes=lists.ROUTES,
    schema=lists.SCHEMA,
    personas=(
        Persona("listed", "A possible match with a sanctions list"),
        Persona("exposed", "A possible match with a politically exposed person"),
    ),
    lines=lambda _world: [("Screening against lists", code("/screening/v1"))],
)
