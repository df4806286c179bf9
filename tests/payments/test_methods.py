"""Cards: given on the gateway's page, kept as tokens, in their consumer's order."""

import pytest
import requests
from django.db import IntegrityError

from core.errors import Invalid, NotFound
from payments import gateways, queries
from payments import services as payments
from payments.gateways.base import Cards
from payments.models import CardSetup, GatewayCustomer, PaymentMethod
from portals.cards import card_note, card_title
from tests import stripe_account


def visit(consumer, at, path="/home?tab=cards"):
    url = payments.start_card_setup(consumer=consumer, return_path=path, currency="USD", at=at)
    return url, CardSetup.objects.order_by("-id").first()


def give_card(settings, setup, number="4242424242424242"):
    requests.post(
        f"{settings.SANDBOX_URL}/gateway/v1/setups/{setup.gateway_ref}/card",
        json={"number": number},
        headers={"Authorization": f"Bearer {settings.SANDBOX_KEY}"},
        timeout=30,
    )


def test_a_card_comes_back_from_the_page_as_a_token(consumer, sandbox_world, settings, at):
    url, setup = visit(consumer, at)
    assert url.startswith(f"{settings.SANDBOX_URL}/gateway/cards/")
    assert payments.finish_setup(setup_id=setup.gateway_ref, consumer=consumer, at=at) is None
    give_card(settings, setup)
    method = payments.finish_setup(setup_id=setup.gateway_ref, consumer=consumer, at=at)
    assert (method.shown["brand"], method.last4, method.position, method.gateway) == ("visa", "4242", 0, "sandbox")
    assert payments.finish_setup(setup_id=setup.gateway_ref, consumer=consumer, at=at) == method
    assert PaymentMethod.objects.count() == 1
    assert "4242424242424242" not in str(list(PaymentMethod.objects.values()))


def test_somebody_elses_visit_does_not_exist(consumer, stranger_consumer, sandbox_world, settings, at):
    _, setup = visit(consumer, at)
    give_card(settings, setup)
    with pytest.raises(NotFound):
        payments.finish_setup(setup_id=setup.gateway_ref, consumer=stranger_consumer, at=at)
    with pytest.raises(NotFound):
        payments.finish_setup(setup_id="seti_nothing", consumer=consumer, at=at)
    assert PaymentMethod.objects.count() == 0


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example", "", "home"])
def test_the_way_back_leads_to_this_site_only(consumer, sandbox_world, at, path):
    with pytest.raises(Invalid) as error:
        visit(consumer, at, path)
    assert set(error.value.fields) == {"return_path"}
    assert CardSetup.objects.count() == 0


def test_the_newest_card_is_first_and_another_can_be_made_so(consumer, sandbox_world, at):
    numbers = ("4242424242424242", "5555555555554444", "378282246310005")
    first, second, third = (payments.add_card(consumer=consumer, number=number, at=at) for number in numbers)
    assert [method.last4 for method in queries.list_methods(consumer)] == ["0005", "4444", "4242"]
    payments.make_default(consumer=consumer, method=first)
    assert [method.last4 for method in queries.list_methods(consumer)] == ["4242", "0005", "4444"]
    payments.remove_method(consumer=consumer, method=first, at=at)
    payments.remove_method(consumer=consumer, method=first, at=at)
    assert queries.list_methods(consumer) == [third, second]


def test_nobody_touches_somebody_elses_cards(consumer, stranger_consumer, card, at):
    for act in (payments.remove_method, payments.make_default):
        more = {"at": at} if act is payments.remove_method else {}
        with pytest.raises(NotFound):
            act(consumer=stranger_consumer, method=card, **more)
    with pytest.raises(NotFound):
        queries.access_method(stranger_consumer, card.id)
    card.refresh_from_db()
    assert (card.removed_at, card.position) == (None, 0)


def test_a_bad_number_names_the_field_and_live_has_no_such_door(consumer, sandbox_world, settings, at):
    with pytest.raises(Invalid) as error:
        payments.add_card(consumer=consumer, number="4242424242424241", at=at)
    assert set(error.value.fields) == {"number"}
    settings.SANDBOX = False
    with pytest.raises(NotFound):
        payments.add_card(consumer=consumer, number="4242424242424242", at=at)
    assert PaymentMethod.objects.count() == 0


