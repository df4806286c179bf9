"""The card gateway: setups and their hosted page, authorizations, charges, refunds, payouts, disputes."""

from pathlib import Path

from sandbox import account_page, card_page
from sandbox.accounts import TRIALS, TRIED, spaced
from sandbox.page import Safe, code, fill
from sandbox.world import Company, Persona, World

from . import accounts, authorizations, charges, confirmations, debits, disputes, events, faults, methods, payouts, refunds, setups

API = "/gateway/v1"


def _lines(world: World) -> list[tuple[str, str]]:
    recorded = world.store.one_value("SELECT count(*) FROM charges")
    return [
        ("Card gateway", code(API)),
        ("Charges recorded", f"{recorded:,}"),
        ("Events go", events.destination(world).url or "nowhere: no address is set"),
    ]


def _guide(_world: World) -> str:
    accounts = [
        fill("line", term=spaced(number), text=what) for numbers in TRIALS.values() for number, what in zip(numbers, TRIED, strict=True)
    ]
    return fill("guide_cards", accounts=Safe("\n".join(accounts)))


GATEWAY = Company(
    name="gateway",
    api=(f"{API}/",),
    keyed=(f"{API}/",),
    routes=[
        ("POST", f"{API}/charges", charges.create),
        ("GET", f"{API}/charges", charges.index),
        ("GET", f"{API}/charges/{{id}}", charges.get),
        ("POST", f"{API}/refunds", refunds.create),
        ("GET", f"{API}/refunds", refunds.index),
        ("GET", f"{API}/refunds/{{id}}", refunds.get),
        ("POST", f"{API}/payouts", payouts.create),
        ("GET", f"{API}/payouts", payouts.index),
        ("GET", f"{API}/payouts/{{id}}", payouts.get),
        ("POST", f"{API}/authorizations", authorizations.create),
        ("GET", f"{API}/authorizations", authorizations.index),
        ("GET", f"{API}/authorizations/{{id}}", authorizations.get),
        ("POST", f"{API}/authorizations/{{id}}/release", authorizations.release),
        ("GET", f"{API}/disputes", disputes.index),
        ("GET", f"{API}/disputes/{{id}}", disputes.get),
        ("POST", f"{API}/setups", setups.create),
        ("POST", f"{API}/card_checks", setups.check),
        ("GET", f"{API}/setups/{{id}}", setups.get),
        ("POST", f"{API}/setups/{{id}}/card", setups.give_card),
        ("POST", f"{API}/payment_methods", methods.create),
        ("GET", f"{API}/payment_methods/{{token}}", methods.get),
        ("DELETE", f"{API}/payment_methods/{{token}}", methods.detach),
        ("POST", f"{API}/bank_accounts", accounts.create),
        ("GET", f"{API}/bank_accounts/{{token}}", accounts.get),
        ("DELETE", f"{API}/bank_accounts/{{token}}", accounts.detach),
        ("GET", f"{API}/events", events.listing),
        ("GET", "/control/events", events.show),
        ("POST", "/control/events", events.change),
        ("GET", "/gateway/confirm/{id}", confirmations.ask),
        ("POST", "/gateway/confirm/{id}", confirmations.decide),
        *card_page.ROUTES,
        *account_page.ROUTES,
    ],
    schema=(Path(__file__).parent / "schema.sql").read_text(),
    personas=(
        Persona("card_fails_2nd", "The second payment fails once"),
        Persona("dispute", "The first payment is disputed"),
    ),
    memory=events.remembered,
    events=events.EVENTS,
    due=debits.do_due,
    card_page=setups.CARD_PAGE,
    keep_account=setups.keep_account,
    faults=faults.FAULTS,
    guide=_guide,
    lines=_lines,
)
