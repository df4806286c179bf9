"""Settlement: one statement a day, every line once, paid out once, whoever runs it and however often."""

import threading
from datetime import date, timedelta

import pytest
import requests
from django.db import connection

from checkout import services as checkouts
from core import relay, timers
from core.outbox import append
from ledger.queries import balance
from markets.models import Market
from merchants.models import Settlement, SettlementItem
from merchants.queries import find_paid_with, next_payout
from merchants.services import record_item, settle_merchants, update_terms
from payments.events import PayoutsSettled
from payments.gateways.base import Notice
from payments.models import Break, MovementEvent, Payout
from payments.queries import takes_payouts
from payments.services import close_break, receive_event, send_payouts
from payments.services.breaks import BreakDraft, open_breaks
from reports.books import check_books
from tests.api.counting import statements
from tests.owner import tamper
from tests.shops import AT, open_shop
from webhooks.models import MerchantEvent

DAY = timedelta(days=1)


def book(shop, number, kind="capture", gross=10_000, fee=400, at=AT):
    record_item(
        merchant_id=shop.id,
        kind=kind,
        source=f"{kind}_{number}",
        order_ref=f"ord_{number}",
        merchant_reference=f"A-{number}",
        gross_minor=gross,
        fee_minor=fee,
        at=at,
    )


def payable(shop):
    return -balance(kind="merchant_payable", owner=shop.public_id, currency=shop.currency)


def in_transit(shop):
    return -balance(kind="payouts_in_transit", owner=shop.public_id, currency=shop.currency)


def test_a_day_is_settled_once_it_has_ended(db):
    shop = open_shop()
    book(shop, 1)
    assert settle_merchants(at=AT + timedelta(hours=16)) == 0
    assert settle_merchants(at=AT + DAY) == 1
    assert settle_merchants(at=AT + DAY) == 0
    made = Settlement.objects.get()
    assert (made.date, made.sales_minor, made.fees_minor, made.payout_minor, made.closing_minor, made.item_count) == (
        *(date(2026, 11, 22), 10_000, 400, 9_600, 0, 1),
    )
    payout = Payout.objects.get()
    assert (payout.amount_minor, payout.reference, payout.owner, made.payout_id) == (9_600, made.public_id, shop.public_id, payout.id)
    assert in_transit(shop) == 9_600


def test_lines_of_the_next_day_wait(db):
    shop = open_shop()
    book(shop, 1)
    book(shop, 2, at=AT + DAY)
    settle_merchants(at=AT + DAY)
    assert SettlementItem.objects.filter(settlement=None).count() == 1
    assert next_payout(shop).amount_minor == 9_600
    settle_merchants(at=AT + 2 * DAY)
    assert [row.sales_minor for row in Settlement.objects.order_by("date")] == [10_000, 10_000]


def test_a_line_that_came_late_is_in_the_next_statement(db):
    shop = open_shop()
    settle_merchants(at=AT + DAY)
    book(shop, 1, at=AT)
    settle_merchants(at=AT + 2 * DAY)
    assert [(row.date.day, row.item_count, row.payout_minor) for row in Settlement.objects.order_by("date")] == [(22, 0, 0), (23, 1, 9_600)]


def test_a_month_late_makes_a_statement_for_every_day(db):
    shop = open_shop()
    book(shop, 1)
    assert settle_merchants(at=AT + 30 * DAY) == 30
    assert Settlement.objects.filter(item_count=0, payout=None).count() == 29
    assert Payout.objects.count() == 1


def test_a_debt_rolls_over_until_it_is_earned(db):
    shop = open_shop()
    book(shop, 1, kind="refund", gross=-10_000, fee=-400)
    book(shop, 2, gross=5_000, fee=200, at=AT + DAY)
    book(shop, 3, gross=5_000, fee=200, at=AT + 2 * DAY)
    book(shop, 4, gross=1_000, fee=40, at=AT + 3 * DAY)
    settle_merchants(at=AT + 4 * DAY)
    found = Settlement.objects.order_by("date").values_list("opening_minor", "payout_minor", "closing_minor")
    assert list(found) == [(0, 0, -9_600), (-9_600, 0, -4_800), (-4_800, 0, 0), (0, 960, 0)]


def test_days_are_the_markets_own(db):
    danish = open_shop("DK", at=AT.replace(hour=22, minute=30))
    book(danish, 1, at=AT.replace(hour=22, minute=30))
    book(danish, 2, at=AT.replace(hour=23, minute=30))
    assert settle_merchants(at=AT.replace(hour=22, minute=59)) == 0
    assert settle_merchants(at=AT.replace(hour=23, minute=40)) == 1
    assert (Settlement.objects.get().sales_minor, Settlement.objects.get().currency) == (10_000, "DKK")


