"""The companies that carry messages to people, as an installation knows them."""

from core.providers import Capability, Provider, Setting, register
from core.twilio_client import SETTINGS

SMS = frozenset({Capability.SMS})


def register_all() -> None:
    """Make them known."""
    register(
        Provider(
            identifier="sandbox-sms",
            name="Sandbox text messages",
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
            settings=(*SETTINGS, Setting(name="sender", label="Sender", help="A number or a name.", variable="TWILIO_FROM")),
        )
    )
