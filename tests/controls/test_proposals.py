"""Proposals: one person makes them, another decides, and what was agreed happens exactly once."""

from datetime import date, timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from controls import services
from controls.errors import AlreadyProposed, Changed, Decided, OnePerson
from controls.models import Proposal
from controls.queries import differences
from controls.services import proposing
from core import timers
from core.clock import wall
from core.db import execute
from core.errors import Forbidden, Invalid
from merchants.models import AccountChange, Merchant
from merchants.services import update_terms
from tests.dying import dying_after
from tests.operators import make_operator
from tests.shops import AT, open_shop

LATER = AT + timedelta(days=3)


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def anna(db):
    return make_operator("anna@kvart.example", may=["propose_shop", "approve_shop"])


@pytest.fixture
def bo(db):
    return make_operator("bo@kvart.example", may=["approve_shop"])


def propose(shop, user, *, starts_on=None, at=AT, kind="merchants.terms", **after) -> Proposal:
    values = after or {"fee_bps": 350}
    return services.propose(
        kind=kind, subject=shop.public_id, after=values, reason="agreed in writing", starts_on=starts_on, user=user, at=at
    )


def test_another_person_approves_and_it_holds_at_once(shop, anna, bo):
    made = propose(shop, anna, fee_bps=350, refund_fees=False)
    assert [(one.name, one.before, one.after) for one in differences(made)] == [
        ("Fee", "4%", "3.5%"),
        ("Fees go back with a refund", "Yes", "No"),
    ]
    assert Merchant.objects.get().fee_bps == 400
    done = services.approve_proposal(proposal_id=made.id, user=bo, at=AT)
    shop.refresh_from_db()
    assert (done.status, done.decided_by, done.outcome) == ("applied", str(bo.pk), shop.public_id)
    assert (shop.fee_bps, shop.refund_fees) == (350, False)
    change = AccountChange.objects.get()
    assert (change.kind, change.actor) == ("terms_changed", f"proposal:{made.public_id}")
    assert change.detail == {"before": {"fee_bps": 400, "refund_fees": True}, "after": {"fee_bps": 350, "refund_fees": False}}


def test_it_holds_from_its_day_at_the_shop_and_is_applied_once(shop, anna, bo):
    made = propose(shop, anna, starts_on=date(2026, 11, 24))
    approved = services.approve_proposal(proposal_id=made.id, user=bo, at=AT)
    assert (approved.status, Merchant.objects.get().fee_bps) == ("approved", 400)
    # The day begins at midnight in New York.
    midnight = approved.due_at
    assert midnight.isoformat() == "2026-11-24T05:00:00+00:00"
    assert services.apply_proposals(at=midnight - timedelta(seconds=1)) == 0
    assert timers.run_waiting(at=midnight) >= 1
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps) == ("applied", 350)
    assert services.apply_proposals(at=midnight) == 0
    assert AccountChange.objects.count() == 1


def test_nobody_decides_what_they_proposed(shop, anna):
    made = propose(shop, anna)
    for act in (services.approve_proposal, services.reject_proposal):
        with pytest.raises(OnePerson):
            act(proposal_id=made.id, user=anna, note="fine", at=AT)
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps) == ("proposed", 400)


def test_nobody_decides_by_an_account_that_they_made(shop, anna, bo):
    made = propose(shop, anna, at=wall())
    LogEntry.objects.create(
        user=anna, content_type=ContentType.objects.get_for_model(User), object_id=str(bo.pk), object_repr="bo", action_flag=CHANGE
    )
    with pytest.raises(OnePerson):
        services.approve_proposal(proposal_id=made.id, user=bo, at=wall())
    assert Proposal.objects.get().status == "proposed"


def test_the_database_refuses_one_person_and_any_change_of_the_past(shop, anna, bo):
    made = propose(shop, anna)
    with pytest.raises(Error, match="proposal_by_two"), transaction.atomic():
        execute("UPDATE controls_proposal SET status = 'approved', decided_by = proposed_by")
    services.approve_proposal(proposal_id=made.id, user=bo, at=AT)
    for change in ("note = 'x'", "outcome = 'x'", "status = 'withdrawn'", "after = '{}'", "decided_by = 'x'"):
        with pytest.raises(Error, match=r"append-only|no transition"), transaction.atomic():
            execute(f"UPDATE controls_proposal SET {change}")
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        execute("DELETE FROM controls_proposal")
    assert Proposal.objects.get().status == "applied"