def test_closed_accounts_are_settled_while_something_is_open(db):
    shop = open_shop()
    book(shop, 1)
    type(shop).objects.filter(id=shop.id).update(active=False)
    assert settle_merchants(at=AT + DAY) == 1
    assert settle_merchants(at=AT + 5 * DAY) == 0


def test_a_payout_that_comes_back_is_owed_again_and_paid_again(db):
    shop = open_shop()
    book(shop, 1)
    settle_merchants(at=AT + DAY)
    payout = Payout.objects.get()
    append(PayoutsSettled(succeeded=[], failed=[payout.id.hex]), at=AT + DAY)
    assert (payable(shop), in_transit(shop), next_payout(shop).amount_minor) == (0, 0, 9_600)
    settle_merchants(at=AT + 2 * DAY)
    second = Settlement.objects.order_by("date").last()
    assert (second.bounced_minor, second.payout_minor, second.closing_minor, in_transit(shop)) == (9_600, 9_600, 0, 9_600)
    assert second.payout_id != payout.id


@pytest.mark.parametrize("early", [True, False], ids=["refused at once", "given back days later"])
@pytest.mark.django_db(transaction=True)
def test_the_books_hold_at_every_step_of_a_payout_that_comes_back(buy, merchant, at, sandbox_world, settings, early):
    """Paid out, given back by the bank, owed again, paid again by the next statement: nothing is lost and `check_books` holds all along."""
    update_terms(merchant=merchant, changes={"payout_destination": "bank_fails" if early else "bank_1"}, actor="test", at=at)
    checkouts.capture_order(order_id=buy(merchant, 10_000).id, merchant=merchant, amount_minor=None, actor="test", at=at)
    timers.run_until_quiet(at=at + DAY)
    payout = Payout.objects.get()
    if not early:
        assert (payout.status, offenders()) == ("succeeded", [])
        control(settings, f"payouts/{payout.gateway_ref}/fail")
        hear(payout, at + DAY)
        payout.refresh_from_db()
    assert (payout.status, payout.failure) == ("failed" if early else "reversed", "account_closed")
    assert (payable(merchant), in_transit(merchant), offenders()) == (9_600, 0, [])
    assert Break.objects.filter(kind="payout_failed", subject=payout.public_id, reference=Settlement.objects.get().public_id).exists()
    update_terms(merchant=merchant, changes={"payout_destination": "bank_2"}, actor="test", at=at)
    for day in (2, 3):
        timers.run_until_quiet(at=at + day * DAY)
        assert (payable(merchant), in_transit(merchant), offenders()) == (0, 0, [])
    assert list(Payout.objects.order_by("id").values_list("amount_minor", "status"))[1:] == [(9_600, "succeeded")]


@pytest.mark.django_db(transaction=True)
def test_nothing_more_is_sent_to_an_account_that_refuses_until_it_is_mended(buy, merchant, at, sandbox_world, settings):
    update_terms(merchant=merchant, changes={"payout_destination": "bank_fails"}, actor="test", at=at)
    checkouts.capture_order(order_id=buy(merchant, 10_000).id, merchant=merchant, amount_minor=None, actor="test", at=at)
    for day in (1, 2, 3):
        timers.run_until_quiet(at=at + day * DAY)
    kept = [(one.payout_minor, one.closing_minor, one.held) for one in Settlement.objects.order_by("date")]
    assert kept == [(9_600, 0, False), (0, 9_600, True), (0, 9_600, True)]
    assert (Payout.objects.count(), payable(merchant), offenders()) == (1, 9_600, [])
    assert list(MovementEvent.objects.values_list("kind", "amount_minor")) == [("bounced", 9_600)]
    update_terms(merchant=merchant, changes={"payout_destination": "bank_2"}, actor="test", at=at)
    timers.run_until_quiet(at=at + 4 * DAY)
    assert list(Payout.objects.order_by("id").values_list("amount_minor", "destination", "status")) == [
        (9_600, "bank_fails", "failed"),
        (9_600, "bank_2", "succeeded"),
    ]
    row = Break.objects.get()
    assert (row.status, row.note) == ("closed", f"Paid with {Payout.objects.order_by('id').last().public_id}")
    assert list(MovementEvent.objects.order_by("id").values_list("kind", flat=True)) == ["bounced", "resent"]
    relay.drain()
    first, last = Settlement.objects.order_by("date").first(), Settlement.objects.order_by("date").last()
    about = {"payout_id": first.payout.public_id, "settlement_id": first.public_id, "currency": "USD", "amount": 9_600}
    heard = [(one.type, one.data) for one in MerchantEvent.objects.filter(type__startswith="payout.").order_by("sequence")]
    assert heard == [("payout.bounced", about), ("payout.resent", about | {"paid_with": last.public_id})]
    assert [find_paid_with(one) for one in (first, last)] == [last, None]
    assert (payable(merchant), in_transit(merchant), offenders()) == (0, 0, [])


