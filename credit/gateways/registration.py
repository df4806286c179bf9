"""The credit bureaus that an installation can choose from."""

from django.utils.translation import gettext_lazy as _

from core.providers import Capability, Provider, Setting, register
from credit.gateways import equifax, experian, transunion
from credit.gateways.terms import TERMS

BUREAU = frozenset({Capability.BUREAU})
AGENCIES = (
    ("experian", "Experian", experian.SETTINGS),
    ("equifax", "Equifax", equifax.SETTINGS),
    ("transunion", "TransUnion", transunion.SETTINGS),
)
"""The agencies of the United States, each with the settings of an account."""


def register_all() -> None:
    """Register the credit bureaus."""
    register(
        Provider(
            identifier="sandbox-bureau",
            name=_("Sandbox credit bureau"),
            capabilities=BUREAU,
            adapter="credit.gateways.bureau_http.of_sandbox",
            sandbox=True,
            settings=TERMS,
        )
    )
    register(
        Provider(
            identifier="http-bureau",
            name=_("Credit bureau over HTTP"),
            capabilities=BUREAU,
            adapter="credit.gateways.bureau_http.of_account",
            countries_variable="BUREAU_COUNTRIES",
            settings=(
                Setting(
                    name="url", label=_("Address"), help=_("Where its API begins; https."), form=r"https?://\S+", variable="BUREAU_URL"
                ),
                Setting(name="key", label=_("Key"), help=_("Sent as a bearer token."), secret=True, variable="BUREAU_KEY"),
                Setting(name="name", label=_("Name"), help=_("As a notice of refusal names it."), variable="BUREAU_NAME"),
                Setting(
                    name="address", label=_("Address of the company"), help=_("As a notice of refusal gives it."), variable="BUREAU_ADDRESS"
                ),
                Setting(name="phone", label=_("Phone"), help=_("As a notice of refusal gives it."), variable="BUREAU_PHONE"),
                Setting(name="lowest_score", label=_("Lowest score"), form="[0-9]{1,4}", default="300", variable="BUREAU_LOWEST_SCORE"),
                Setting(name="highest_score", label=_("Highest score"), form="[0-9]{1,4}", default="850", variable="BUREAU_HIGHEST_SCORE"),
                *TERMS,
            ),
        )
    )
    for identifier, name, settings in AGENCIES:
        register(
            Provider(
                identifier=identifier,
                name=name,
                capabilities=BUREAU,
                adapter=f"credit.gateways.{identifier}.of_account",
                countries=frozenset({"US"}),
                currencies=frozenset({"USD"}),
                settings=settings,
            )
        )
