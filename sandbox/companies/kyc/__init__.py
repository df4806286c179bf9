"""The identity provider: document, selfie, data match and screening, decided by persona."""

from sandbox.page import code
from sandbox.world import Company, Persona

from . import checks

KYC = Company(
    name="kyc",
    api=("/kyc/",),
    keyed=("/kyc/",),
    routes=checks.ROUTES,
    personas=(
        Persona("kyc_fail", "Identity cannot be confirmed"),
        Persona("kyc_pending", "Identity is confirmed five minutes later"),
        Persona("sanctions", "The name is on a sanctions list"),
    ),
    lines=lambda _world: [("Identity checks", code("/kyc/v1"))],
)
