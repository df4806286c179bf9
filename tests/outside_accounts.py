"""Accounts with the providers of codes, SMS, identity checks and credit reports, for the suites that every adapter passes.

Twilio's adapters call the part of the sandbox world that speaks Twilio's protocol; those over HTTP call a server of the tests.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import requests
from django.utils.module_loading import import_string

from core import providers
from core.twilio_client import SANDBOX_ACCOUNT, SANDBOX_SERVICE, SANDBOX_TOKEN

SENDER = "+15005550006"
NOBODY = "http://127.0.0.1:9"


def variables(world: str, services: str) -> dict[str, str]:
    """Return the values of an installation that asks Twilio and companies over HTTP, all of them stand-ins."""
    return {
        "TWILIO_API_BASE": world,
        "TWILIO_ACCOUNT_SID": SANDBOX_ACCOUNT,
        "TWILIO_AUTH_TOKEN": SANDBOX_TOKEN,
        "TWILIO_VERIFY_SERVICE": SANDBOX_SERVICE,
        "TWILIO_FROM": SENDER,
        "IDENTITY_URL": services,
        "IDENTITY_KEY": "outside-key",
        "BUREAU_URL": services,
        "BUREAU_KEY": "outside-key",
        "BUREAU_NAME": "Bureau Inc.",
        "BUREAU_ADDRESS": "1 Main Street, Albany, NY 12207",
        "BUREAU_PHONE": "+12025550111",
    }


def other(code: str, values: Mapping[str, str]) -> Any:
    """Return the adapter of an account with some other values, as where its key was turned at the provider."""
    account = providers.get_account(code)
    made = import_string(providers.get_provider(account.provider).adapter)
    return made(replace(account, values={**account.values, **values}))


class Outside:
    """The sandbox world, as a test of one of its companies tells it what to do."""

    def __init__(self, url: str, key: str) -> None:
        self._url, self._head = url, {"Authorization": f"Bearer {key}"}

    def post(self, path: str, **body: Any) -> None:
        """Send an order."""
        requests.post(self._url + path, json=body, headers=self._head, timeout=10).raise_for_status()

    def chaos(self, target: str, **how: Any) -> None:
        """Set the faults of a company; without any, they end."""
        self.post("/control/chaos", target=target, **how)

    def read(self, path: str, **query: Any) -> Any:
        """Read what is open to everybody: the clock, the mailbox, the phone."""
        return requests.get(self._url + path, params=query, timeout=10).json()
