"""The providers of messages, registered for the installation to choose from."""

from django.utils.translation import gettext_lazy as _

from core.providers import Capability, Provider, Setting, register
from core.twilio_client import SETTINGS
from notifications.gateways.mail import PLAIN, STARTTLS, TLS

SMS, MAIL = frozenset({Capability.SMS}), frozenset({Capability.MAIL})
SECURITY = (
    (STARTTLS, _("STARTTLS, as on port 587")),
    (TLS, _("TLS from the first byte, as on port 465")),
    (PLAIN, _("None, without a password only")),
)
SERVER = (
    Setting(name="host", label=_("Server"), help=_("Its name."), form=r"[A-Za-z0-9.:-]+", receives=True, variable="MAIL_HOST"),
    Setting(name="port", label=_("Port"), help=_("A number."), default="587", form=r"[1-9]\d{0,4}", receives=True, variable="MAIL_PORT"),
    Setting(name="security", label=_("Encryption"), default=STARTTLS, choices=SECURITY, receives=True, variable="MAIL_SECURITY"),
    Setting(name="user", label=_("User"), required=False, variable="MAIL_USER"),
    Setting(name="password", label=_("Password"), secret=True, required=False, variable="MAIL_PASSWORD"),
)
"""What every account on a mail server needs to know."""


def register_all() -> None:
    """Register the providers."""
    register(
        Provider(
            identifier="sandbox-sms",
            name=_("Sandbox text messages"),
            capabilities=SMS,
            adapter="notifications.gateways.sms.of_sandbox",
            sandbox=True,
        )
    )
    register(
        Provider(
            identifier="twilio-sms",
            name="Twilio Messaging",
            capabilities=SMS,
            adapter="notifications.gateways.sms.of_account",
            settings=(*SETTINGS, Setting(name="sender", label=_("Sender"), help=_("A number or a name."), variable="TWILIO_FROM")),
        )
    )
    register(
        Provider(
            identifier="sandbox-mail",
            name=_("Sandbox mailbox"),
            capabilities=MAIL,
            adapter="notifications.gateways.mail.of_sandbox",
            sandbox=True,
        )
    )
    register(
        Provider(
            identifier="smtp",
            name=_("Mail server"),
            capabilities=MAIL,
            adapter="notifications.gateways.mail.of_account",
            settings=SERVER,
        )
    )
