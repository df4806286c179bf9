"""Tink's protocol: open banking by users, grants and Tink Link, with the pretended bank of `sandbox.bank_page`."""

from pathlib import Path

from sandbox.page import code
from sandbox.world import Company

from . import api, link

TINK = Company(
    name="tink",
    api=("/tink/api/", "/tink/data/"),
    routes=[*api.ROUTES, *link.ROUTES],
    schema=(Path(__file__).parent / "schema.sql").read_text(),
    lines=lambda _world: [("Tink's protocol", code("/tink")), ("Tink Link", code("/tink/link"))],
)