def test_only_operators_with_the_right_propose_and_decide(shop, anna, bo):
    with pytest.raises(Forbidden):
        propose(shop, bo)
    assert not Proposal.objects.exists()
    made = propose(shop, anna)
    stranger = make_operator("eve@kvart.example", may=["view_proposal", "approve_offer"])
    for act in (services.approve_proposal, services.reject_proposal):
        with pytest.raises(Forbidden):
            act(proposal_id=made.id, user=stranger, note="x", at=AT)
    with pytest.raises(Forbidden):
        services.withdraw_proposal(proposal_id=made.id, user=stranger, at=AT)
    assert Proposal.objects.get().status == "proposed"


@pytest.mark.parametrize(
    ("after", "field"),
    [
        ({"fee_bps": 10_001}, "fee_bps"),
        ({"authorization_days": 0}, "authorization_days"),
        ({"held_categories": ["Gift cards"]}, "held_categories"),
    ],
)
def test_values_that_cannot_hold_are_named(shop, anna, after, field):
    with pytest.raises(Invalid) as caught:
        propose(shop, anna, **after)
    assert list(caught.value.fields) == [field]
    assert not Proposal.objects.exists()


def test_a_reason_a_day_to_come_and_a_difference_are_needed(shop, anna):
    with pytest.raises(Invalid) as caught:
        services.propose(
            kind="merchants.terms", subject=shop.public_id, after={"fee_bps": 1}, reason=" ", starts_on=date(2026, 11, 21), user=anna, at=AT
        )
    assert sorted(caught.value.fields) == ["reason", "starts_on"]
    with pytest.raises(Invalid, match="Nothing would change"):
        propose(shop, anna, fee_bps=400)
    with pytest.raises(Invalid, match="cannot be changed here"):
        propose(shop, anna, active=False)
    assert not Proposal.objects.exists()


def test_one_proposal_about_a_subject_is_open_at_a_time(shop, anna, bo):
    made = propose(shop, anna)
    with pytest.raises(AlreadyProposed):
        propose(shop, anna, fee_bps=100)
    services.withdraw_proposal(proposal_id=made.id, user=anna, at=AT)
    assert propose(shop, anna, fee_bps=100).status == "proposed"
    assert propose(shop, anna, kind="merchants.bank_account", payout_destination="bank_2").status == "proposed"


def test_what_changed_meanwhile_is_not_overwritten(shop, anna, bo):
    made = propose(shop, anna)
    update_terms(merchant=shop, changes={"fee_bps": 300}, actor="test", at=AT)
    with pytest.raises(Changed):
        services.approve_proposal(proposal_id=made.id, user=bo, at=AT)
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps) == ("proposed", 300)


def test_trouble_on_its_day_is_told_and_waits_for_people(shop, anna, bo):
    made = propose(shop, anna, starts_on=date(2026, 11, 24))
    services.approve_proposal(proposal_id=made.id, user=bo, at=AT)
    update_terms(merchant=shop, changes={"fee_bps": 300}, actor="test", at=AT)
    assert services.apply_proposals(at=LATER) == 0
    waiting = Proposal.objects.get()
    assert (waiting.status, "not as it was" in waiting.trouble, Merchant.objects.get().fee_bps) == ("approved", True, 300)
    assert services.apply_proposals(at=LATER) == 0
    update_terms(merchant=shop, changes={"fee_bps": 400}, actor="test", at=AT)
    done = services.retry_proposal(proposal_id=made.id, user=bo, at=LATER)
    assert (done.status, done.trouble, Merchant.objects.get().fee_bps) == ("applied", "", 350)