@pytest.mark.django_db(transaction=True)
def test_an_account_that_an_operator_has_looked_into_is_paid_again(buy, merchant, at, sandbox_world, settings):
    checkouts.capture_order(order_id=buy(merchant, 10_000).id, merchant=merchant, amount_minor=None, actor="test", at=at)
    timers.run_until_quiet(at=at + DAY)
    payout = Payout.objects.get()
    control(settings, f"payouts/{payout.gateway_ref}/fail")
    hear(payout, at + DAY)
    timers.run_until_quiet(at=at + 2 * DAY)
    assert (Payout.objects.count(), offenders()) == (1, [])
    close_break(break_id=Break.objects.get().id, note="The bank had a bad day", actor="olivia", at=at + 2 * DAY)
    timers.run_until_quiet(at=at + 3 * DAY)
    assert [one.status for one in Payout.objects.order_by("id")] == ["reversed", "succeeded"]
    assert list(MovementEvent.objects.order_by("id").values_list("kind", flat=True)) == ["bounced", "resent"]
    assert (payable(merchant), in_transit(merchant), offenders()) == (0, 0, [])


@pytest.mark.django_db(transaction=True)
def test_a_payout_that_was_under_way_already_pays_nothing_that_came_back_since(buy, merchant, at, sandbox_world, settings):
    for day in (0, 1):
        checkouts.capture_order(order_id=buy(merchant, 10_000).id, merchant=merchant, amount_minor=None, actor="test", at=at + day * DAY)
        settle_merchants(at=at + (day + 1) * DAY)
        if not day:
            send_payouts(at=at + DAY)
    early, late = Payout.objects.order_by("id")
    control(settings, f"payouts/{early.gateway_ref}/fail")
    hear(early, at + 2 * DAY)
    send_payouts(at=at + 2 * DAY)
    late.refresh_from_db()
    assert (late.status, Break.objects.get().status, payable(merchant)) == ("succeeded", "open", 9_600)
    assert list(MovementEvent.objects.values_list("kind", flat=True)) == ["bounced"]


def test_breaks_of_others_cost_a_shop_nothing(db):
    shop, other = open_shop(), open_shop()
    told = {"gateway": "sandbox", "amount_minor": 1, "currency": "USD"}
    rows = [Payout(owner=other.public_id, destination="b", reference=f"set_{n}", created_at=AT, **told) for n in range(300)]
    Payout.objects.bulk_create(rows)
    tamper("UPDATE payments_payout SET status = 'failed'")
    open_breaks(drafts=[BreakDraft(kind="payout_failed", subject=row.public_id, reference=row.reference, **told) for row in rows], at=AT)
    with statements() as seen:
        assert takes_payouts(shop.public_id, "b") is True
    assert len(seen) == 1
    with statements() as seen:
        assert takes_payouts(other.public_id, "b") is False
    assert len(seen) == 2


def offenders():
    return [line for check in check_books() for line in check.offenders]


def control(settings, path, **body):
    key = {"Authorization": f"Bearer {settings.SANDBOX_KEY}"}
    requests.post(f"{settings.SANDBOX_URL}/control/{path}", json=body, headers=key, timeout=30).raise_for_status()


def hear(payout, at):
    """Let the gateway's event of a payout that came back in."""
    notice = Notice(f"msg_{payout.public_id}", "payout.failed", payout.gateway_ref, "payout", payout.public_id)
    receive_event(gateway="sandbox", notice=notice, at=at)


def test_wrong_signs_are_an_alarm(db):
    shop = open_shop()
    for kind, gross in [("capture", -1), ("refund", 1), ("capture", 0)]:
        with pytest.raises(ValueError, match=kind):
            book(shop, 1, kind=kind, gross=gross)
    assert not SettlementItem.objects.exists()


def test_statements_do_not_grow_with_the_lines(db):
    shop = open_shop()
    book(shop, 1)
    with statements() as one:
        settle_merchants(at=AT + DAY)
    for number in range(2, 30):
        book(shop, number, at=AT + DAY)
    with statements() as many:
        settle_merchants(at=AT + 2 * DAY)
    assert len(one) == len(many)


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_settle_once():
    Market.objects.get(code="US")
    shops = [open_shop() for _ in range(3)]
    for shop in shops:
        for number in range(4):
            book(shop, f"{shop.slug}-{number}")
    start, made = threading.Barrier(8), []

    def run():
        try:
            start.wait()
            made.append(settle_merchants(at=AT + 2 * DAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle_merchants(at=AT + 2 * DAY)
    assert len(made) == 8
    assert Settlement.objects.count() == 6
    assert sorted(Payout.objects.values_list("amount_minor", flat=True)) == [38_400] * 3
    assert not SettlementItem.objects.filter(settlement=None).exists()
