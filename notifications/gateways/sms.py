"""SMS through Twilio's protocol: Twilio itself, or the sandbox world, which shows them on its phone page."""

from typing import Any

from core import providers
from core.providers import Account, Capability
from core.twilio_client import SANDBOX_FROM, client_of, sandbox_client

BAD_REQUEST = 400
"""Twilio's answer to a number or a text that it never accepts; 401, 403 and 404 are about the account, which an operator must fix."""


class Undeliverable(Exception):
    """The provider will never accept the number or the text, so trying again is useless."""


class TwilioSms:
    """One sender of one account."""

    def __init__(self, client: Any, sender: str) -> None:
        self._client, self._sender = client, sender

    def health(self) -> None:
        """Fetch the account; an error if the provider does not answer."""
        self._client.api.accounts(self._client.account_sid).fetch()

    def send(self, *, to: str, text: str, sender: str = "") -> None:
        """Send one SMS, from `sender` if it is given, otherwise from the account's own.

        Undeliverable if the provider refuses it for good; any other error means that it may be tried again.
        """
        from twilio.base.exceptions import TwilioRestException

        try:
            self._client.messages.create(to=to, from_=sender or self._sender, body=text)
        except TwilioRestException as error:
            if error.status == BAD_REQUEST:
                raise Undeliverable(f"{error.code}: {error.msg}") from error
            raise


def of_account(account: Account) -> TwilioSms:
    """Return the sender of an account."""
    return TwilioSms(client_of(account), account.values["sender"])


def of_sandbox(account: Account) -> TwilioSms:
    """Return the sender of the sandbox world."""
    return TwilioSms(sandbox_client(account.code), SANDBOX_FROM)


def send_sms(*, to: str, text: str, brand: str = "", market: str = "", sender: str = "") -> None:
    """Send one SMS with the first account of a brand in a market that accepts it.

    Undeliverable if it is refused for good, ProviderMissing if there is no account; any other error means that it may be tried again.
    """
    *others, last = providers.in_order(Capability.SMS, market=market, brand=brand)
    for account in others:
        try:
            return _sender(account).send(to=to, text=text, sender=sender)
        except Undeliverable:
            raise
        except Exception:  # noqa: BLE001, S112  (whatever went wrong there, the next account is asked)
            continue
    return _sender(last).send(to=to, text=text, sender=sender)


def _sender(account: Account) -> TwilioSms:
    sender: TwilioSms = providers.connect(account.code)
    return sender
