"""What is proposed is never changed: another proposal takes its place, without a signature; and whoever proposed hears of its end."""

from datetime import timedelta

import pytest
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from controls import services
from controls.errors import Decided
from controls.models import Proposal
from core import relay
from core.clock import wall
from core.db import execute
from core.errors import Forbidden, Invalid
from merchants.models import AccountChange, Merchant
from notifications.models import Message
from tests.operators import make_operator, permit
from tests.shops import open_shop

pytestmark = pytest.mark.django_db
LINK = "https://files.example/contract-7"


@pytest.fixture
def shop():
    return open_shop()


@pytest.fixture
def anna():
    return make_operator("anna@kvart.example", name="Anna", may=["propose_shop", "approve_shop", "view_merchant"])


@pytest.fixture
def bo():
    return make_operator("bo@kvart.example", name="Bo", may=["propose_shop", "approve_shop"])


def propose(shop, user, kind="merchants.bank_account", after=None, **told) -> Proposal:
    given = {"reason": "agreed", "starts_on": None, "at": wall()} | told
    return services.propose(kind=kind, subject=shop.public_id, after=after or {"payout_destination": "bank_2"}, user=user, **given)


def replace(made, user, **told) -> Proposal:
    given = {"after": {"payout_destination": "bank_3"}, "reason": "agreed", "evidence": LINK, "starts_on": None} | told
    return services.replace_proposal(proposal_id=made.pk, user=user, at=wall(), **given)


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_change_takes_the_place_and_is_decided_anew(shop, anna, bo):
    old = propose(shop, anna)
    made = replace(old, anna)
    old.refresh_from_db()
    assert (old.status, old.ended_by, made.status, made.replaces_id, made.evidence) == ("withdrawn", str(anna.pk), "proposed", old.pk, LINK)
    with pytest.raises(Decided):
        services.approve_proposal(proposal_id=old.pk, user=bo, at=wall())
    services.approve_proposal(proposal_id=made.pk, user=bo, at=wall())
    assert Merchant.objects.get().payout_destination == "bank_3"


def test_a_change_voids_the_first_signature(shop, anna, bo):
    told = {"kind": "merchants.terms", "after": {"fee_bps": 350}, "starts_on": wall().date() + timedelta(days=2)}
    old = propose(shop, anna, **told)
    services.approve_proposal(proposal_id=old.pk, user=bo, at=wall())
    made = replace(old, bo, after={"fee_bps": 300}, starts_on=told["starts_on"])
    assert (made.status, made.decided_by, made.signature, made.proposed_by) == ("proposed", "", "", str(bo.pk))
    assert services.apply_proposals(at=wall() + timedelta(days=9)) == 0
    assert AccountChange.objects.count() == 0


def test_nothing_is_replaced_without_a_difference_a_right_or_an_open_proposal(shop, anna, bo):
    old = propose(shop, anna)
    with pytest.raises(Invalid, match="Nothing would change"):
        replace(old, anna, after=old.after, evidence="")
    with pytest.raises(Invalid) as caught:
        replace(old, anna, evidence="x" * 2001)
    assert set(caught.value.fields) == {"evidence"}
    with pytest.raises(Invalid):
        replace(old, anna, after={"payout_destination": "bank_1"})
    permit(bo, "approve_shop")
    with pytest.raises(Forbidden):
        replace(old, bo)
    old.refresh_from_db()
    assert (old.status, Proposal.objects.count()) == ("proposed", 1)
    replace(old, anna)
    with pytest.raises(Decided):
        replace(old, anna)
    assert Proposal.objects.count() == 2


def test_evidence_is_bound_by_the_signature(shop, anna, bo):
    made = replace(propose(shop, anna), anna)
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        execute("UPDATE controls_proposal SET evidence = 'x'")
    services.approve_proposal(proposal_id=made.pk, user=bo, at=wall())
    from controls.signing import fits

    made.refresh_from_db()
    assert fits(made)
    made.evidence = "something else"
    assert not fits(made)


def test_two_operators_change_and_decide_in_the_browser(shop, anna, bo):
    old = propose(shop, anna)
    page, act = (reverse(f"admin:controls_proposal_{name}", args=[old.pk]) for name in ("change", "replace"))
    client = sign_in(anna)
    assert act in client.get(page).content.decode()
    assert "bank_2" in client.get(act).content.decode()
    for _time in range(2):
        client.post(act, {"payout_destination": "bank_3", "reason": "a slip", "evidence": f"See {LINK}"})
    made = Proposal.objects.get(status="proposed")
    assert Proposal.objects.count() == 2
    told = sign_in(bo).get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    assert f'href="{LINK}"' in told
    assert all(one in told for one in ("bank_2", "bank_3", "a slip", page))
    assert reverse("admin:controls_proposal_change", args=[made.pk]) in client.get(page).content.decode()
    sign_in(bo).post(reverse("admin:controls_proposal_decide", args=[made.pk]), {"decision": "approve", "confirmed": "1", "note": ""})
    assert Merchant.objects.get().payout_destination == "bank_3"


def test_who_may_not_propose_cannot_change_it_by_the_page(shop, anna):
    old = propose(shop, anna)
    client = sign_in(make_operator("vera@kvart.example", may=["view_proposal"]))
    act = reverse("admin:controls_proposal_replace", args=[old.pk])
    assert client.post(act, {"payout_destination": "bank_3", "reason": "x"}).status_code == 403
    assert Proposal.objects.get().status == "proposed"


def test_whoever_proposed_is_told_that_nobody_decided(shop, anna, bo):
    propose(shop, anna, at=wall() - timedelta(days=14))
    for _time in range(2):
        services.expire_proposals(at=wall())
        relay.drain()
    (message,) = Message.objects.filter(kind="proposal_expired")
    assert message.user == anna
