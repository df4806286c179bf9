"""Whatever moves money: an answer that names another amount, another currency or none does not count, and a person is asked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.clock import wall
from core.money import Money
from ledger.queries import balance
from payments import services as payments
from payments.errors import CardRefused
from payments.gateways.base import Card, Notice, Outcome, RefundRequest, Setup, done
from payments.models import Authorization, Break, CardSetup, Charge, PaymentMethod, Payout, Refund

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet")]
CHANGES = {
    "less": {"amount_minor": 99},
    "more": {"amount_minor": 101},
    "nothing": {"amount_minor": 0},
    "not told": {"amount_minor": None},
    "other money": {"currency": "DKK"},
    "no money": {"currency": ""},
}
AMOUNT = Money(100, "USD")


@pytest.fixture
def paid(scripted, token_card, request_for, at):
    request = request_for(token_card, 100, reference="pln_paid")
    payments.open_charges(requests=[request], at=at)
    payments.run_charges(requests=[request], at=at)
    return Charge.objects.get()


class Moves:
    """Each kind of movement: how it is opened, sent, and looked up again."""

    def __init__(self, model, make, again):
        self.model, self.make, self.again = model, make, again


def make_charge(fixture, at):
    request = fixture("request_for")(fixture("token_card"), 100, reference="pln_1")
    payments.open_charges(requests=[request], at=at)
    payments.run_charges(requests=[request], at=at)


def make_refund(fixture, at):
    paid = fixture("paid")
    wanted = {"gateway": "sandbox", "charge_id": paid.id, "charge_ref": paid.gateway_ref, "reference": "pln_1"}
    payments.open_refunds(requests=[RefundRequest(**wanted, amount_minor=100, currency="USD")], at=at)
    payments.send_refunds(at=at)


def make_payout(_fixture, at):
    payments.open_payout(reference="set_1", owner="mer_1", destination="bank_1", amount=AMOUNT, at=at)
    payments.send_payouts(at=at)


def make_hold(fixture, at):
    payments.authorize(consumer=fixture("consumer"), method=fixture("token_card"), amount=AMOUNT, reference="chk_1", at=at)


KINDS = {
    "charge": Moves(Charge, make_charge, payments.resolve_charges),
    "refund": Moves(Refund, make_refund, payments.send_refunds),
    "payout": Moves(Payout, make_payout, payments.send_payouts),
    "hold": Moves(Authorization, make_hold, payments.resolve_authorizations),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_what_is_not_what_was_asked_for_does_not_count_until_the_gateway_says_so(scripted, request, at, monkeypatch, kind, change):
    request.getfixturevalue("paid")
    PaymentMethod.objects.update(blocked_at=None)
    genuine = type(scripted)._do
    odd = []

    def do(self, asked):
        outcome = genuine(self, asked)
        if not asked.key.startswith(kind.model.PREFIX) or odd == ["mended"]:
            return outcome
        self.recorded[asked.key] = replace(outcome, **change)
        return self.recorded[asked.key]

    for name in ("_do", "charge", "refund", "pay_out"):
        monkeypatch.setattr(type(scripted), name, do)
    if kind.model is Authorization:
        monkeypatch.setattr(scripted, "authorize", scripted._do)
        monkeypatch.setattr(scripted, "find_authorization", lambda asked: scripted.recorded.get(asked.key))
    kind.make(request.getfixturevalue, at)
    row = kind.model.objects.latest("id")
    for _ in range(2):
        assert (row.status, row.settled_at) == ("unknown", None)
        assert Break.objects.get().subject == row.public_id
        kind.model.objects.filter(id=row.id).update(claimed_until=wall() - timedelta(seconds=1))
        kind.again(at=at)
        row.refresh_from_db()
    assert balance(kind="payouts_in_transit", owner="mer_1", currency="USD") == 0
    assert balance(kind="refunds_payable", owner="pln_1", currency="USD") == 0
    scripted.recorded[row.public_id] = done(type("Asked", (), {"amount_minor": 100, "currency": "USD"})(), "x_1")
    odd.append("mended")
    kind.model.objects.filter(id=row.id).update(claimed_until=wall() - timedelta(seconds=1))
    kind.again(at=at)
    row.refresh_from_db()
    assert row.status == "succeeded"


LATE = {"charge": ("chg", make_charge), "refund": ("rfd", make_refund), "payout": ("pay", make_payout)}


@pytest.mark.parametrize("about", LATE)
def test_what_had_failed_and_was_done_after_all_is_for_a_person(scripted, paid, request, at, about):
    prefix, make = LATE[about]
    model = KINDS[about].model
    genuine = type(scripted)._do

    def refuse(self, asked):
        self.answers[asked.key] = Outcome("failed", "x_1", "card_declined")
        return genuine(self, asked)

    with pytest.MonkeyPatch.context() as patched:
        for name in ("charge", "refund", "pay_out"):
            patched.setattr(type(scripted), name, refuse)
        make(request.getfixturevalue, at)
    row = model.objects.latest("id")
    assert row.status == "failed"
    earlier = set(Break.objects.values_list("pk", flat=True))
    scripted.recorded[row.public_id] = Outcome("succeeded", "x_1", amount_minor=100, currency="USD")
    for number in (1, 2):
        notice = Notice(event_id=f"msg_{number}", kind=f"{about}.succeeded", reference="x_1", about=about, key=row.public_id, good=True)
        payments.receive_event(gateway="sandbox", notice=notice, at=at)
    row.refresh_from_db()
    found = Break.objects.exclude(pk__in=earlier).get()
    assert row.public_id.startswith(prefix)
    assert (row.status, found.kind, found.subject, found.detail["answered_minor"]) == ("failed", "answer_differs", row.public_id, 100)


def test_a_charge_that_had_succeeded_and_failed_after_all_is_for_a_person(scripted, paid, at):
    scripted.recorded[paid.public_id] = Outcome("failed", "x_1", "card_declined")
    notice = Notice(event_id="msg_1", kind="charge.failed", reference="x_1", about="charge", key=paid.public_id)
    payments.receive_event(gateway="sandbox", notice=notice, at=at)
    paid.refresh_from_db()
    found = Break.objects.get()
    assert (paid.status, found.kind, found.subject) == ("reversed", "charge_reversed", paid.public_id)
    assert found.detail["failure"] == "card_declined"


def test_a_visit_that_brings_the_card_of_somebody_else_brings_none(scripted, token_card, stranger_consumer, at, monkeypatch):
    visit = CardSetup.objects.create(consumer=stranger_consumer, gateway="sandbox", gateway_ref="seti_1", return_path="/", created_at=at)
    card = Card(token_card.token, "visa", "4242", 12, 2030)
    monkeypatch.setattr(scripted, "read_card_setup", lambda ref: Setup(ref, "", card))
    with pytest.raises(CardRefused):
        payments.finish_setup(setup_id="seti_1", consumer=stranger_consumer, at=at)
    visit.refresh_from_db()
    assert (visit.payment_method, PaymentMethod.objects.count()) == (None, 1)
