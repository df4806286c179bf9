"""Twilio's client, for Twilio itself or for the sandbox world, which speaks the same protocol.

The SDK is large, so it is imported only when a message is sent.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.modes import require_sandbox
from core.provider_calls import measured
from core.providers import Account, Setting

if TYPE_CHECKING:
    from twilio.rest import Client

TIMEOUT_S = 10.0
KEYS_REFUSED = (401,)
"""403 is Twilio's answer about a number that it sends nothing to, not about keys."""
HOSTS = ("https://verify.twilio.com", "https://api.twilio.com")
# Documented credentials of the sandbox world; they are valid nowhere else.
SANDBOX_ACCOUNT = "AC" + "5a" * 16
SANDBOX_SERVICE = "VA" + "5a" * 16
SANDBOX_TOKEN = "sandbox_twilio_token"  # noqa: S105
SANDBOX_FROM = "+15005550006"


SETTINGS = (
    Setting(
        name="account_sid", label=_("Account SID"), help=_("Begins with AC."), form=r"AC[0-9a-fA-F]{32}", variable="TWILIO_ACCOUNT_SID"
    ),
    Setting(name="auth_token", label=_("Auth token"), secret=True, variable="TWILIO_AUTH_TOKEN"),
    Setting(
        name="api_base",
        label=_("Address of the API"),
        help=_("Twilio's own, but for tests."),
        required=False,
        stand_in=True,
        variable="TWILIO_API_BASE",
    ),
)
"""What every account with Twilio needs to know."""


def sandbox_client(code: str) -> "Client":
    """Return a client of the sandbox world, for one of its accounts; a live installation has none."""
    require_sandbox()
    return _client(code, SANDBOX_ACCOUNT, SANDBOX_TOKEN, settings.SANDBOX_URL)


def client_of(account: Account) -> "Client":
    """Return a client of an account with Twilio."""
    values = account.values
    return _client(account.code, values["account_sid"], values["auth_token"], values["api_base"])


def _client(code: str, account: str, token: str, base: str) -> "Client":
    from requests.adapters import HTTPAdapter
    from twilio.http.http_client import TwilioHttpClient
    from twilio.rest import Client

    class Redirected(TwilioHttpClient):  # type: ignore[misc]
        """Sends requests for Twilio's hosts to another address, if one is set."""

        def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
            for host in HOSTS:
                if base and url.startswith(host):
                    url = base.rstrip("/") + url.removeprefix(host)
            with measured(code) as call:
                answer = super().request(method, url, *args, **kwargs)
                call.answered(answer.status_code, keys_refused=KEYS_REFUSED)
                return answer

    http = Redirected(timeout=TIMEOUT_S)
    if http.session is not None:
        http.session.mount("http://", HTTPAdapter(pool_maxsize=32))
    return Client(account, token, http_client=http)
