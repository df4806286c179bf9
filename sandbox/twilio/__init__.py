"""Twilio's protocol: Verify (one-time codes) and Messages (SMS)."""

from collections.abc import Callable

from sandbox.message import Answer, Request
from sandbox.world import World

from . import account, messages, verify


def routes() -> list[tuple[str, str, Callable[[World, Request], Answer]]]:
    """All addresses of Twilio's protocol, where the SDK looks for them."""
    services, accounts = "/v2/Services/{service}", "/2010-04-01/Accounts/{account}"
    return [
        ("GET", services, account.service),
        ("GET", accounts, account.account),
        ("POST", f"{services}/Verifications", verify.start),
        ("GET", f"{services}/Verifications/{{sid}}", verify.fetch),
        ("POST", f"{services}/Verifications/{{sid}}", verify.update),
        ("POST", f"{services}/VerificationCheck", verify.check),
        ("POST", f"{accounts}/Messages.json", messages.create),
        ("GET", f"{accounts}/Messages/{{sid}}.json", messages.fetch),
    ]