@pytest.fixture
def stripe(settings, sandbox_world):
    """Take Stripe's protocol for the gateway."""
    settings.PROVIDER_VALUES = settings.PROVIDER_VALUES | stripe_account.variables(sandbox_world)
    settings.GATEWAY = "stripe"
    gateways.forget()
    yield gateways.connect("stripe", Cards)
    gateways.forget()


def customers_of(stripe, consumer):
    return stripe._api.customers.search({"query": f"metadata['consumer']:'{consumer.public_id}'"}).data


def test_a_consumer_is_one_customer_of_stripe_whatever_their_address(consumer, stripe, at, monkeypatch):
    payments.add_card(consumer=consumer, number="4242424242424242", at=at)
    calls = []
    genuine = stripe.keep_customer
    monkeypatch.setattr(stripe, "keep_customer", lambda payer: calls.append(payer.email) or genuine(payer))
    visit(consumer, at)
    assert calls == []
    consumer.email = "moved@people.example"
    for _ in range(2):
        payments.add_card(consumer=consumer, number="5555555555554444", at=at)
    assert calls == ["moved@people.example"]
    assert [row.email for row in customers_of(stripe, consumer)] == ["moved@people.example"]
    kept = GatewayCustomer.objects.get()
    assert {method.token.partition("/")[0] for method in PaymentMethod.objects.all()} == {kept.ref}


def test_what_was_made_and_not_remembered_is_found_again(consumer, stripe, at, settings):
    """A process dies after Stripe made the customer; when it is asked for again, Stripe has forgotten the key, and the address is new."""
    payments.add_card(consumer=consumer, number="4242424242424242", at=at)
    GatewayCustomer.objects.all().delete()
    requests.post(
        f"{settings.SANDBOX_URL}/control/stripe/forget_keys",
        json={},
        headers={"Authorization": f"Bearer {settings.SANDBOX_KEY}"},
        timeout=30,
    ).raise_for_status()
    consumer.email = "moved@people.example"
    payments.add_card(consumer=consumer, number="4242424242424242", at=at)
    assert len(customers_of(stripe, consumer)) == 1


def test_a_customer_that_was_deleted_at_the_gateway_is_made_anew(consumer, stripe, at):
    payments.add_card(consumer=consumer, number="4242424242424242", at=at)
    gone = GatewayCustomer.objects.get().ref
    stripe._api.customers.delete(gone)
    visit(consumer, at)
    assert payments.add_card(consumer=consumer, number="5555555555554444", at=at).last4 == "4444"
    assert [row.id for row in customers_of(stripe, consumer)] == [GatewayCustomer.objects.get().ref] != [gone]


@pytest.mark.django_db(transaction=True)
def test_four_cards_at_once_make_one_customer(consumer, stripe, at, at_once):
    results = at_once(4, lambda _number: payments.add_card(consumer=consumer, number="4242424242424242", at=at))
    assert [type(result).__name__ for result in results] == ["PaymentMethod"] * 4
    assert (len(customers_of(stripe, consumer)), GatewayCustomer.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "shown", "name", "note"),
    [
        ("card", {"brand": "visa", "last4": "4242", "exp_month": 3, "exp_year": 2030}, "Visa ···· 4242", "Expires 03/30"),
        (
            "bank_debit",
            {"bank": "Nordea", "last4": "1234", "mandate": "MND-1"},
            "Nordea ···· 1234",
            "Debited from your account, mandate MND-1",
        ),
        ("wallet", {"name": "MobilePay", "hint": "+45 ··12"}, "MobilePay +45 ··12", "Wallet"),
    ],
)
def test_each_kind_is_named_by_what_people_recognize_it_by(consumer, at, kind, shown, name, note):
    method = PaymentMethod.objects.create(consumer=consumer, gateway="sandbox", token=kind, kind=kind, shown=shown, created_at=at)
    method.refresh_from_db()
    assert (card_title(method).replace("\N{NO-BREAK SPACE}", " "), card_note(method)) == (name, note)


def test_a_kind_that_nobody_knows_is_refused(consumer, at):
    with pytest.raises(IntegrityError, match="payment_method_kind_known"):
        PaymentMethod.objects.create(consumer=consumer, gateway="sandbox", token="x", kind="cash", shown={}, created_at=at)
