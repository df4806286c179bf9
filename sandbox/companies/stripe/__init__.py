"""Stripe's protocol, as far as the real SDK and the real adapter use it; to them it behaves like Stripe."""

from pathlib import Path

from sandbox.page import code
from sandbox.world import Company, Route

from . import accounts, debits, faults, hosted, intents, money, people, setup, treasury, webhooks
from .protocol import Endpoint, endpoint

ENDPOINTS: list[tuple[str, str, Endpoint]] = [
    ("POST", "customers", people.create_customer),
    ("GET", "customers", people.list_customers),
    ("GET", "customers/search", people.search_customers),
    ("GET", "customers/{id}", people.get_customer),
    ("POST", "customers/{id}", people.update_customer),
    ("DELETE", "customers/{id}", people.delete_customer),
    ("GET", "customers/{id}/payment_methods", people.list_methods),
    ("POST", "payment_methods", people.create_method),
    ("GET", "payment_methods", people.list_methods),
    ("GET", "payment_methods/{id}", people.get_method),
    ("POST", "payment_methods/{id}", people.update_method),
    ("POST", "payment_methods/{id}/attach", people.attach_method),
    ("POST", "payment_methods/{id}/detach", people.detach_method),
    ("POST", "setup_intents", setup.create),
    ("GET", "setup_intents", setup.index),
    ("GET", "setup_intents/{id}", setup.get),
    ("POST", "setup_intents/{id}/confirm", setup.confirm),
    ("POST", "setup_intents/{id}/cancel", setup.cancel),
    ("GET", "mandates/{id}", accounts.get_mandate),
    ("POST", "checkout/sessions", setup.create_session),
    ("GET", "checkout/sessions", setup.list_sessions),
    ("GET", "checkout/sessions/{id}", setup.get_session),
    ("POST", "checkout/sessions/{id}/expire", setup.expire_session),
    ("POST", "payment_intents", intents.create),
    ("GET", "payment_intents", intents.index),
    ("GET", "payment_intents/{id}", intents.get),
    ("POST", "payment_intents/{id}", intents.update),
    ("POST", "payment_intents/{id}/confirm", intents.confirm),
    ("POST", "payment_intents/{id}/capture", intents.capture),
    ("POST", "payment_intents/{id}/cancel", intents.cancel),
    ("GET", "charges", money.list_charges),
    ("GET", "charges/{id}", money.get_charge),
    ("POST", "refunds", money.create_refund),
    ("GET", "refunds", money.list_refunds),
    ("GET", "refunds/{id}", money.get_refund),
    ("GET", "disputes", money.list_disputes),
    ("GET", "disputes/{id}", money.get_dispute),
    ("POST", "disputes/{id}", money.update_dispute),
    ("POST", "disputes/{id}/close", money.close_dispute),
    ("GET", "balance", treasury.balance),
    ("GET", "balance_transactions", treasury.list_transactions),
    ("GET", "balance_transactions/{id}", treasury.get_transaction),
    ("POST", "accounts", treasury.create_account),
    ("GET", "accounts/{id}", treasury.get_account),
    ("POST", "transfers", treasury.create_transfer),
    ("GET", "transfers", treasury.list_transfers),
    ("GET", "transfers/{id}", treasury.get_transfer),
    ("POST", "transfers/{id}/reversals", treasury.reverse_transfer),
    ("POST", "payouts", treasury.create_payout),
    ("GET", "payouts", treasury.list_payouts),
    ("GET", "payouts/{id}", treasury.get_payout),
    ("GET", "events", webhooks.list_events),
    ("GET", "events/{id}", webhooks.get_event),
    ("POST", "webhook_endpoints", webhooks.create),
    ("GET", "webhook_endpoints", webhooks.index),
    ("GET", "webhook_endpoints/{id}", webhooks.get),
    ("DELETE", "webhook_endpoints/{id}", webhooks.delete),
]


def _routes() -> list[Route]:
    """All addresses, below `/stripe/v1` and below `/v1`."""
    api = [(method, f"{base}/{path}", endpoint(run)) for base in ("/stripe/v1", "/v1") for method, path, run in ENDPOINTS]
    pages = [("GET", "/stripe/confirm/{id}", hosted.ask), ("POST", "/stripe/confirm/{id}", hosted.decide)]
    return [*api, *pages, ("POST", "/control/stripe/forget_keys", faults.forget_keys)]


STRIPE = Company(
    name="stripe",
    api=("/stripe/", "/v1/"),
    routes=_routes(),
    schema=(Path(__file__).parent / "schema.sql").read_text(),
    memory=webhooks.remembered,
    reset=webhooks.forget,
    events=webhooks.EVENTS,
    card_page=hosted.CARD_PAGE,
    keep_account=hosted.keep_account,
    due=debits.do_due,
    faults=faults.FAULTS,
    lines=lambda _world: [("Stripe's protocol", code("/stripe/v1"))],
)
