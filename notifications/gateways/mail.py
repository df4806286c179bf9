"""Mail through the installation's accounts: a server that speaks SMTP, with Django's own backend, or the sandbox's mailbox."""

from collections.abc import Callable, Sequence
from contextlib import closing
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from core.provider_calls import measured
from core.providers import Account
from core.remote import sandbox

TLS, STARTTLS, PLAIN = "tls", "starttls", "none"
OK = 250
REFUSALS = (SMTPRecipientsRefused, SMTPResponseException)
"""A server's refusal of one mail; any other error is about the server."""


class MailUnavailable(Exception):
    """The server does not answer, refuses the account, or does not encrypt."""


class Mailer(Protocol):
    """Sends mails with one account."""

    def send(self, mails: Sequence[EmailMessage]) -> None:
        """Send mails in one call; an error if some of them may not have been sent. Each mail records whether sending it has begun."""

    def health(self) -> None:
        """Connect to the server without sending anything; an error if that fails."""


class SmtpMailer:
    """One account on a mail server. Each batch has its own connection, because threads share adapters."""

    def __init__(self, code: str, backend: Callable[[], Any]) -> None:
        self._code, self._backend = code, backend

    def send(self, mails: Sequence[EmailMessage]) -> None:
        """Send mails one after the other; an error if the server stops at one of them."""
        with measured(self._code):
            self._backend().send_messages(mails)

    def health(self) -> None:
        """Sign in at the server and out again; MailUnavailable or a network error."""
        with measured(self._code), closing(self._backend()) as backend:
            backend.open()
            if backend.connection is None or backend.connection.noop()[0] != OK:
                raise MailUnavailable("the server is not ready")


class SandboxMailer:
    """The sandbox's mailbox, with the backend that the settings name."""

    def __init__(self, code: str) -> None:
        self._code = code

    def send(self, mails: Sequence[EmailMessage]) -> None:
        """Send mails; any error of the backend."""
        backend: BaseEmailBackend = get_connection()
        backend.send_messages(mails)

    def health(self) -> None:
        """Read the sandbox's health; Unknown."""
        sandbox(self._code).get("/control/health")


def of_account(account: Account) -> Mailer:
    """Return the mailer of an account on a server; MailUnavailable if a password would be sent as plain text."""
    from django.core.mail.backends.smtp import EmailBackend

    values = account.values
    if values["password"] and values["security"] == PLAIN:
        raise MailUnavailable("a password is sent encrypted only")

    def backend() -> EmailBackend:
        return EmailBackend(
            host=values["host"],
            port=int(values["port"]),
            username=values["user"],
            password=values["password"],
            use_tls=values["security"] == STARTTLS,
            use_ssl=values["security"] == TLS,
            timeout=settings.EMAIL_TIMEOUT,
            fail_silently=False,
        )

    return SmtpMailer(account.code, backend)


def of_sandbox(account: Account) -> Mailer:
    """Return the mailer of the sandbox's mailbox."""
    return SandboxMailer(account.code)
