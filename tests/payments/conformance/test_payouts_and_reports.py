"""What a gateway that pays shops does, and what any gateway reports of itself."""

from datetime import timedelta

import pytest

from payments.errors import GatewayUnavailable
from payments.gateways.base import Payouts, Period, Reports


def test_one_key_is_one_payout_and_can_be_looked_up(trial):
    assert isinstance(trial.gateway, Payouts)
    request = trial.payout()
    assert trial.gateway.find_payout(request) is None
    first = trial.gateway.pay_out(request)
    assert first == trial.gateway.pay_out(request) == trial.gateway.find_payout(request)
    assert (first.status, first.amount_minor, first.currency) == ("succeeded", 10_000, "USD")


def test_no_answer_about_a_payout_is_unknown(trial, down):
    request = trial.payout()
    down()
    assert trial.gateway.pay_out(request).status == "unknown"
    assert trial.gateway.find_payout(request).status == "unknown"


@pytest.fixture
def moved(trial):
    """A charge of which some went back, and a payout: what was asked, and what it was called there."""
    charge, payout = trial.charge(trial.card()), trial.payout()
    taken = trial.gateway.charge(charge)
    refund = trial.refund(charge, taken.ref, 725)
    return {
        "charges": (charge, taken.ref),
        "refunds": (refund, trial.gateway.refund(refund).ref),
        "payouts": (payout, trial.gateway.pay_out(payout).ref),
    }


@pytest.mark.parametrize("kind", ["charges", "refunds", "payouts"])
def test_what_moved_stands_in_the_report_of_its_time_and_no_other(trial, moved, kind):
    assert isinstance(trial.gateway, Reports)
    request, ref = moved[kind]
    report = getattr(trial.gateway, f"report_{kind}")
    (row,) = [row for row in report() if row.key == request.key]
    assert (row.ref, row.amount_minor, row.currency, row.status) == (ref, request.amount_minor, "USD", "succeeded")
    later = row.at + timedelta(seconds=1)
    periods = (Period(until=row.at), Period(since=row.at, until=later), Period(since=later))
    assert [any(found.key == request.key for found in report(period=period)) for period in periods] == [False, True, False]


def test_a_charge_is_reported_with_what_went_back(trial, moved):
    charge, _ = moved["charges"]
    (row,) = trial.gateway.report_charges(reference=charge.reference)
    assert (row.key, row.amount_minor, row.refunded_minor, row.reference) == (charge.key, 5_725, 725, charge.reference)


def test_a_report_that_does_not_come_is_no_empty_one(trial, moved, down):
    down()
    for report in (trial.gateway.report_charges, trial.gateway.report_refunds, trial.gateway.report_payouts):
        with pytest.raises(GatewayUnavailable):
            list(report())
