"""One-time codes with Twilio Verify, through Twilio's own SDK."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from requests import RequestException

from accounts.gateways.base import ProviderUnavailable, TooManyCodes, UnknownDestination, Verifier
from core.locales import page_language
from core.providers import Account
from core.twilio_client import SANDBOX_SERVICE, client_of, sandbox_client

NOT_FOUND = 404
TOO_MANY = 429
BAD_REQUEST = 400


class TwilioVerifier:
    """One Verify service of one account."""

    def __init__(self, client: Any, service: str) -> None:
        self._service = client.verify.v2.services(service)

    def health(self) -> None:
        """Fetch the Verify service; ProviderUnavailable."""
        if _asked(self._service.fetch) is None:
            raise ProviderUnavailable("there is no such service")

    def send(self, *, channel: str, to: str) -> str:
        """Send a code and return the verification's sid; ProviderUnavailable, TooManyCodes, UnknownDestination."""
        answer = _asked(lambda: self._service.verifications.create(to=to, channel=channel, locale=page_language()))
        if answer is None:
            raise ProviderUnavailable("there is no such service")
        return str(answer.sid)

    def cancel(self, *, reference: str) -> None:
        """Cancel a verification; one that has ended, or that Twilio no longer knows, counts as canceled. ProviderUnavailable."""
        with suppress(UnknownDestination, TooManyCodes):
            _asked(lambda: self._service.verifications(reference).update(status="canceled"))

    def check(self, *, to: str, code: str) -> bool:
        """Return whether a code is right; also False if no code is pending (never sent, used, expired)."""
        answer = _asked(lambda: self._service.verification_checks.create(to=to, code=code))
        return answer is not None and answer.status == "approved"


def _asked(call: Callable[[], Any]) -> Any:
    """Call the SDK and translate its errors; None if Twilio does not know the verification."""
    from twilio.base.exceptions import TwilioRestException

    try:
        return call()
    except RequestException as error:
        raise ProviderUnavailable(repr(error)) from error
    except TwilioRestException as error:
        if error.status == NOT_FOUND:
            return None
        if error.status == TOO_MANY:
            raise TooManyCodes(str(error.code)) from error
        if error.status == BAD_REQUEST:
            raise UnknownDestination(str(error.code)) from error
        raise ProviderUnavailable(f"{error.status} {error.code}") from error


def of_account(account: Account) -> Verifier:
    """Return the verifier of an account."""
    return TwilioVerifier(client_of(account), account.values["service"])


def of_sandbox(account: Account) -> Verifier:
    """Return the verifier of the sandbox world, which speaks Twilio's protocol."""
    return TwilioVerifier(sandbox_client(account.code), SANDBOX_SERVICE)
