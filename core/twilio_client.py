"""Twilio's client, towards Twilio itself or towards the sandbox world, which speaks the same protocol.

The SDK is large and is imported only when somebody sends something.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.modes import require_sandbox

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT_S = 10.0
HOSTS = ("https://verify.twilio.com", "https://api.twilio.com")
# What the sandbox world documents; they open nothing else.
SANDBOX_ACCOUNT = "AC" + "5a" * 16
SANDBOX_SERVICE = "VA" + "5a" * 16
SANDBOX_TOKEN = "sandbox_twilio_token"  # noqa: S105
SANDBOX_FROM = "+15005550006"


def sandbox_client() -> "Client":
    """Return a client of the sandbox world; a live installation has none."""
    require_sandbox()
    return _client(SANDBOX_ACCOUNT, SANDBOX_TOKEN, settings.SANDBOX_URL, os.getpid())


def live_client() -> "Client":
    """Return a client of the configured Twilio account."""
    return _client(settings.TWILIO["ACCOUNT_SID"], settings.TWILIO["AUTH_TOKEN"], settings.TWILIO["API_BASE"], os.getpid())


@cache
def _client(account: str, token: str, base: str, _pid: int) -> "Client":
    from requests.adapters import HTTPAdapter
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Redirected(TwilioHttpClient):  # type: ignore[misc]
        """Sends what is meant for Twilio's hosts to another address, if there is one."""

        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            for host in HOSTS:
                if base and url.startswith(host):
                    url = base.rstrip("/") + url.removeprefix(host)
            return super().request(method, url, *args, **kwargs)

    http = Redirected(timeout=TIMEOUT_S)
    if http.session is not None:
        http.session.mount("http://", HTTPAdapter(pool_maxsize=32))
    return Client(account, token, http_client=http)
