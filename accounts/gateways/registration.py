"""The companies that check identities, registered for the installation to choose from."""

from django.utils.translation import gettext_lazy as _

from accounts.gateways.screening import AFTERWARDS, TERMS
from core.provider_terms import budget_setting
from core.providers import Capability, Provider, Setting, register
from core.sentences import Text
from core.twilio_client import SETTINGS

CODES, IDENTITY = frozenset({Capability.CODES}), frozenset({Capability.IDENTITY})
SCREENING = frozenset({Capability.SCREENING})
PICTURES = frozenset({Capability.PICTURES})
SIGN_IN = frozenset({Capability.SIGN_IN})


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
    _register_pictures()
    _register_screening()
    _register_logins()


def _register_pictures() -> None:
    register(
        Provider(
            identifier="sandbox-pictures",
            name=_("Sandbox checks of documents"),
            capabilities=PICTURES,
            adapter="accounts.gateways.onfido.of_sandbox",
            sandbox=True,
        )
    )
    register(
        Provider(
            identifier="onfido",
            name="Onfido",
            capabilities=PICTURES,
            adapter="accounts.gateways.onfido.of_account",
            settings=(
                Setting(name="token", label=_("API token"), secret=True),
                _stand_in("url", _("Address"), "https://api.eu.onfido.com"),
            ),
            stand_ins={"url": "/onfido"},
        )
    )


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


def _register_logins() -> None:
    client = Setting(name="client", label=_("Client id"), help=_("What the company calls this product."))
    secret = Setting(name="secret", label=_("Client secret"), secret=True)
    for company, name, adapter in (
        ("google", "Google", "accounts.gateways.logins.sandbox_google"),
        ("apple", "Apple", "accounts.gateways.logins.sandbox_apple"),
        ("facebook", "Facebook", "accounts.gateways.logins.sandbox_facebook"),
    ):
        register(Provider(identifier=f"sandbox-{company}", name=name, capabilities=SIGN_IN, adapter=adapter, sandbox=True))
    register(
        Provider(
            identifier="google",
            name="Google",
            capabilities=SIGN_IN,
            adapter="accounts.gateways.logins.google",
            settings=(client, secret, _issuer("https://accounts.google.com")),
            stand_ins={"issuer": "/openid/google"},
        )
    )
    register(
        Provider(
            identifier="apple",
            name="Apple",
            capabilities=SIGN_IN,
            adapter="accounts.gateways.logins.apple",
            settings=(
                client,
                Setting(name="team", label=_("Team id"), form=r"[A-Z0-9]{10}"),
                Setting(name="key_id", label=_("Key id"), form=r"[A-Z0-9]{10}"),
                Setting(
                    name="key",
                    label=_("Private key"),
                    help=_("The text of the file that ends in .p8."),
                    secret=True,
                ),
                _issuer("https://appleid.apple.com"),
            ),
            stand_ins={"issuer": "/openid/apple"},
        )
    )
    register(
        Provider(
            identifier="facebook",
            name="Facebook",
            capabilities=SIGN_IN,
            adapter="accounts.gateways.logins.facebook",
            settings=(
                client,
                secret,
                Setting(
                    name="pages",
                    label=_("Address of its pages"),
                    default="https://www.facebook.com/v23.0",
                    form=r"https?://\S+",
                    stand_in=True,
                ),
                Setting(
                    name="graph",
                    label=_("Address of its API"),
                    default="https://graph.facebook.com/v23.0",
                    form=r"https?://\S+",
                    stand_in=True,
                ),
            ),
            stand_ins={"pages": "/openid/facebook", "graph": "/openid/facebook"},
        )
    )


def _issuer(default: str) -> Setting:
    return _stand_in("issuer", _("Issuer"), default)


def _stand_in(name: str, label: Text, default: str) -> Setting:
    return Setting(name=name, label=label, default=default, form=r"https?://\S+", stand_in=True)
