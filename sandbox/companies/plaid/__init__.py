"""Plaid's protocol: open banking with a pretended bank, whose customer the person chooses to be on its page."""

from pathlib import Path

from sandbox.page import code
from sandbox.world import Company

from . import hosted_link, items

PLAID = Company(
    name="plaid",
    api=("/plaid/",),
    routes=[*items.ROUTES, *hosted_link.ROUTES],
    schema=(Path(__file__).parent / "schema.sql").read_text(),
    lines=lambda _world: [("Plaid's protocol", code("/plaid/link/token/create"))],
)
