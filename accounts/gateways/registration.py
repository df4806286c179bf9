"""The companies that check identities, registered for the installation to choose from."""

from django.utils.translation import gettext_lazy as _

from accounts.gateways.screening import AFTERWARDS, TERMS
from core.provider_terms import budget_setting
from core.providers import Capability, Provider, Setting, register
from core.twilio_client import SETTINGS

CODES, IDENTITY = frozenset({Capability.CODES}), frozenset({Capability.IDENTITY})
SCREENING = frozenset({Capability.SCREENING})


def register_all() -> None:
    """Register the providers."""
    register(
        Provider(
            identifier="sandbox-codes",
            name=_("Sandbox one-time codes"),
            capabilities=CODES,
            adapter="accounts.gateways.codes_twilio.of_sandbox",
            sandbox=True,
        )
    )
    register(
        Provider(
            identifier="twilio-codes",
            name="Twilio Verify",
            capabilities=CODES,
            adapter="accounts.gateways.codes_twilio.of_account",
            settings=(
                *SETTINGS,
                Setting(
                    name="service",
                    label=_("Verify service"),
                    help=_("Begins with VA."),
                    form=r"VA[0-9a-fA-F]{32}",
                    variable="TWILIO_VERIFY_SERVICE",
                ),
            ),
        )
    )
    register(
        Provider(
            identifier="sandbox-identity",
            name=_("Sandbox identity checks"),
            capabilities=IDENTITY,
            adapter="accounts.gateways.identity_http.of_sandbox",
            sandbox=True,
        )
    )
    register(
        Provider(
            identifier="http-identity",
            name=_("Identity checks over HTTP"),
            capabilities=IDENTITY,
            adapter="accounts.gateways.identity_http.of_account",
            countries_variable="IDENTITY_COUNTRIES",
            settings=(
                Setting(
                    name="url", label=_("Address"), help=_("Where its API begins; https."), form=r"https?://\S+", variable="IDENTITY_URL"
                ),
                Setting(name="key", label=_("Key"), help=_("Sent as a bearer token."), secret=True, variable="IDENTITY_KEY"),
            ),
        )
    )
    _register_screening()


def _register_screening() -> None:
    register(
        Provider(
            identifier="sandbox-screening",
            name=_("Sandbox lists of sanctions and exposed persons"),
            capabilities=SCREENING,
            adapter="accounts.gateways.screening.of_sandbox",
            sandbox=True,
            settings=TERMS,
        )
    )
    register(
        Provider(
            identifier="http-screening",
            name=_("Screening against lists over HTTP"),
            capabilities=SCREENING,
            adapter="accounts.gateways.screening.of_account",
            settings=(
                Setting(name="url", label=_("Address"), help=_("Where its API begins; https."), form=r"https?://\S+"),
                Setting(name="key", label=_("Key"), help=_("Sent as a bearer token."), secret=True),
                *TERMS,
            ),
        )
    )
    register(
        Provider(
            identifier="own-lists",
            name=_("Published lists of sanctions, compared here"),
            capabilities=SCREENING,
            adapter="accounts.gateways.own_lists.OwnLists",
            settings=(budget_setting(AFTERWARDS, default=""),),
        )
    )
