"""Refunds, payouts, disputes and statements as operators read them."""

import ast
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Look
from accounts.services import get_or_create_consumer
from checkout import services as checkouts
from core.ids import public_id, uuid7
from core.moments import day_words
from ledger.models import Entry
from ledger.texts import ACCOUNTS, ENTRIES
from markets.models import ExchangeRate
from markets.services import load_rates
from merchants.models import Settlement, SettlementItem
from merchants.services import record_item, settle_merchants, suspend_merchant
from payments import services as payments
from payments.gateways.base import Outcome, done
from payments.models import Authorization, Break, CardTry, Charge, Dispute, GatewayEvent, Refund
from payments.queries import load_payouts
from payments.services.payouts import record_payouts
from payments.texts import failure_text
from tests.api.counting import count_but_the_clock
from tests.collection.test_disputes import bank, hear, sold
from tests.collection.test_payments_taken_back import fail, hear_of
from tests.operators import make_operator
from tests.owner import unguarded
from tests.shops import AT, open_shop

__all__ = ["bank", "sold"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MONEY = (
    "view_refund",
    "view_payout",
    "view_dispute",
    "view_settlement",
    "view_charge",
    "view_break",
    "view_order",
    "view_plan",
    "view_entry",
)


@pytest.fixture
def fred(client):
    """A browser of somebody in finance, who may not see people."""
    client.force_login(make_operator("fred@kvart.example", name="Fred Finance", may=MONEY))
    return client


def page(row) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def text(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    told = answer.content.decode()
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", told[told.index('<div class="desk') :])))


def links(answer) -> set[str]:
    return set(re.findall(r'href="([^"]+)"', answer.content.decode()))


@pytest.fixture
def refund(sold, merchant, at):
    """A refund of 10.00 that has reached the card."""
    checkouts.refund_order(order_id=sold.id, merchant=merchant, amount_minor=18_175, reason="Broken shade", actor="key:test", at=at)
    payments.send_refunds(at=at)
    return Refund.objects.get()


@pytest.fixture
def statement(db):
    """A statement of 96.00 with one line, which was paid out."""
    shop = open_shop()
    book(shop, 1)
    settle_merchants(at=AT + DAY)
    return Settlement.objects.select_related("payout", "merchant").get(merchant=shop)


def book(shop, number, kind="capture", gross=10_000, fee=400, at=AT):
    about = {"source": f"{kind}_{number}", "order_ref": public_id("ord", shop.pk), "merchant_reference": f"LAMP-{number}"}
    record_item(merchant_id=shop.id, kind=kind, **about, gross_minor=gross, fee_minor=fee, at=at)


def answered(payout, at, failure=""):
    (request,) = load_payouts([payout.pk])
    record_payouts([(request, Outcome("failed", failure=failure) if failure else done(request, "bank_77"))], at)
    payout.refresh_from_db()


def test_a_refund_says_what_it_pays_back_and_where_it_is(sold, refund, fred):
    answer = fred.get(page(refund))
    told = text(answer)
    for said in (
        "$10.00",
        "Succeeded",
        "gave it back to Visa",
        "The shop, by the API refunded $181.75",
        "Money back to a person",
        "Order R-1",
    ):
        assert said in told, said
    assert sold.consumer.name not in told
    assert ("Broken shade" in told, sold.consumer.public_id in told, Look.objects.count()) == (False, True, 0)
    charge = Charge.objects.get(reference=sold.plan.public_id)
    entry = Entry.objects.get(kind="card_refund")
    wanted = {page(charge), page(sold), page(sold.plan), page(sold.merchant), page(sold.consumer), page(entry)}
    assert wanted <= links(answer)


def test_who_may_see_people_reads_the_name_and_the_reason_and_is_kept(sold, refund, client):
    client.force_login(make_operator("lea@kvart.example", may=[*MONEY, "view_person"]))
    told = text(client.get(page(refund)))
    assert (sold.consumer.name in told, "Broken shade" in told) == (True, True)
    assert list(Look.objects.values_list("page", "consumer")) == [("refund", sold.consumer_id)]


def test_a_refund_that_came_back_says_so_and_what_happens_next(sold, refund, fred, settings, at):
    fail(refund, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(refund, at + DAY, about="refund")
    answer = fred.get(page(refund))
    told = text(answer)
    for said in (
        "came back from there days later",
        "expired or canceled card",
        "is asked where it shall go",
        "Came back from the card's bank",
    ):
        assert said in told, said
    assert page(Break.objects.get()) in links(answer)
    again = payments.resend_refund(refund_id=refund.pk, actor="olivia", at=at + DAY)
    assert page(again) in links(fred.get(page(refund)))
    second = fred.get(page(again))
    assert ("in place of a refund that did not arrive" in text(second), page(refund) in links(second)) == (True, True)
    assert "It was sent again." in text(fred.get(page(refund)))


def test_a_transfer_by_hand_names_who_did_which_step(sold, refund, fred, settings, at):
    fail(refund, settings, "expired_or_canceled_card", kind="refunds")
    hear_of(refund, at + DAY, about="refund")
    olga, oscar = make_operator("olga@kvart.example", name="Olga B"), make_operator("oscar@kvart.example", name="Oscar C")
    transfer = payments.want_transfer(refund_id=refund.pk, holder="Ann", account="DK50 0040", actor=str(olga.pk), at=at + DAY)
    payments.send_transfer(transfer_id=transfer.pk, bank_reference="Nordea-9", actor=str(olga.pk), at=at + DAY)
    told = text(fred.get(page(refund)))
    assert all(said in told for said in ("Account written down", "Olga B", "Paid at the bank", "Nordea-9", "being paid to a bank account"))
    assert "0040" not in told
    payments.confirm_transfer(transfer_id=transfer.pk, actor=str(oscar.pk), at=at + DAY)
    told = text(fred.get(page(refund)))
    for entry in Entry.objects.filter(kind__in=["transfer", "transfer_confirmed", "card_refund_reversal"]):
        assert page(refund) in links(fred.get(page(entry))), entry.kind
    assert page(sold.plan) in links(fred.get(page(Entry.objects.get(kind="transfer"))))
    seen = text(fred.get(page(Break.objects.get())))
    assert ("It was paid in another way." in seen, "The person is owed it" in seen) == (True, False)
    assert ("Oscar C" in told, "paid to a bank account by hand instead" in told, "Bank transfer that arrived" in told) == (True, True, True)


def test_a_payout_says_where_it_goes_and_which_statement_it_pays(statement, fred):
    payout = statement.payout
    assert "goes to the shop's bank within minutes" in text(fred.get(page(payout)))
    answered(payout, AT + DAY)
    answer = fred.get(page(payout))
    told = text(answer)
    for said in (
        "$96.00",
        "Succeeded",
        "It arrives by Nov 25, 2026",
        "Payout to a shop",
        "Settlement with a shop",
        "Nobody has to look into it",
    ):
        assert said in told, said
    assert {page(statement), page(statement.merchant)} <= links(answer)
    assert not re.search(r"_minor|\{|\bNone(?!\.)", told)


def test_a_payout_that_came_back_says_what_pays_it(statement, fred):
    payout = statement.payout
    answered(payout, AT + DAY, failure="account_closed")
    told = text(fred.get(page(payout)))
    for said in ("The shop's bank did not take it.", "account closed", "The next statement pays it", "Came back from the shop's bank"):
        assert said in told, said
    assert "The payout came back" in text(fred.get(page(statement)))
    payments.close_break(break_id=Break.objects.get().pk, note="Fixed", actor="olivia", at=AT + DAY)
    settle_merchants(at=AT + 2 * DAY)
    later = Settlement.objects.order_by("date").last()
    answered(later.payout, AT + 2 * DAY)
    answer = fred.get(page(payout))
    assert ("The payout of a later statement paid it." in text(answer), page(later) in links(answer)) == (True, True)
    assert page(later) in links(fred.get(page(statement)))
    line = fred.get(page(later))
    assert ("Payout that came back" in text(line), page(payout) in links(line)) == (True, True)


def test_a_statement_adds_up_line_by_line(statement, fred):
    answer = fred.get(page(statement))
    told = text(answer)
    for said in (
        "$96.00",
        "Pending",
        "on its way to the shop's bank",
        "Captured",
        "LAMP-1",
        "$100.00",
        "-$4.00",
        "Balance after",
        "$0.00",
        "1 line",
    ):
        assert said in told, said
    assert {page(statement.payout), page(statement.merchant)} <= links(answer)
    assert not re.search(r"_minor|\{|\bNone(?!\.)|capture_1", told)


def test_a_statement_that_waits_says_why(db, fred):
    shop = open_shop()
    book(shop, 1)
    suspend_merchant(merchant_id=shop.pk, reason="Complaints", actor="olivia", at=AT)
    settle_merchants(at=AT + DAY)
    told = text(fred.get(page(Settlement.objects.get())))
    assert ("Payout waits" in told, "The shop is suspended." in told, "$96.00" in told) == (True, True, True)


def test_many_lines_come_a_page_at_a_time(db, fred):
    shop = open_shop()
    for number in range(52):
        book(shop, number, gross=100 + number, fee=0)
    settle_merchants(at=AT + DAY)
    row = Settlement.objects.get()
    first = fred.get(page(row))
    assert ("LAMP-51" in text(first), "LAMP-1 " in text(first), "52 lines" in text(first)) == (True, False, True)
    (older,) = [one for one in links(first) if "?after=" in one]
    assert all(said in text(fred.get(older)) for said in ("LAMP-1 ", "LAMP-0 ", "Newest lines"))
    assert "Nothing was captured" in text(fred.get(f"{page(row)}?after=nonsense"))


def test_a_dispute_says_what_the_bank_does_and_leads_on(sold, bank, fred, at):
    charge = Charge.objects.get(reference=sold.plan.public_id, status="succeeded")
    hear(bank(charge), at)
    row = Dispute.objects.get()
    answer = fred.get(page(row))
    told = text(answer)
    for said in (
        "$57.25",
        "Product not received",
        "has taken it back for now",
        "Answer at the gateway",
        "Taken back by the bank",
        "Fee of the gateway",
    ):
        assert said in told, said
    assert {page(charge), page(sold), page(sold.plan), page(Break.objects.get())} <= links(answer)
    assert (sold.consumer.name in told, Look.objects.count()) == (False, 0)


def test_pages_take_the_same_queries_however_much_there_is(sold, refund, bank, statement, fred, at):
    charge = Charge.objects.get(reference=sold.plan.public_id, status="succeeded")
    hear(bank(charge), at)
    rows = [refund, statement.payout, statement, Dispute.objects.get()]

    def counts():
        found = []
        for row in rows:
            with CaptureQueriesContext(connection) as asked:
                assert fred.get(page(row)).status_code == 200
            found.append(count_but_the_clock(asked))
        return found

    counts()
    before = counts()
    for row in rows:
        if not isinstance(row, Settlement):
            for number in range(3):
                about = {"gateway": row.gateway, "kind": "refund.succeeded", "reference": row.public_id, "received_at": at}
                GatewayEvent.objects.create(event_id=f"{row.public_id}{number}", **about)
                facts = {"reference": "x", "gateway": "g", "amount_minor": 1, "currency": "USD", "opened_at": at}
                Break.objects.create(kind="unanswered", number=number, subject=row.public_id, **facts)
    for number in range(3):
        SettlementItem.objects.create(
            merchant=statement.merchant,
            kind="capture",
            source=f"cap_{number}",
            order_ref="",
            gross_minor=1,
            fee_minor=0,
            settlement=statement,
            at=at,
        )
    assert counts() == before


def test_who_has_no_right_to_a_page_sees_none(refund, statement, client):
    client.force_login(make_operator("kim@kvart.example", may=["view_order", "view_person"]))
    assert {client.get(page(row)).status_code for row in (refund, statement, statement.payout)} == {403}


def test_every_kind_of_entry_and_account_that_is_posted_has_words():
    entries, accounts = set(), set()
    for name in ("postings", "turns"):
        for node in ast.walk(ast.parse(Path(f"ledger/{name}.py").read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") in {"Draft", "_transfer", "_loss"}
                and isinstance(node.args[0], ast.Constant)
            ):
                entries.add(node.args[0].value)
            if isinstance(node, ast.Tuple) and len(node.elts) in {2, 3} and isinstance(node.elts[0], ast.Constant):
                accounts.add(node.elts[0].value)
    assert len(entries) > 20
    assert entries <= ENTRIES.keys()
    assert accounts <= ACCOUNTS.keys()


def decline(order, at, key="", **where):
    return CardTry.objects.create(consumer=order.consumer, key=key or f"card:{uuid7()}", at=at, **where)


def refused_hold(order, at):
    about = {"gateway": "sandbox", "payment_method": order.plan.payment_method, "reference": order.checkout.public_id}
    with unguarded():
        return Authorization.objects.create(
            **about, amount_minor=5_725, currency="USD", status="failed", failure="insufficient_funds", created_at=at
        )


def test_a_declined_card_says_what_it_was_for_and_what_else_was_declined(sold, client, at):
    hold, browser = refused_hold(sold, at), {"device_hash": "d" * 64}
    tried = decline(sold, at, f"hold:{hold.pk}", **browser)
    near, far = (decline(sold, at + later, **browser) for later in (DAY / 2, 2 * DAY))
    other = get_or_create_consumer(channel="email", destination="o@x.example", market=sold.consumer.market, at=at)
    CardTry.objects.create(consumer=other, key="card:other", at=at, **browser)
    client.force_login(make_operator("vera@kvart.example", may=["view_cardtry", "view_authorization"]))
    with CaptureQueriesContext(connection) as few:
        answer = client.get(page(tried))
    said = text(answer)
    for told in ("$57.25", "first payment of a purchase", "Visa", "From the same browser", sold.consumer.public_id):
        assert told in said, told
    assert failure_text(hold.failure, "card") in said
    for hidden in (sold.consumer.name, "insufficient_funds", str(hold.pk), "{"):
        assert hidden not in said, hidden
    assert Look.objects.count() == 0
    assert {page(hold), page(near), page(sold.consumer), page(other)} <= links(answer)
    # Of the same account, and twice from the same browser.
    assert (said.count("A new card"), said.count(other.public_id)) == (3, 1)
    assert page(far) not in links(answer)
    for number in range(12):
        decline(sold, at + timedelta(minutes=number), **browser)
    with CaptureQueriesContext(connection) as many:
        client.get(page(tried))
    assert count_but_the_clock(many) == count_but_the_clock(few)
    assert "when it was to be kept" in text(client.get(page(near)))
    assert client.get(page(near).replace(str(near.pk), "x")).status_code == 404
    client.force_login(make_operator("lea@kvart.example", may=["view_cardtry", "view_person"]))
    assert sold.consumer.name in text(client.get(page(tried)))
    assert list(Look.objects.values_list("page", "consumer")) == [("person", sold.consumer_id)]


def test_an_exchange_rate_is_read_as_money_of_its_days(client):
    load_rates()
    first = ExchangeRate.objects.get(currency="DKK")
    with unguarded():
        later = ExchangeRate.objects.create(currency="DKK", date=first.date + DAY, per_euro_e8=746_125_000, source="the bank")
    client.force_login(make_operator("vera@kvart.example", may=["view_exchangerate"]))
    said = text(client.get(page(later)))
    assert ("DKK 7.46125" in said, "the bank" in said, "746125000" in said, "No newer rate yet" in said) == (True, True, False, True)
    before = client.get(page(first))
    assert (day_words(later.date) in text(before), page(later) in links(before)) == (True, True)
    listed = client.get(reverse("admin:markets_exchangerate_changelist")).content.decode()
    assert ("DKK\xa07.46125" in listed or "DKK 7.46125" in listed, "746125000" in listed) == (True, False)


def test_the_lines_of_a_statement_are_a_file_as_the_shop_gets_it(statement, fred, client):
    address = reverse("admin:merchants_settlement_lines", args=[statement.pk])
    assert address in links(fred.get(page(statement)))
    answer = fred.get(address)
    assert answer["Content-Disposition"] == f'attachment; filename="settlement-{statement.date}.csv"'
    head, line = answer.content.decode("utf-8-sig").splitlines()
    assert head.startswith('"settlement","date","type","order"')
    assert (line.startswith(f'"{statement.public_id}"'), line.endswith('"USD",100.00,-4.00,96.00'), '"LAMP-1"' in line) == (True,) * 3
    assert fred.get(address.replace(str(statement.pk), str(uuid7()))).status_code == 404
    client.force_login(make_operator("lea@kvart.example", may=["view_refund"]))
    assert client.get(address).status_code == 403
