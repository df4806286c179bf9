"""Help for who cannot pay: three questions, offers with every date, and what follows."""

from datetime import timedelta

import pytest

from collection import services as collection
from controls import services as controls
from core import clock, relay
from core.clock import local_date
from markets.queries import find_debt_advice
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from notifications.telling import tell
from plans import services as plans
from plans.declaring import AREA, CAUSE, CODES, NAME, OPEN, PLANS, TEXT, UNTIL
from plans.hardship import Answers
from plans.models import Hardship, Installment, ReliefOffer
from plans.rules.budgets import Budget
from tests.operators import make_operator
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)
LONGER = {"reason": "income", "lasts": "longer", "pays": "some"}


@pytest.fixture
def there(bought, client, sign_in):
    """A signed-in person's purchase, and its page of help."""
    order = bought(22_900, charge=True)
    sign_in(client, order.consumer)
    return order, f"/purchases/{order.public_id}/help"


@pytest.fixture
def operator():
    return make_operator("rita@kvart.example", may=["work_case"])


def test_three_questions_lead_to_smaller_payments(there, client):
    order, path = there
    assert path in client.get(f"/purchases/{order.public_id}").content.decode()
    assert "How long will it last?" in text(client.get(path))
    offers = text(client.post(path, LONGER, follow=True))
    assert "You pay 6 payments, the first of $28.63. No more interest is added." in offers
    assert "A pause" in offers
    done = text(client.post(path, {"choose": "smaller"}, follow=True))
    assert "We write to you with the new dates." in done
    assert "Your payments are smaller now" in done
    assert Installment.objects.filter(plan=order.plan_id, status="scheduled").count() == 6
    made = Hardship.objects.get()
    assert (made.kind, made.reason, made.lasts, made.can_pay) == ("smaller", "income", "longer", True)
    relay.drain()
    assert Message.objects.filter(kind="schedule_changed").exists()
    assert "A person helps you with more." in text(client.get(path))


def test_a_question_that_is_left_out_is_named_and_nothing_is_offered(there, client):
    _order, path = there
    page = text(client.post(path, {"reason": "income", "lasts": "longer"}, follow=True))
    assert "Choose one." in page
    assert "Take smaller payments" not in page
    client.post(path, {"choose": "pause"}, follow=True)
    assert not Hardship.objects.exists()


def test_another_persons_purchase_does_not_exist(there, client, bought, sign_in, email):
    _order, path = there
    stranger = bought(8_000)
    sign_in(client, stranger.consumer)
    assert client.get(path).status_code == 404
    assert client.post(path, LONGER).status_code == 404
    assert not Hardship.objects.exists()


def test_free_advice_on_debts_is_named_on_pages_and_in_letters(there, client):
    order, path = there
    advice = find_debt_advice(order.consumer.market_id, clock.now().date())
    for page in ("/help", path):
        shown = text(client.get(page))
        assert advice["name"] in shown
        assert advice["phone"] in shown
    tell(order, "payment_late", "test", {"due_date": "2026-12-06", "numbers": [2]}, clock.now())
    message = Message.objects.get(kind="payment_late", channel="email")
    assert advice["site"] in compose_letter(message, load_named([message])).text
    assert find_debt_advice("FR", clock.now().date()) == {}


def test_what_a_person_at_the_lender_offers_is_accepted_with_a_new_payment_plan(there, client, operator):
    order, path = there
    told = {"kind": "pause", "number": 45, "answers": Answers("life", "unknown", can_pay=False), "note": "", "user": operator}
    collection.relieve(plan_id=order.plan_id, budget=Budget(0, 0, 0, 0, 0), at=clock.now(), **told)
    relay.drain()
    message = Message.objects.get(kind="relief_offered", channel="email")
    assert f"{path}" in compose_letter(message, load_named([message])).text
    assert "A person offers you this." in text(client.get(path))
    assert "not offered any more" in text(client.post(path, {"accept": "rof_other"}, follow=True))
    offer = ReliefOffer.objects.get()
    assert "We write to you with the new dates." in text(client.post(path, {"accept": offer.public_id}, follow=True))
    assert Hardship.objects.get().days == 45
    # As decisions do, though nothing is late.
    for door in ("/limit", "/home"):
        page = text(client.get(door))
        assert "You can spend $0.00" in page
        assert "New purchases wait until the purchase is paid for which you asked for help." in page
    relay.drain()
    message = Message.objects.get(kind="schedule_changed", channel="email")
    paper = f"/purchases/{order.public_id}/documents/new_plan"
    assert f"{paper}.pdf" in compose_letter(message, load_named([message])).text
    assert "Your payments are paused for 45 days." in text(client.get(paper))
    assert client.get(f"{paper}.pdf").content.startswith(b"%PDF")


def test_a_pause_in_a_disaster_area_is_read_and_given_up(there, client, operator):
    order, _path = there
    home = order.consumer.address["postal_code"][:3]
    market = order.plan.product.market
    today = local_date(clock.now(), market.time_zone)
    after = {NAME: "Flooded valley", CAUSE: "flood", CODES: [home], TEXT: "We think of you.", PLANS: 1, OPEN: 1}
    after |= {UNTIL: (today + timedelta(days=30)).isoformat()}
    rita, otto = make_operator("r@kvart.example", may=["propose_refund"]), make_operator("o@kvart.example", may=["approve_refund"])
    starts_on = local_date(clock.now(), market.time_zone)
    told = {"kind": AREA, "subject": market.code, "after": after, "reason": "a flood", "starts_on": starts_on}
    made = controls.propose(**told, user=rita, at=clock.now())
    controls.approve_proposal(proposal_id=made.pk, user=otto, at=clock.now())
    plans.pause_areas(at=clock.now())
    relay.drain()
    message = Message.objects.get(kind="schedule_changed", channel="email")
    letter = compose_letter(message, load_named([message])).text
    assert "Flooded valley: We think of you. Until" in " ".join(letter.split())
    page = text(client.get(f"/purchases/{order.public_id}"))
    assert "Flooded valley: your payments are paused until" in page
    path = f"/purchases/{order.public_id}/pause"
    assert "Go on as before" in text(client.get(path))
    assert "You go on as before" in text(client.post(path, follow=True))
    assert client.get(path).status_code == 404
    relay.drain()
    assert Message.objects.filter(kind="schedule_changed", channel="email").count() == 2
