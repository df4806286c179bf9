"""The payment providers that an installation can choose from."""

from django.utils.translation import gettext_lazy as _

from core.providers import Capability, Provider, Setting, register
from payments.gateways.minimums import CARDS
from payments.gateways.schemes import SCHEMES
from payments.gateways.stripe_places import COUNTRIES
from payments.gateways.terms import FEES

MONEY = frozenset({Capability.CARDS, Capability.PULLS, Capability.PAYOUTS, Capability.DISPUTES, Capability.REPORTS})


def register_all() -> None:
    """Register the payment providers."""
    register(
        Provider(
            identifier="sandbox",
            name=_("Sandbox card gateway"),
            capabilities=MONEY,
            adapter="payments.gateways.sandbox.SandboxGateway",
            sandbox=True,
            settings=FEES,
        )
    )
    register(
        Provider(
            identifier="stripe",
            name="Stripe",
            capabilities=MONEY,
            adapter="payments.gateways.stripe.StripeGateway",
            countries=COUNTRIES,
            # No charge in a currency whose smallest amount is not known here.
            currencies=frozenset(CARDS),
            fewer={Capability.PULLS: frozenset(SCHEMES)},
            settings=(
                Setting(
                    name="secret_key",
                    label=_("Secret key"),
                    help=_("Begins with sk_ or rk_."),
                    secret=True,
                    form=r"(sk|rk)_\w+",
                    variable="STRIPE_SECRET_KEY",
                ),
                Setting(
                    name="webhook_secret",
                    label=_("Signing secret"),
                    help=_("Of the event destination that leads here; begins with whsec_."),
                    secret=True,
                    form=r"whsec_\S+",
                    variable="STRIPE_WEBHOOK_SECRET",
                ),
                Setting(
                    name="api_base",
                    label=_("Address of the API"),
                    help=_("Stripe's own, but for tests."),
                    required=False,
                    default="https://api.stripe.com",
                    stand_in=True,
                    variable="STRIPE_API_BASE",
                ),
                *FEES,
            ),
        )
    )
