"""Google, Apple and Facebook as companies by which people sign in: OpenID Connect, and OAuth 2.0 for Facebook."""

from pathlib import Path

from sandbox.page import code
from sandbox.world import Company

from . import api

OPENID = Company(
    name="openid",
    api=("/openid/",),
    routes=api.ROUTES,
    schema=(Path(__file__).parent / "schema.sql").read_text(),
    lines=lambda _world: [("Signing in by Google, Apple or Facebook", code("/openid"))],
)
