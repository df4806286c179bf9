"""Registers of payment remarks: clear for everybody but some personas."""

from sandbox.page import code
from sandbox.world import Company, Persona

from . import checks

REGISTERS = Company(
    name="registers",
    api=("/registers/",),
    keyed=("/registers/",),
    routes=checks.ROUTES,
    personas=(
        Persona("remark", "A payment remark in each register"),
        Persona("small_remark", "A payment remark of a very small amount"),
    ),
    lines=lambda _world: [("Registers of payment remarks", code("/registers/v1"))],
)
