"""Who tests stolen cards is stopped early; who mistypes, owns the account, or shares the network is not."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from accounts.models import Consumer
from core.errors import TooMany, Unavailable
from core.money import Money
from core.retention import forget_old
from payments import rules
from payments import services as payments
from payments.errors import CardRefused, GatewayUnavailable
from payments.gateways.base import AUTHENTICATION, Notice, Outcome
from payments.models import CardSetup, CardTry, GatewayCustomer, PaymentMethod
from payments.services import Asker
from tests.payments.conftest import person

pytestmark = pytest.mark.usefixtures("quiet")
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DECLINED, GOOD, ATTACHES = "4000000000000002", "4242424242424242", "4000000000000341"
HOME = Asker("203.0.113.7", "browser-1")


def minutes(*ago):
    return [AT - timedelta(minutes=one) for one in ago]


@pytest.mark.parametrize(
    ("declined", "wait_s"),
    [
        (rules.Declined(), 0),
        (rules.Declined(account=minutes(1, 2, 3, 4)), 0),
        (rules.Declined(account=minutes(1, 2, 3, 4, 50)), 600),
        (rules.Declined(account=minutes(1, 2, 3, 4, 60)), 0),
        (rules.Declined(account=minutes(1, 2, 300, 300, 300, 300, 300, 300, 300, 1380)), 3600),
        (rules.Declined(device=minutes(*range(1, 10), 30)), 1800),
        (rules.Declined(account=minutes(1), network_an_hour=99), 0),
        (rules.Declined(account=minutes(1, 2), network_an_hour=20), 3480),
        (rules.Declined(account=minutes(1), network_an_hour=100), 3540),
        (rules.Declined(network_an_hour=10_000), 0),
    ],
)
def test_how_long_somebody_waits(declined, wait_s):
    assert rules.wait_for_card(declined, AT) == wait_s


def declines(consumer, count, at=AT, asker=HOME, number=DECLINED):
    """Try so many cards; return what became of each."""
    found = []
    for _ in range(count):
        try:
            payments.add_card(consumer=consumer, number=number, at=at, asker=asker)
            found.append("kept")
        except (CardRefused, TooMany) as error:
            found.append("limited" if isinstance(error, TooMany) else "declined")
    return found


def test_forty_declined_cards_stop_after_five(consumer, sandbox_world):
    assert declines(consumer, 40) == ["declined"] * 5 + ["limited"] * 35
    with pytest.raises(TooMany) as error:
        payments.start_card_setup(consumer=consumer, return_path="/x", currency="USD", at=AT, asker=HOME)
    assert error.value.retry_after_s == 3600
    assert error.value.detail == "Too many cards were declined. Try again in 60 minutes."
    assert (CardTry.objects.count(), CardSetup.objects.count(), PaymentMethod.objects.count()) == (5, 0, 0)


def test_an_honest_person_who_mistypes_twice_is_unharmed(consumer, sandbox_world):
    assert declines(consumer, 2) == ["declined", "declined"]
    assert payments.add_card(consumer=consumer, number=GOOD, at=AT, asker=HOME).last4 == "4242"
    assert CardTry.objects.count() == 2


def test_after_the_wait_it_works_and_a_day_has_ten(consumer, sandbox_world):
    declines(consumer, 5)
    later = AT + timedelta(minutes=61)
    assert declines(consumer, 6, at=later) == ["declined"] * 5 + ["limited"]
    assert declines(consumer, 1, at=later + timedelta(hours=2)) == ["limited"]
    assert declines(consumer, 1, at=AT + timedelta(hours=25), number=GOOD) == ["kept"]


def test_another_browser_or_network_does_not_help_the_same_account(consumer, sandbox_world):
    results = [declines(consumer, 1, asker=Asker(f"203.0.113.{n}", f"browser-{n}"))[0] for n in range(8)]
    assert results == ["declined"] * 5 + ["limited"] * 3


def test_other_people_on_the_same_network_still_have_a_card_taken(consumer, stranger_consumer, sandbox_world):
    declines(consumer, 40)
    assert declines(stranger_consumer, 1, asker=Asker(HOME.network, "browser-2"), number=GOOD) == ["kept"]
    for n in range(30):
        CardTry.objects.create(consumer=consumer, key=f"k{n}", network_hash=HOME.network_hash, device_hash="x", at=AT)
    third = person("third@people.example")
    assert declines(third, 4, asker=Asker(HOME.network, "browser-3")) == ["declined", "declined", "limited", "limited"]
    assert declines(person("fourth@people.example"), 1, asker=Asker(HOME.network, "browser-4"), number=GOOD) == ["kept"]


def test_one_browser_with_many_accounts_is_stopped_at_ten(sandbox_world, db):
    people = [person(f"p{n}@people.example") for n in range(6)]
    results = [declines(one, 3, asker=Asker(f"203.0.113.{n}", "browser-1")) for n, one in enumerate(people)]
    assert [one for found in results for one in found] == ["declined"] * 10 + ["limited"] * 8


def test_somebody_who_gave_the_owners_details_elsewhere_does_not_lock_the_owner_out(consumer, sandbox_world):
    """Two accounts of one person count together only where they ask from the same place."""
    double = person("double@people.example")
    Consumer.objects.filter(id=double.id).update(person=consumer)
    double.refresh_from_db()
    assert declines(double, 6, asker=Asker("198.51.100.1", "far-away"))[-1] == "limited"
    assert declines(consumer, 1, number=GOOD) == ["kept"]
    assert declines(consumer, 1, asker=Asker("198.51.100.2", "far-away")) == ["limited"]


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_are_no_more_than_five(consumer, sandbox_world, at_once):
    results = at_once(20, lambda _number: declines(consumer, 2))
    flat = [one for found in results for one in found]
    assert (flat.count("declined"), flat.count("limited")) == (5, 35)


def test_a_gateway_that_is_down_costs_no_try(consumer, sandbox_world, chaos):
    chaos(fail_rate=1)
    for _ in range(7):
        with pytest.raises((GatewayUnavailable, Unavailable)):
            payments.add_card(consumer=consumer, number=GOOD, at=AT, asker=HOME)
    chaos()
    assert CardTry.objects.count() == 0
    assert declines(consumer, 1, number=GOOD) == ["kept"]


def test_declined_first_payments_count_and_a_card_that_has_paid_always_may(consumer, sandbox_world):
    good = payments.add_card(consumer=consumer, number=GOOD, at=AT)
    hold = {"consumer": consumer, "amount": Money(5_725, "USD"), "at": AT, "asker": HOME}
    assert payments.authorize(method=good, reference="chk_tried_0", **hold).status == "succeeded"
    assert CardTry.objects.count() == 0
    bad = payments.add_card(consumer=consumer, number=ATTACHES, at=AT)
    assert [payments.authorize(method=bad, reference="chk_tried_1", **hold).status for _ in range(5)] == ["failed"] * 5
    with pytest.raises(TooMany):
        payments.authorize(method=bad, reference="chk_tried_1", **hold)
    assert payments.authorize(method=good, reference="chk_tried_2", **hold).status == "succeeded"
    assert declines(consumer, 1) == ["limited"]


def test_a_bank_that_wants_to_be_asked_is_no_decline(consumer, scripted, token_card, monkeypatch):
    monkeypatch.setattr(scripted, "authorize", lambda request: Outcome("failed", "a_1", AUTHENTICATION))
    payments.authorize(consumer=consumer, method=token_card, amount=Money(100, "USD"), reference="chk_tried_1", at=AT, asker=HOME)
    assert CardTry.objects.count() == 0


def visit(consumer, at=AT, asker=HOME):
    payments.start_card_setup(consumer=consumer, return_path="/x", currency="USD", at=at, asker=asker)
    return CardSetup.objects.latest("id")


def test_visits_without_a_card_are_limited_and_those_with_one_are_not(consumer, sandbox_world):
    for _ in range(10):
        visit(consumer)
    with pytest.raises(TooMany) as error:
        visit(consumer)
    assert error.value.retry_after_s == 3600
    assert visit(consumer, at=AT + timedelta(minutes=61)).consumer == consumer


def page_of(settings, setup, number):
    form = {"number": number, "expiry": "12/34", "cvc": "123", "postal_code": "10001"}
    return requests.post(f"{settings.SANDBOX_URL}/gateway/cards/{setup.gateway_ref}", data=form, timeout=30, allow_redirects=False)


def test_the_gateways_page_takes_five_declined_cards_and_sends_the_person_back(consumer, sandbox_world, settings):
    setup = visit(consumer)
    answers = [page_of(settings, setup, DECLINED) for _ in range(5)]
    assert [answer.status_code for answer in answers[:4]] == [402] * 4
    assert answers[4].status_code in {302, 303}
    assert "status=canceled" in answers[4].headers["Location"]
    assert page_of(settings, setup, GOOD).headers["Location"] == answers[4].headers["Location"]
    assert payments.finish_setup(setup_id=setup.gateway_ref, consumer=consumer, at=AT) is None


@pytest.mark.parametrize("named_by", ["visit", "customer"])
def test_what_was_declined_on_the_gateways_page_counts_for_who_went_there(consumer, sandbox_world, named_by):
    setup = visit(consumer)
    GatewayCustomer.objects.create(consumer=consumer, gateway="sandbox", ref="cus_1", email_hash="x", created_at=AT)
    about = {"reference": setup.gateway_ref} if named_by == "visit" else {"reference": "seti_x", "key": "cus_1"}
    for number in (1, 2, 3, 4, 5, 5, 4):
        notice = Notice(event_id=f"msg_{number}", kind="setup.failed", about="setup", **about)
        payments.receive_event(gateway="sandbox", notice=notice, at=AT)
    rows = CardTry.objects.values_list("consumer", "network_hash", "device_hash")
    assert list(rows) == [(consumer.id, HOME.network_hash, HOME.device_hash)] * 5
    with pytest.raises(TooMany):
        visit(consumer)


def test_an_event_that_a_bank_refused_a_card_is_kept_and_counts_once_beside_other_events(consumer, scripted, token_card):
    about = {"consumer": consumer, "gateway": "sandbox", "return_path": "/x", "created_at": AT}
    CardSetup.objects.create(**about, gateway_ref="cs_1")
    check = CardSetup.objects.create(**about, gateway_ref="seti_1", checks=token_card, reference="chk_1")
    GatewayCustomer.objects.create(consumer=consumer, gateway="sandbox", ref="cus_1", email_hash="x", created_at=AT)
    for event, named in (("a", "seti_1"), ("b", "seti_1"), ("c", "seti_of_a_page"), ("d", "seti_of_a_page")):
        notice = Notice(event_id=event, kind="setup.failed", about="setup", reference=named, key="cus_1")
        payments.receive_event(gateway="sandbox", notice=notice, at=AT)
    assert list(CardTry.objects.order_by("id").values_list("key", flat=True)) == ["sandbox:seti_1", "sandbox:c", "sandbox:d"]
    found = payments.find_card_check(method=token_card, reference="chk_1", at=AT)
    assert (found.state, found.ref, CardSetup.objects.get(pk=check.pk).answer) == ("refused", "seti_1", "refused")


def test_an_event_about_nobodys_visit_counts_for_nobody(consumer, sandbox_world):
    visit(consumer, at=AT - timedelta(days=2))
    notice = Notice(event_id="msg_1", kind="setup.failed", reference=CardSetup.objects.get().gateway_ref, about="setup")
    payments.receive_event(gateway="sandbox", notice=notice, at=AT)
    assert CardTry.objects.count() == 0


def test_what_is_kept_says_nothing_of_the_card_and_is_kept_for_a_month(consumer, sandbox_world, caplog):
    declines(consumer, 6)
    row = CardTry.objects.latest("id")
    words = " ".join(str(value) for value in vars(row).values()) + caplog.text
    for secret in (DECLINED, "0002", HOME.network, HOME.device, consumer.email):
        assert secret not in words.replace(str(consumer.id), "")
    assert f"cards.limited consumer={consumer.public_id}" in caplog.text
    assert (forget_old(at=AT + timedelta(days=30)), CardTry.objects.count()) == (0, 5)
    assert (forget_old(at=AT + timedelta(days=30, seconds=1)), CardTry.objects.count()) == (5, 0)
