"""Faults planted at the gateways and in the ledger: `check_books` finds each and says what it is, and finds nothing where there is none."""

import re
import tracemalloc
from datetime import timedelta

import pytest
import requests

from checkout import services as checkouts
from core import timers
from core.providers import get_account
from ledger import services as ledger
from merchants.services import update_terms
from payments import gateways
from payments.gateways.base import ALWAYS, ReportedCharge
from payments.gateways.stripe import StripeGateway
from payments.models import Break, Charge, Payout, Refund
from reports.books import check_books
from tests import owner, stripe_account
from tests.payments.conftest import ScriptedGateway
from tests.reported import report_charges

pytestmark = pytest.mark.django_db(transaction=True)


def offenders(**how):
    return [line for check in check_books(**how) for line in check.offenders]


@pytest.fixture
def live(buy, merchant, at):
    """Give a function that sells, charges, refunds what was paid to the card, and pays the shop out."""

    def make(**how):
        order = buy(merchant, 22_900, **how)
        checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
        timers.run_until_quiet(at=at)
        checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=20_000, reason="", actor="test", at=at)
        timers.run_until_quiet(at=at + timedelta(days=1))
        charge = Charge.objects.get(reference=order.plan.public_id)
        return order, charge, Refund.objects.get(charge=charge), Payout.objects.order_by("-id").first()

    return make


@pytest.fixture
def control(settings):
    """Give a function that orders something of the sandbox world."""

    def do(path, **body):
        key = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
        answer = requests.post(f"{settings.SANDBOX_URL}/control/{path}", json=body, headers=key, timeout=30)
        answer.raise_for_status()
        return answer.json()

    return do


