"""Twilio's protocol: Verify (one-time codes) and Messages (SMS)."""

from pathlib import Path

from sandbox.page import Safe, code, fill
from sandbox.world import Company

from . import account, messages, verify

SERVICES, ACCOUNTS = "/v2/Services/{service}", "/2010-04-01/Accounts/{account}"

TWILIO = Company(
    name="twilio",
    api=("/v2/", "/2010-04-01/"),
    routes=[
        ("GET", SERVICES, account.service),
        ("GET", ACCOUNTS, account.account),
        ("POST", f"{SERVICES}/Verifications", verify.start),
        ("GET", f"{SERVICES}/Verifications/{{sid}}", verify.fetch),
        ("POST", f"{SERVICES}/Verifications/{{sid}}", verify.update),
        ("POST", f"{SERVICES}/VerificationCheck", verify.check),
        ("POST", f"{ACCOUNTS}/Messages.json", messages.create),
        ("GET", f"{ACCOUNTS}/Messages/{{sid}}.json", messages.fetch),
    ],
    schema=(Path(__file__).parent / "schema.sql").read_text(),
    guide=lambda _world: fill("guide_codes"),
    lines=lambda _world: [("Twilio's protocol", Safe(f"{code('/v2/Services')}, {code('/2010-04-01')}"))],
)
