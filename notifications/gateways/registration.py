"""The providers of messages, as an installation registers them."""

from django.utils.translation import gettext_lazy as _

from core.providers import Capability, Provider, Setting, register
from core.twilio_client import SETTINGS

SMS = frozenset({Capability.SMS})


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