def test_it_ends_where_nobody_decides_in_time(shop, anna, bo):
    made = propose(shop, anna)
    over = made.expires_at
    with pytest.raises(Decided, match="in time"):
        services.approve_proposal(proposal_id=made.id, user=bo, at=over)
    assert services.expire_proposals(at=over - timedelta(seconds=1)) == 0
    assert services.expire_proposals(at=over) == 1
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps) == ("expired", 400)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_does(at_once):
    shop = open_shop()
    anna, people = make_operator("anna@kvart.example", may=["propose_shop"]), []
    people = [make_operator(f"op{number}@kvart.example", may=["approve_shop"]) for number in range(4)]
    made = propose(shop, anna)
    results = at_once(4, lambda number: services.approve_proposal(proposal_id=made.id, user=people[number], at=AT))
    assert sorted(type(result).__name__ for result in results) == ["Decided", "Decided", "Decided", "Proposal"]
    assert AccountChange.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_approval_and_withdrawal_at_once_have_one_outcome(at_once):
    shop = open_shop()
    anna, bo = make_operator("anna@kvart.example", may=["propose_shop"]), make_operator("bo@kvart.example", may=["approve_shop"])
    for fee in (300, 310, 320, 330):
        made = propose(shop, anna, fee_bps=fee)
        before = Merchant.objects.get().fee_bps
        acts = [
            lambda key=made.id: services.approve_proposal(proposal_id=key, user=bo, at=AT),
            lambda key=made.id: services.withdraw_proposal(proposal_id=key, user=anna, at=AT),
        ]
        at_once(2, lambda number, acts=acts: acts[number]())
        made.refresh_from_db()
        assert (made.status, Merchant.objects.get().fee_bps) in {("applied", fee), ("withdrawn", before)}


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_half_way_leaves_nothing_half_done(at_once):
    shop = open_shop()
    anna, bo = make_operator("anna@kvart.example", may=["propose_shop"]), make_operator("bo@kvart.example", may=["approve_shop"])
    made = propose(shop, anna)
    with dying_after(proposing, "_end"):
        services.approve_proposal(proposal_id=made.id, user=bo, at=AT)
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps, AccountChange.objects.count()) == ("proposed", 400, 0)
    assert services.approve_proposal(proposal_id=made.id, user=bo, at=AT).status == "applied"
    assert AccountChange.objects.count() == 1


def test_no_forged_row_of_the_history_blocks_a_shop_s_terms(shop, anna, bo):
    for forged in ({"after": {"fee_bps": 1}}, {"after": "fee_bps"}, {"after": ["fee_bps"]}):
        with pytest.raises(Error, match="no change of shop"), transaction.atomic():
            AccountChange.objects.create(merchant=shop, kind="terms_changed", detail=forged, actor="eve", at=AT, number=10**15)
            execute("SET CONSTRAINTS ALL IMMEDIATE")
    made = propose(shop, anna)
    assert services.approve_proposal(proposal_id=made.id, user=bo, at=AT).status == "applied"
    execute("SET CONSTRAINTS ALL IMMEDIATE")


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_page_shows_the_difference_and_two_clicks_decide(shop, anna, bo):
    made = propose(shop, anna, at=wall())
    page, decide = reverse("admin:controls_proposal_change", args=[made.id]), reverse("admin:controls_proposal_decide", args=[made.id])
    seen = sign_in(anna).get(page).content.decode()
    assert "You proposed this, so another person decides." in seen
    assert 'value="approve"' not in seen
    client = sign_in(bo)
    seen = client.get(page).content.decode()
    assert all(text in seen for text in ("4%", "3.5%", "agreed in writing", 'value="approve"'))
    asked = client.post(decide, {"decision": "approve", "note": "as in the contract"}).content.decode()
    assert "Approve this change?" in asked
    assert Proposal.objects.get().status == "proposed"
    for _click in range(2):
        answer = client.post(decide, {"decision": "approve", "note": "as in the contract", "confirmed": "1"}, follow=True)
        assert answer.status_code == 200
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps, AccountChange.objects.count()) == ("applied", 350, 1)


def test_a_rejection_needs_a_reason(shop, anna, bo):
    made = propose(shop, anna, at=wall())
    decide = reverse("admin:controls_proposal_decide", args=[made.id])
    client = sign_in(bo)
    assert "Say why you reject it." in client.post(decide, {"decision": "reject", "note": " ", "confirmed": "1"}).content.decode()
    assert Proposal.objects.get().status == "proposed"
    client.post(decide, {"decision": "reject", "note": "not in the contract", "confirmed": "1"})
    assert (Proposal.objects.get().status, Proposal.objects.get().note, Merchant.objects.get().fee_bps) == (
        "rejected",
        "not in the contract",
        400,
    )


def test_pages_are_closed_to_operators_without_the_right(shop, anna):
    made = propose(shop, anna, at=wall())
    client = sign_in(make_operator("eve@kvart.example", may=["view_order"]))
    for name in ("change", "decide", "withdraw", "retry"):
        assert client.post(reverse(f"admin:controls_proposal_{name}", args=[made.id])).status_code == 403
    assert client.get(reverse("admin:controls_proposal_changelist")).status_code == 403
    assert Proposal.objects.get().status == "proposed"


def test_a_list_names_kind_subject_and_status(shop, anna):
    propose(shop, anna, at=wall())
    page = sign_in(anna).get(reverse("admin:controls_proposal_changelist")).content.decode()
    assert all(text in page for text in ("Terms of a shop", shop.name, "Waits for another person"))
