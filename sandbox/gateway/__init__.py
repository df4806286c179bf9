"""The card gateway: setups and their hosted page, authorizations, charges, refunds, payouts, disputes."""

from . import authorizations, card_page, charges, disputes, methods, payouts, refunds, setups
from .card_page import Route


def routes() -> list[Route]:
    """All addresses of the gateway."""
    api = "/gateway/v1"
    return [
        ("POST", f"{api}/charges", charges.create),
        ("GET", f"{api}/charges", charges.index),
        ("GET", f"{api}/charges/{{id}}", charges.get),
        ("POST", f"{api}/refunds", refunds.create),
        ("GET", f"{api}/refunds", refunds.index),
        ("GET", f"{api}/refunds/{{id}}", refunds.get),
        ("POST", f"{api}/payouts", payouts.create),
        ("GET", f"{api}/payouts", payouts.index),
        ("GET", f"{api}/payouts/{{id}}", payouts.get),
        ("POST", f"{api}/authorizations", authorizations.create),
        ("GET", f"{api}/authorizations", authorizations.index),
        ("GET", f"{api}/authorizations/{{id}}", authorizations.get),
        ("POST", f"{api}/authorizations/{{id}}/release", authorizations.release),
        ("GET", f"{api}/disputes", disputes.index),
        ("GET", f"{api}/disputes/{{id}}", disputes.get),
        ("POST", f"{api}/setups", setups.create),
        ("GET", f"{api}/setups/{{id}}", setups.get),
        ("POST", f"{api}/setups/{{id}}/card", setups.give_card),
        ("POST", f"{api}/payment_methods", methods.create),
        ("GET", f"{api}/payment_methods/{{token}}", methods.get),
        ("DELETE", f"{api}/payment_methods/{{token}}", methods.detach),
        *card_page.ROUTES,
    ]
