"""The credit bureaus and providers of open banking that an installation can choose from."""

from django.utils.translation import gettext_lazy as _

from core.providers import Capability, Provider, Setting, register
from core.sentences import Text
from credit.gateways import equifax, experian, transunion
from credit.gateways.terms import BANK_TERMS, TERMS

BUREAU, BANKS = frozenset({Capability.BUREAU}), frozenset({Capability.OPEN_BANKING})
REGISTERS = frozenset({Capability.REGISTER})
PLAID_COUNTRIES = frozenset(["BE", "CA", "DE", "DK", "EE", "ES", "FR", "GB", "IE", "IT", "LT", "LV", "NL", "NO", "PL", "PT", "SE", "US"])
TINK_COUNTRIES = frozenset(["AT", "BE", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "IE", "IT", "LT", "LV", "NL", "NO", "PL", "PT", "SE"])
AGENCIES = (
    ("experian", "Experian", experian.SETTINGS),
    ("equifax", "Equifax", equifax.SETTINGS),
    ("transunion", "TransUnion", transunion.SETTINGS),
)
"""The agencies of the United States, each with the settings of an account."""


def register_all() -> None:
    """Register the credit bureaus, who asks registers of payment remarks, and the providers of open banking."""
    _register_banks()
    _register_registers()
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
                stand_ins={"api_base": f"/{identifier}"},
            )
        )


def _register_registers() -> None:
    register(
        Provider(
            identifier="sandbox-registers",
            name=_("Sandbox registers of payment remarks"),
            capabilities=REGISTERS,
            adapter="credit.gateways.registers.of_sandbox",
            sandbox=True,
            settings=TERMS,
        )
    )
    register(
        Provider(
            identifier="http-registers",
            name=_("Registers of payment remarks over HTTP"),
            capabilities=REGISTERS,
            adapter="credit.gateways.registers.of_account",
            settings=(
                Setting(name="url", label=_("Address"), help=_("Where its API begins; https."), form=r"https?://\S+"),
                Setting(name="key", label=_("Key"), help=_("Sent as a bearer token."), secret=True),
                Setting(
                    name="registers",
                    label=_("Registers"),
                    help=_("The codes of the registers that it asks, as the market's settings name them, with blanks between."),
                    form="[a-z0-9_]{1,20}( [a-z0-9_]{1,20})*",
                ),
                *TERMS,
            ),
        )
    )


def _register_banks() -> None:
    shown = Setting(name="shown_name", label=_("Name"), help=_("As people read it at their bank."), form=r"[^\x00-\x1f]{1,30}")
    client = Setting(name="client_id", label=_("Client ID"), form=r"[!-~]{1,120}")
    secret = Setting(name="secret", label=_("Secret"), form=r"[!-~]{1,200}", secret=True)

    def address(name: str, label: Text, default: str) -> Setting:
        return Setting(name=name, label=label, form=r"https?://\S+", default=default, stand_in=True)

    sandbox = "credit.gateways.plaid.of_sandbox"
    register(
        Provider(identifier="sandbox-bank", name=_("Sandbox bank"), capabilities=BANKS, adapter=sandbox, sandbox=True, settings=BANK_TERMS)
    )
    register(
        Provider(
            identifier="plaid",
            name="Plaid",
            capabilities=BANKS,
            adapter="credit.gateways.plaid.of_account",
            countries=PLAID_COUNTRIES,
            settings=(shown, client, secret, address("url", _("Address"), "https://production.plaid.com"), *BANK_TERMS),
            stand_ins={"url": "/plaid"},
        )
    )
    register(
        Provider(
            identifier="tink",
            name="Tink",
            capabilities=BANKS,
            adapter="credit.gateways.tink.of_account",
            countries=TINK_COUNTRIES,
            settings=(
                client,
                secret,
                address("url", _("Address"), "https://api.tink.com"),
                address("link_url", _("Address of its page"), "https://link.tink.com"),
                *BANK_TERMS,
            ),
            stand_ins={"url": "/tink"},
            stand_in_pages={"link_url": "/tink/link"},
        )
    )
