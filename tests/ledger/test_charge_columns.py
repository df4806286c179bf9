"""Charges posted as columns make the same rows as charges posted one by one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.arrays import plain_array, text_array
from ledger import postings
from ledger.models import Account, Entry, Line

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def posting(number, *, interest=0, gateway="sandbox", currency="USD", paid=1_000):
    return postings.ChargePosting(f"chg_{number}", f"pln_{number // 2}", gateway, currency, paid + number, interest, 0, AT)


def columns(given):
    return postings.ChargeColumns(
        charges=text_array(p.charge for p in given),
        plans=text_array(p.plan for p in given),
        gateways=text_array(p.gateway for p in given),
        currencies=text_array(p.currency for p in given),
        paid=plain_array(p.paid_minor for p in given),
        interest=plain_array(p.interest_minor for p in given),
        at=AT,
    )


def written():
    return (
        sorted(Entry.objects.values_list("kind", "source", "at")),
        sorted(Line.objects.values_list("entry__source", "account_id", "account__kind", "account__owner", "currency", "amount_minor")),
        sorted(Account.objects.values_list("id", "kind", "owner", "currency")),
    )


def outcome(post):
    with transaction.atomic():
        post()
        found = written()
        transaction.set_rollback(True)
    return found


MIXED = [posting(n, interest=n % 3 * 10, gateway=["sandbox", "stripe"][n % 2], currency=["USD", "DKK"][n // 5]) for n in range(10)]


@pytest.mark.parametrize("opened", [False, True])
def test_columns_post_what_single_postings_do(opened):
    if opened:
        postings.charges(replace(p, charge=f"old_{p.charge}") for p in MIXED)
    assert outcome(lambda: postings.charge_columns(columns(MIXED))) == outcome(lambda: postings.charges(MIXED))


def test_open_accounts_need_one_statement():
    postings.charges(replace(p, charge=f"old_{p.charge}") for p in MIXED)
    with CaptureQueriesContext(connection) as queries:
        postings.charge_columns(columns(MIXED))
    assert len(queries) == 1
    assert Entry.objects.count() == 2 * len(MIXED)


def test_a_charge_is_posted_once():
    postings.charge_columns(columns(MIXED))
    before = written()
    with pytest.raises(IntegrityError), transaction.atomic():
        postings.charge_columns(columns(MIXED[3:4]))
    assert written() == before
