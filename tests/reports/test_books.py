"""`check_books` finds each kind of tampering, names the offender, and exits non-zero."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from checkout import services as checkouts
from core import timers
from tests import owner

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(buy, merchant, at):
    """An order in the middle of its plan, with a refund and a settlement."""
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=20_000, actor="test", at=at)
    checkouts.refund_order(order_id=order.id, merchant=merchant, amount_minor=1_000, reason="", actor="test", at=at)
    for day in range(3):
        timers.run_until_quiet(at=at + timedelta(days=day))
    return order


def check() -> str:
    out = StringIO()
    call_command("check_books", stdout=out)
    return out.getvalue()


def check_fails() -> str:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_books", stdout=out)
    return out.getvalue()


def tamper(sql: str) -> None:
    assert owner.tamper(sql) != 0


def test_untouched_books_hold(order):
    assert "The books hold." in check()


def test_an_entry_that_does_not_balance_is_found(order):
    tamper("UPDATE ledger_line SET amount_minor = amount_minor + 1 WHERE id = (SELECT min(id) FROM ledger_line)")
    assert "entry capture cap_" in check_fails()


def test_a_receivable_that_is_not_the_open_installments_is_found(order):
    tamper("UPDATE plans_installment SET principal_minor = principal_minor + 1 WHERE number = 4")
    assert f"plan {order.plan.public_id}: ledger" in check_fails()


def test_a_paid_amount_without_its_charge_is_found(order):
    tamper("UPDATE plans_installment SET paid_principal_minor = paid_principal_minor + 1 WHERE number = 2")
    assert "installment 2 says 1+0 paid, its charges 0+0" in check_fails()


def test_a_merchant_who_is_owed_something_else_is_found(order, merchant):
    tamper("UPDATE checkout_capture SET fee_minor = fee_minor - 1")
    assert f"merchant {merchant.public_id}: ledger" in check_fails()


def test_a_settlement_that_is_not_its_lines_is_found(order):
    tamper("UPDATE merchants_settlementitem SET gross_minor = gross_minor + 5 WHERE kind = 'capture'")
    assert "settlement set_" in check_fails()


def test_an_order_that_says_something_else_than_its_captures_is_found(order):
    tamper("UPDATE checkout_order SET captured_minor = captured_minor - 1")
    assert f"order {order.public_id}: says captured 19999" in check_fails()


def test_a_limit_in_use_that_is_not_the_exposure_is_found(order):
    tamper("UPDATE credit_creditline SET used_minor = used_minor - 1")
    assert f"consumer {order.consumer.public_id}:" in check_fails()


def test_a_charge_that_the_ledger_does_not_know_is_found(order):
    tamper("DELETE FROM ledger_line WHERE entry_id IN (SELECT id FROM ledger_entry WHERE kind = 'charge')")
    tamper("DELETE FROM ledger_entry WHERE kind = 'charge'")
    assert "the ledger knows nothing of it" in check_fails()


def test_a_ledger_entry_that_the_gateway_does_not_know_is_found(order):
    tamper("UPDATE ledger_entry SET source = 'chg_aaaaaaaaaaaaaaaaaaaaaaaaaa' WHERE kind = 'charge'")
    out = check_fails()
    assert "chg_aaaaaaaaaaaaaaaaaaaaaaaaaa: the ledger says 5000 USD, the gateway knows nothing of it" in out
