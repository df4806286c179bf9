"""Reasons of refunds and accounts of transfers are encrypted with the person's own key; rows from before are sealed so by a migration."""

from importlib import import_module

import pytest
from django.apps import apps

from checkout import services as checkouts
from checkout.models import Refund
from checkout.queries import find_same_refund, refunds_of
from core.crypto import PERSONAL, Erased, encrypt
from core.db import rows
from core.subject_keys import destroy_key, subject_of
from core.unreadable import Unreadable
from payments.models import Charge, Transfer
from payments.models import Refund as PaidBack
from payments.queries import find_transfer
from tests.owner import as_owner, tamper

pytestmark = pytest.mark.django_db(transaction=True)
REASON, HOLDER, ACCOUNT = "Anna Berg sent the lamp back", "Anna Berg", "DK5000400440116243"


@pytest.fixture
def refund(buy, merchant, at):
    order = buy(merchant, 22_900, at)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_000, reason=REASON, actor="test", at=at)
    return Refund.objects.get()


@pytest.fixture
def transfer(refund, at):
    method = refund.order.plan.payment_method
    about = {"gateway": "sandbox", "currency": "USD", "amount_minor": 1_000, "created_at": at}
    charge = Charge.objects.create(**about, payment_method=method, reference="pln_x")
    back = PaidBack.objects.create(**about, charge=charge, reference="ref_x")
    return Transfer.objects.create(
        refund=back, consumer_id=method.consumer_id, holder=HOLDER, account=ACCOUNT, wanted_by="test", created_at=at
    )


def stored(table, *columns):
    return list(rows(f"SELECT {', '.join(columns)} FROM {table}")[0])


def seal_as_before(table, key, **values):
    """Seal values with the installation's key, in a row without a person, as the release before did."""
    for column, value in values.items():
        sealed = encrypt(value, context=f"{table}.{column}:{key}")
        assert tamper(f"UPDATE {table} SET {column} = %s, consumer_id = NULL WHERE id = %s", [sealed, key]) == 1


def migrate(app, name):
    with as_owner():
        import_module(f"{app}.migrations.{name}").seal(apps, None)


def test_they_go_with_the_person_s_key(refund, transfer, at):
    assert (refund.consumer_id, refund.reason) == (refund.order.consumer_id, REASON)
    kept = stored("checkout_refund", "reason_sealed") + stored("payments_transfer", "holder", "account")
    assert all(value.startswith(f"{PERSONAL}:") for value in kept)
    destroy_key(subject_of(refund.consumer_id), at=at)
    for model in (Refund, Transfer):
        with pytest.raises(Erased):
            model.objects.get()
    assert [str(one.reason) for one in refunds_of(refund.order)] == ["unreadable"]
    assert isinstance(find_transfer(transfer.refund_id).account, Unreadable)
    assert find_same_refund(refund) is None


def test_rows_from_before_are_read_and_then_sealed_anew(refund, transfer, at):
    seal_as_before("checkout_refund", refund.pk, reason_sealed=REASON)
    seal_as_before("payments_transfer", transfer.pk, holder=HOLDER, account=ACCOUNT)
    assert Refund.objects.get().reason == REASON
    for _ in range(2):
        migrate("checkout", "0021_reasons_of_people")
        migrate("payments", "0030_accounts_of_people")
        found, sent = Refund.objects.get(), Transfer.objects.get()
        assert (found.reason, found.consumer_id) == (REASON, refund.consumer_id)
        assert (sent.holder, sent.account, sent.consumer_id) == (HOLDER, ACCOUNT, refund.consumer_id)
    kept = stored("checkout_refund", "reason_sealed") + stored("payments_transfer", "holder", "account")
    assert all(value.startswith(f"{PERSONAL}:") for value in kept)
    destroy_key(subject_of(refund.consumer_id), at=at)
    with pytest.raises(Erased):
        Refund.objects.get()


def test_one_in_clear_is_sealed_and_an_erased_person_s_goes(refund, transfer, at):
    tamper("UPDATE checkout_refund SET reason = %s, reason_sealed = '', consumer_id = NULL", [REASON])
    migrate("checkout", "0021_reasons_of_people")
    assert (Refund.objects.get().reason, stored("checkout_refund", "reason")) == (REASON, [""])
    seal_as_before("payments_transfer", transfer.pk, holder=HOLDER, account=ACCOUNT)
    destroy_key(subject_of(refund.consumer_id), at=at)
    before = stored("payments_transfer", "account")
    migrate("payments", "0030_accounts_of_people")
    after = stored("payments_transfer", "account")
    assert after != before
    assert after[0].startswith(f"{PERSONAL}:")
    with pytest.raises(Erased):
        Transfer.objects.get()


def test_a_refund_of_an_erased_person_is_booked_without_its_reason(refund, merchant, at):
    destroy_key(subject_of(refund.consumer_id), at=at)
    checkouts.refund_order(order_id=refund.order_id, merchant=merchant, amount_minor=500, reason=REASON, actor="test", at=at)
    assert [(one.amount_minor, str(one.reason)) for one in refunds_of(refund.order)] == [(1_000, "unreadable"), (500, "")]
