"""Authorizing in one statement writes the very rows that the plain services write one by one with the ORM."""

from contextlib import nullcontext
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.apps import apps
from django.core import serializers

from accounts.services import block_person
from checkout import services as checkouts
from checkout.errors import Declined
from checkout.models import Checkout, Order
from checkout.queries import get_checkout, lock_consented
from checkout.services import authorizing
from core.db import rows, unit
from credit.errors import LimitExceeded
from credit.models import CreditLine
from payments.models import Authorization, PaymentMethod
from payments.services import NOBODY
from simulation.shopper import card_of, identify
from tests.cast import AGREEMENT
from tests.lines import set_limit
from tests.operators import make_operator
from tests.owner import as_owner, tamper

GIFT = {"name": "Gift card", "quantity": 1, "unit_amount": 22_900, "amount": 22_900, "category": "gift_card"}
COUNTED = ("core_outboxevent_id_seq", "plans_planchange_id_seq", "accounts_onboardingstep_id_seq")
WRITTEN = ("checkout", "plans", "accounts", "credit", "payments", "core", "merchants")


@pytest.fixture
def approved(buy, merchant, at):
    """Give a function that brings a checkout to the last click and returns the click."""

    def make(product: str = "pay_in_4", amount: int = 22_900, **draft):
        checkout = buy.open(merchant, amount, **draft)
        consumer = identify(checkout=checkout, email="anna+approve@people.example", at=at)
        checkouts.decide(checkout_id=checkout.id, at=at)
        method = card_of(consumer, "4242424242424242", at)
        quote = authorizing.pick_quote(get_checkout(checkout.id), product, at)
        held = authorizing._hold_first_payment(checkout, consumer, method, quote, at, NOBODY)

        def click() -> Order:
            return authorizing.authorize_order(
                checkout_id=checkout.id, consumer=consumer, quote=quote, method=method, held=held, agreement=AGREEMENT, at=at
            )

        return checkout, click

    return make


def everything() -> list[str]:
    """Return all rows of the apps that take part, as text, with keys that differ from run to run by the order in which they appear."""
    models = [model for model in apps.get_models() if model._meta.app_label in WRITTEN]
    found = serializers.serialize("python", [row for model in models for row in model._default_manager.order_by("pk")])
    return [str(row) for row in found]


class Rollback(Exception):
    """Ends a unit."""


def after(click, monkeypatch, start: int, *, bundled: bool) -> list[str]:
    """Return what the database holds after a click, which is then undone; keys and sequences are made to repeat."""
    numbers = iter(range(1, 100))
    with monkeypatch.context() as patch:
        if not bundled:
            patch.setattr(authorizing, "together", nullcontext)
        for module in ("core.ids", "checkout.services.authorizing"):
            patch.setattr(f"{module}.uuid7", lambda: UUID(int=next(numbers)))
        for model in apps.get_models():
            field = model._meta.pk
            if field is not None and getattr(field.default, "__name__", "") == "uuid7":
                patch.setattr(field, "_get_default", lambda: UUID(int=next(numbers)))
        with as_owner():
            for name in COUNTED:
                rows("SELECT setval(%s, %s)", [name, start])
        try:
            with unit():
                click()
                found = everything()
                raise Rollback
        except Rollback:
            return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("product", "draft"),
    [
        ("pay_in_4", {}),
        ("pay_in_30", {}),
        ("pay_in_4", {"items": [GIFT]}),
        ("monthly_6", {"items": []}),
        ("pay_in_30", {"capture": "automatic"}),
    ],
)
def test_one_statement_writes_what_the_orm_writes(approved, monkeypatch, product, draft):
    _, click = approved(product, **draft)
    before = everything()
    start = 10 + max(rows("SELECT nextval(%s)", [name])[0][0] for name in COUNTED)
    plain, bundled = (after(click, monkeypatch, start, bundled=choice) for choice in (False, True))
    assert sorted(bundled) == sorted(plain)
    assert len(set(bundled) - set(before)) >= 5
    assert everything() == before


def test_a_hold_for_another_plan_is_let_go_of_in_the_same_statement(approved, at):
    checkout, _ = approved("pay_in_4")
    assert Authorization.objects.get(reference=checkout.public_id).release_wanted_at is None
    consumer = get_checkout(checkout.id).consumer
    quote = authorizing.pick_quote(get_checkout(checkout.id), "pay_in_30", at)
    authorizing.authorize_order(
        checkout_id=checkout.id,
        consumer=consumer,
        quote=quote,
        method=card_of(consumer, "4242424242424242", at),
        held=None,
        agreement=AGREEMENT,
        at=at + timedelta(minutes=1),
    )
    assert Authorization.objects.get(reference=checkout.public_id).release_wanted_at == at + timedelta(minutes=1)


@pytest.mark.django_db(transaction=True)
def test_above_the_limit_nothing_is_written(approved, buy, merchant):
    checkout, click = approved()
    set_limit(CreditLine.objects.get(), 22_899)
    before = everything()
    with pytest.raises(LimitExceeded):
        click()
    assert everything() == before
    assert (Checkout.objects.get(id=checkout.id).status, Order.objects.count()) == ("open", 0)


def test_the_locked_checkout_is_the_plain_one(approved):
    checkout, _ = approved()
    method = PaymentMethod.objects.get()
    with unit():
        locked, plain = lock_consented.first(checkout.id, method.id), lock_consented.queryset(checkout.id, method.id).get()
    for one, other in ((locked, plain), (locked.merchant, plain.merchant), (locked.decision, plain.decision)):
        assert {k: v for k, v in one.__dict__.items() if k != "_state"} == {k: v for k, v in other.__dict__.items() if k != "_state"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE checkout_checkout SET decision_id = NULL",
        "UPDATE checkout_checkout SET consumer_id = NULL, items_sealed = ''",
        "UPDATE checkout_checkout SET amount_minor = amount_minor + 1",
        "UPDATE checkout_checkout SET currency = 'EUR'",
    ],
)
def test_what_changed_since_the_page_was_read_is_refused_under_the_lock(approved, change):
    _, click = approved()
    tamper(change)
    before = everything()
    with pytest.raises(Declined) as refused:
        click()
    assert refused.value.code == "checkout.changed"
    assert everything() == before


def test_a_block_set_while_the_last_click_waits_for_its_lock_is_seen(approved, monkeypatch, at):
    _checkout, click = approved()
    olga = make_operator("olga@kvart.example", may=["look_after_person"])

    def read_before(checkout_id, method_id):
        # Read by a statement that began before the block was there.
        found = lock_consented.first(checkout_id, method_id)
        block_person(consumer_id=found.consumer_id, user=olga, reason="fraud", note="Two cards of others.", at=at)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(authorizing, "lock_consented", SimpleNamespace(first=read_before))
        with pytest.raises(Declined, match="not approved") as refused:
            click()
    assert (refused.value.code, Order.objects.count()) == (Declined.code, 0)
    assert CreditLine.objects.get().used_minor == 0
