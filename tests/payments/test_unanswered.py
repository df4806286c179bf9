"""A charge, a refund or a payout that its gateway does not answer for a day stands on the work list until it is answered."""

from datetime import timedelta

import pytest
from django.urls import reverse

from core import timers
from core.clock import wall
from core.db import rows
from core.errors import Conflict
from core.ids import public_id, uuid7
from core.money import Money
from payments import services as payments
from payments.gateways.base import RefundRequest
from payments.models import Break, Charge, Dispute, Refund
from payments.silence import movements_silent
from tests.operators import make_operator

pytestmark = pytest.mark.usefixtures("quiet")
DAY = timedelta(days=1)
PLAN, STATEMENT = public_id("pln", uuid7()), public_id("set", uuid7())
STATEMENTS = 13


@pytest.fixture
def paid(scripted, token_card, request_for, at):
    request = request_for(token_card, reference=PLAN)
    payments.open_charges(requests=[request], at=at)
    payments.run_charges(requests=[request], at=at)
    return Charge.objects.get()


def refund_of(charge, at):
    wanted = {"gateway": charge.gateway, "charge_id": charge.id, "charge_ref": charge.gateway_ref, "reference": PLAN}
    return payments.open_refunds(requests=[RefundRequest(**wanted, amount_minor=1_000, currency="USD")], at=at)[0]


@pytest.fixture(params=["charge", "refund", "payout"])
def silent(request, scripted, token_card, request_for, at):
    """Give a movement of each kind whose gateway is down, and the timer that asks for it."""
    paid = request.getfixturevalue("paid") if request.param == "refund" else None
    scripted.deaf = True
    if request.param == "charge":
        asked = request_for(token_card, reference=PLAN)
        payments.open_charges(requests=[asked], at=at)
        payments.run_charges(requests=[asked], at=at)
        return Charge.objects.get(), payments.resolve_charges
    if paid is not None:
        movement = refund_of(paid, at)
        payments.send_refunds(at=at)
        return movement, payments.send_refunds
    movement = payments.open_payout(reference=STATEMENT, owner="mer_1", destination="acct_1", amount=Money(5_000, "USD"), at=at)
    payments.send_payouts(at=at)
    return movement, payments.send_payouts


def is_waiting(at) -> bool:
    return rows(f"SELECT {movements_silent()}", {"at": at, "wall": wall()})[0][0]


def test_it_stands_on_the_work_list_after_a_day_once_and_goes_when_it_is_answered(silent, scripted, at):
    movement, ask = silent
    assert (payments.note_unanswered(at=at + DAY - timedelta(seconds=1)), is_waiting(at + DAY - timedelta(seconds=1))) == (0, False)
    assert is_waiting(at + DAY)
    assert [payments.note_unanswered(at=at + days * DAY) for days in (1, 1, 2)] == [1, 0, 0]
    found = Break.objects.get()
    assert (found.kind, found.subject, found.reference, found.status) == ("unanswered", movement.public_id, movement.reference, "open")
    assert (found.amount_minor, found.opened_at) == (movement.amount_minor, at + DAY)
    with pytest.raises(Conflict) as error:
        payments.close_break(break_id=found.id, note="Seen", actor="somebody", at=at)
    assert error.value.code == "payments.movement_unanswered"
    scripted.deaf = False
    type(movement).objects.filter(id=movement.id).update(claimed_until=wall() - timedelta(seconds=1))
    assert ask(at=at + 2 * DAY) == 1
    assert [payments.note_unanswered(at=at + 2 * DAY) for _ in range(2)] == [1, 0]
    found.refresh_from_db()
    assert (found.status, found.note, found.closed_by, found.closed_at) == ("closed", "It has an answer.", "", at + 2 * DAY)
    assert not is_waiting(at + 2 * DAY)


def test_one_that_nobody_could_ask_for_at_all_is_listed_too(db, scripted, at):
    """Its account is gone: it was written down and never sent."""
    payments.open_payout(reference=STATEMENT, owner="mer_1", destination="acct_1", amount=Money(5_000, "USD"), at=at)
    assert payments.note_unanswered(at=at + DAY) == 1


def test_the_hours_are_a_setting(silent, settings, at):
    settings.UNANSWERED_HOURS = 2
    assert payments.note_unanswered(at=at + timedelta(hours=2)) == 1


def test_a_refund_that_waits_for_a_bank_s_decision_is_none(scripted, paid, at):
    Dispute.objects.create(charge=paid, gateway="sandbox", gateway_ref="dp_1", amount_minor=5_725, currency="USD", opened_at=at)
    refund_of(paid, at)
    assert payments.note_unanswered(at=at + DAY) == 0
    assert Refund.objects.get().status == "pending"


def test_what_stands_there_for_another_reason_stands_there_once(silent, at):
    movement, _ = silent
    about = {"subject": movement.public_id, "reference": movement.reference, "gateway": "sandbox", "currency": "USD"}
    Break.objects.create(kind="answer_differs", amount_minor=movement.amount_minor, opened_at=at, **about)
    assert payments.note_unanswered(at=at + DAY) == 0
    payments.close_break(break_id=Break.objects.get().id, note="Seen", actor="somebody", at=at)
    assert payments.note_unanswered(at=at + DAY) == 1


def test_the_number_of_statements_does_not_grow_with_the_movements(db, scripted, at, django_assert_num_queries):
    def three(start: int) -> None:
        for number in range(start, start + 3):
            payments.open_payout(reference=f"set_{number}", owner="mer_1", destination="acct_1", amount=Money(5_000, "USD"), at=at)

    three(0)
    with django_assert_num_queries(STATEMENTS):
        assert payments.note_unanswered(at=at + DAY) == 3
    three(3)
    with django_assert_num_queries(STATEMENTS + 1):
        assert payments.note_unanswered(at=at + DAY) == 3


def test_the_timer_is_one_of_all(db, scripted, at):
    payments.open_payout(reference=STATEMENT, owner="mer_1", destination="acct_1", amount=Money(5_000, "USD"), at=at)
    scripted.deaf = True
    timers.run_until_quiet(at=at + DAY)
    assert Break.objects.get().kind == "unanswered"


@pytest.mark.parametrize(("language", "says"), [("en", "has not said whether it did"), ("de", "hat nicht gemeldet, ob das geschehen ist")])
def test_its_page_says_what_waits_and_offers_no_closing(silent, client, at, language, says):
    movement, _ = silent
    payments.note_unanswered(at=at + DAY)
    found = Break.objects.get()
    boss = make_operator("ada@kvart.example", may=["view_break", "handle_break"])
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["bnpl_language"] = language
    page = client.get(reverse("admin:payments_break_change", args=[found.pk])).content.decode()
    assert (says in page, movement.public_id in page) == (True, True)
    close = reverse("admin:payments_break_close", args=[found.pk])
    assert f'action="{close}"' not in page
    client.post(close, {"note": "Seen"})
    found.refresh_from_db()
    assert found.status == "open"
    assert str(found.pk) in client.get("/admin/").content.decode() + client.get(reverse("admin:payments_break_changelist")).content.decode()