@pytest.fixture
def ask(settings):
    """Give a function that has the sandbox's gateway do something that the platform did not ask for."""

    def do(path, key, **body):
        headers = {"Authorization": f"Bearer {settings.SANDBOX_KEY}", "Idempotency-Key": key}
        answer = requests.post(f"{settings.SANDBOX_URL}/gateway/v1/{path}", json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()["id"]

    return do


def test_honest_books_of_a_whole_life_hold(live):
    live()
    assert offenders() == []


def test_a_refund_that_the_gateway_made_by_itself(live, ask):
    _, charge, *_ = live()
    ref = ask("refunds", "dashboard-1", charge=charge.gateway_ref, amount=300, reference="by hand")
    assert offenders() == [f"refund dashboard-1: the gateway gave back 300 USD ({ref}), we know nothing of it"]


def test_a_smaller_refund(live, control):
    *_, refund, _ = live()
    control(f"refunds/{refund.gateway_ref}/alter", amount=refund.amount_minor - 1)
    said = f"we say succeeded {refund.amount_minor} USD"
    assert offenders() == [f"refund {refund.public_id}: the gateway says succeeded {refund.amount_minor - 1} USD, {said}"]


def test_a_refund_that_the_gateway_does_not_know(live):
    *_, refund, _ = live()
    tamper("UPDATE payments_refund SET id = gen_random_uuid()")
    lines = offenders()
    unknown = Refund.objects.get()
    assert f"refund {unknown.public_id}: we say {refund.amount_minor} USD, the gateway knows nothing of it" in lines
    gave_back = f"the gateway gave back {refund.amount_minor} USD ({refund.gateway_ref}), we know nothing of it"
    assert f"refund {refund.public_id}: {gave_back}" in lines
    assert f"refund {unknown.public_id}: {refund.amount_minor} USD was given back, the ledger knows nothing of it" in lines


def test_a_refund_that_came_back_and_nobody_told_us(live, control):
    *_, refund, _ = live()
    control(f"refunds/{refund.gateway_ref}/alter", status="failed")
    amount = refund.amount_minor
    assert offenders() == [f"refund {refund.public_id}: the gateway says failed {amount} USD, we say succeeded {amount} USD"]


@pytest.mark.parametrize(("change", "says"), [({"amount": -1}, "succeeded {less} USD"), ({"status": "failed"}, "failed {all} USD")])
def test_a_payout_that_is_smaller_or_failed(live, control, change, says):
    *_, payout = live()
    planted = {"amount": payout.amount_minor + change["amount"]} if "amount" in change else change
    control(f"payouts/{payout.gateway_ref}/alter", **planted)
    told = says.format(less=payout.amount_minor - 1, all=payout.amount_minor)
    assert offenders() == [f"payout {payout.public_id}: the gateway says {told}, we say succeeded {payout.amount_minor} USD"]


def test_a_payout_of_ours_that_is_off_by_one(live):
    *_, payout = live()
    tamper("UPDATE payments_payout SET amount_minor = amount_minor + 1")
    name, much = payout.public_id, payout.amount_minor
    assert offenders() == [
        f"settlement {payout.reference}: pays {much} USD, its payout is of {much + 1} USD",
        f"payout {name}: {much + 1} USD was paid out at sandbox, the ledger says {much} USD at sandbox",
        f"payout {name}: the gateway says succeeded {much} USD, we say succeeded {much + 1} USD",
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [({"amount": 5_724}, "succeeded 5724 USD"), ({"currency": "DKK"}, "succeeded 5725 DKK"), ({"status": "failed"}, "failed 5725 USD")],
)
def test_a_charge_that_the_gateway_has_otherwise(live, control, change, says):
    _, charge, *_ = live()
    control(f"charges/{charge.gateway_ref}/alter", **change)
    assert offenders() == [f"charge {charge.public_id}: the gateway says {says}, we say succeeded 5725 USD"]


def test_a_charge_of_the_gateway_s_own(live, ask):
    order, *_ = live()
    body = {"amount": 100, "currency": "USD", "payment_method": order.plan.payment_method.token, "reference": "by hand"}
    ref = ask("charges", "dashboard-2", **body)
    assert offenders() == [f"charge dashboard-2: the gateway took 100 USD ({ref}), we know nothing of it"]


def test_a_checkpoint_that_is_off_by_a_hundred(live, monkeypatch, at, merchant):
    live()
    monkeypatch.setattr(ledger, "FOLD_LINES", 1)
    assert ledger.fold_balances(at=at) > 0
    assert offenders() == []
    tamper(f"""
        UPDATE ledger_checkpoint SET balance_minor = balance_minor + 100
        WHERE account_id = (SELECT id FROM ledger_account WHERE kind = 'merchant_payable' AND owner = '{merchant.public_id}')""")
    (line,) = offenders()
    assert re.fullmatch(
        rf"checkpoint of merchant_payable {merchant.public_id}: says (-?\d+) USD, its lines sum to (-?\d+), off by 100", line
    ), line


def test_what_is_owed_to_cards_and_on_its_way(live, merchant):
    _, _, refund, payout = live()
    tamper("UPDATE payments_refund SET status = 'failed'")
    tamper("UPDATE payments_payout SET status = 'pending'")
    lines = offenders()
    assert f"plan {refund.reference}: ledger 0 USD, records {refund.amount_minor} USD, off by {-refund.amount_minor}" in lines
    assert f"merchant {merchant.public_id}: ledger 0 USD, records {payout.amount_minor} USD, off by {-payout.amount_minor}" in lines
    taken = f"charge {Charge.objects.get().public_id}: says {refund.amount_minor} of it went back, its refunds 0"
    assert taken in lines


def test_more_drawn_from_a_hold_than_was_held(live):
    live()
    tamper("UPDATE payments_authorization SET amount_minor = 5724 WHERE amount_minor = 5725")
    (line,) = offenders()
    assert line.endswith(": 5724 USD was held, 5725 was drawn")


def test_a_movement_that_settles_while_the_books_are_checked_is_no_offender(live, monkeypatch):
    """The gateways report first, the snapshot of the database is taken then: what settled in between is asked for again."""
    live()
    from payments.gateways.sandbox import SandboxGateway

    for report in ("report_charges", "report_refunds", "report_payouts"):
        monkeypatch.setattr(SandboxGateway, report, lambda self, *, reference="", period=ALWAYS: iter(()))
    assert offenders() == []


def test_every_gateway_with_money_is_asked_and_each_judges_its_own(live, settings, sandbox_world, merchant, at, control):
    """A consumer's older plan is at the sandbox's gateway, a newer one at Stripe: both are compared, each with its own report."""
    live()
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables(sandbox_world)
    settings.GATEWAY = "stripe"
    gateways.forget()
    api = StripeGateway(get_account("stripe"))._api
    update_terms(merchant=merchant, changes={"payout_destination": api.accounts.create({}).id}, actor="test", at=at)
    _, charge, refund, _ = live(email="ben+approve@people.example", merchant_reference="R-2")
    timers.run_until_quiet(at=at + timedelta(days=2))
    assert {row.gateway for row in Charge.objects.all()} == {"sandbox", "stripe"}
    checks = check_books()
    assert [line for check in checks for line in check.offenders] == []
    names = {f"{name}: the gateway's {kind}s = ours" for name in ("sandbox", "stripe") for kind in ("charge", "refund", "payout")}
    assert names <= {check.name for check in checks}
    own = api.refunds.create({"payment_intent": charge.gateway_ref, "amount": 1})
    payout = Payout.objects.get(gateway="stripe", status="succeeded")
    api.transfers.reversals.create(payout.gateway_ref, {"amount": 1})
    control(f"refunds/{refund.gateway_ref}/alter", amount=refund.amount_minor - 1)
    much, less = refund.amount_minor, refund.amount_minor - 1
    assert offenders() == [
        f"refund {own.id}: the gateway gave back 1 USD ({own.id}), we know nothing of it",
        f"refund {refund.public_id}: the gateway says succeeded {less} USD, we say succeeded {much} USD",
        f"payout {payout.public_id}: the gateway says succeeded {payout.amount_minor - 1} USD, we say succeeded {payout.amount_minor} USD",
    ]
    gateways.forget()


def test_a_gateway_that_does_not_answer_is_named(live, settings):
    live()
    settings.SANDBOX_URL = "http://127.0.0.1:9"
    gateways.forget()
    assert offenders() == ["gateway sandbox: nothing of it was compared: The card service does not answer. Try again in a moment."]
    gateways.forget()


def test_since_a_day_only_that_day_s_report_is_read(live, ask, at, control):
    _, charge, *_ = live()
    ask("refunds", "dashboard-3", charge=charge.gateway_ref, amount=300, reference="by hand")
    assert len(offenders()) == 1
    assert offenders(since=next(report_charges()).at + timedelta(days=1)) == []


COUNT = 30_000
MANY = """
    INSERT INTO payments_charge (id, gateway, payment_method_id, reference, amount_minor, currency, actor, status, gateway_ref, failure,
        action_url, tries, refunded_minor, created_at)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'sandbox', %s, 'pln_x', 100, 'USD', '', 'succeeded', '', '', '',
        1, 0, %s FROM generate_series(1, %s) AS n"""


def test_memory_does_not_grow_with_the_charges(live, at):
    """So many charges take the same memory as few: nothing of a report and none of our rows is held."""
    order, *_ = live()
    from uuid import UUID

    from core.ids import public_id

    count = 0

    class ManyCharges(ScriptedGateway):
        def report_charges(self, *, reference="", period=ALWAYS):
            keys = (public_id("chg", UUID(f"00000000-0000-7000-8000-{n:012x}")) for n in range(1, count + 1))
            own = {"reference": "pln_x", "amount_minor": 100, "currency": "USD", "status": "succeeded", "at": at, "refunded_minor": 0}
            return (ReportedCharge(ref=key, key=key, **own) for key in keys) if period.since is None else iter(())

        def report_refunds(self, *, period=ALWAYS):
            return iter(())

    peaks = {}
    gateways.use("sandbox", ManyCharges())
    for count in (2_000, COUNT):
        tamper("DELETE FROM payments_charge WHERE reference = 'pln_x'", some=False)
        owner.tamper(MANY, [order.plan.payment_method_id, at, count])
        # As the server itself does a minute later: without it the plan may be that of an empty table.
        owner.tamper("ANALYZE payments_charge")
        tracemalloc.start()
        checks = check_books()
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        (examined,) = [check.examined for check in checks if check.name == "sandbox: the gateway's charges = ours"]
        assert examined == count
    gateways.forget()
    assert peaks[COUNT] < peaks[2_000] * 1.5


def tamper(sql, some=True):
    touched = owner.tamper(sql)
    assert touched or not some


def hear(about, row, good=False):
    from payments import services as payments
    from payments.gateways.base import Notice

    notice = Notice(event_id=f"msg_{about}", kind=f"{about}.news", reference=row.gateway_ref, about=about, key=row.public_id, good=good)
    payments.receive_event(gateway="sandbox", notice=notice, at=row.created_at + timedelta(days=2))


def test_what_came_back_is_no_offender_and_neither_is_what_is_sent_again(live, control, at):
    """A payout and a refund bounce days later, the refund is sent again and the next statement pays the shop: the books hold all along."""
    from payments import services as payments

    _, _, refund, payout = live()
    for about, row in (("payouts", payout), ("refunds", refund)):
        control(f"{about}/{row.gateway_ref}/fail")
        hear(about.removesuffix("s"), row)
        row.refresh_from_db()
        assert (row.status, offenders()) == ("reversed", [])
    payments.resend_refund(refund_id=refund.id, actor="olivia", at=at + timedelta(days=3))
    looked_into = Break.objects.get(subject=payout.public_id).id
    payments.close_break(break_id=looked_into, note="The account takes payouts again", actor="olivia", at=at + timedelta(days=3))
    assert offenders() == []
    timers.run_until_quiet(at=at + timedelta(days=10))
    assert Refund.objects.filter(status="succeeded", replaces=refund).count() == 1
    assert Payout.objects.filter(status="succeeded").exclude(id=payout.id).exists()
    assert offenders() == []


def test_a_payout_and_a_refund_that_fail_at_once_are_no_offenders(live, merchant, at):
    update_terms(merchant=merchant, changes={"payout_destination": "bank_fails"}, actor="test", at=at)
    *_, payout = live()
    assert (payout.status, offenders()) == ("failed", [])


def test_a_disputed_charge_is_no_offender(live, control, at):
    from payments import services as payments

    _, charge, *_ = live()
    ref = control(f"charges/{charge.gateway_ref}/dispute")["id"]
    for outcome in ("open", "lost"):
        if outcome == "lost":
            control(f"disputes/{ref}/close", outcome=outcome)
        assert payments.take_dispute(gateway="sandbox", ref=ref, at=at + timedelta(days=2)).status == outcome
        assert offenders() == []


def test_a_refund_that_came_back_at_the_gateway_and_was_done_there_after_all(live, control):
    *_, refund, _ = live()
    control(f"refunds/{refund.gateway_ref}/fail")
    hear("refund", refund)
    control(f"refunds/{refund.gateway_ref}/alter", status="succeeded")
    amount = refund.amount_minor
    assert offenders() == [f"refund {refund.public_id}: the gateway says succeeded {amount} USD, we say reversed {amount} USD"]
