"""Twelve ways around the second person, through every door: all fail, and nothing changes."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import Error, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from controls import services
from controls.errors import Changed, Decided, OnePerson
from controls.models import Absence, Proposal
from core.clock import wall
from core.db import execute
from core.errors import Forbidden, Invalid
from merchants.models import AccountChange, Merchant
from merchants.services import update_terms
from tests.operators import make_boss, make_operator, permit
from tests.shops import AT, open_shop

RIGHTS = ["propose_shop", "approve_shop"]
FORGED = "f" * 64


@pytest.fixture
def shop(db):
    return open_shop()


@pytest.fixture
def anna(db):
    """The maker, who may also decide what others propose."""
    return make_operator("anna@kvart.example", may=RIGHTS)


@pytest.fixture
def bo(db):
    return make_operator("bo@kvart.example", may=["approve_shop"])


def propose(shop, user, *, at=None, starts_on=None) -> Proposal:
    told = {"kind": "merchants.terms", "subject": shop.public_id, "after": {"fee_bps": 350}, "reason": "agreed in writing"}
    return services.propose(**told, starts_on=starts_on, user=user, at=at or wall())


def approve(made, user, at=None) -> Proposal:
    return services.approve_proposal(proposal_id=made.pk, user=user, at=at or wall())


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def press(client, made, **how):
    return client.post(
        reverse("admin:controls_proposal_decide", args=[made.pk]), {"decision": "approve", "confirmed": "1", "note": "x"} | how
    )


def stands(status="proposed") -> bool:
    """Whether the only proposal has a status, and the shop's fee is as it was."""
    made = Proposal.objects.get()
    unsigned = not made.decided_by and not made.signature
    return (made.status, unsigned, Merchant.objects.get().fee_bps, AccountChange.objects.count()) == (status, True, 400, 0)


def test_1_a_superuser_on_the_page(shop):
    boss = make_boss()
    made, client = propose(shop, boss), sign_in(boss)
    assert 'value="approve"' not in client.get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    press(client, made)
    assert stands()
    press(sign_in(make_boss("other@kvart.example")), made)
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps) == ("applied", 350)


@pytest.mark.parametrize("action", ["approve", "approve_proposal", "delete_selected"])
def test_2_a_bulk_act(shop, anna, action):
    made = propose(shop, anna)
    for client in (sign_in(anna), sign_in(make_boss())):
        page = reverse("admin:controls_proposal_changelist")
        assert 'name="action"' not in client.get(page).content.decode()
        client.post(page, {"action": action, "_selected_action": [str(made.pk)], "post": "yes", "select_across": "1"})
        assert stands()


def test_3_the_admin_s_own_forms(shop, anna):
    made = propose(shop, anna)
    told = {"status": "approved", "decided_by": "x", "kind": "merchants.terms", "fee_bps": "350", "_save": "1"}
    for client in (sign_in(anna), sign_in(make_boss())):
        for name, about in (("controls_proposal", made.pk), ("merchants_merchant", shop.pk)):
            client.post(reverse(f"admin:{name}_change", args=[about]), told)
            client.post(reverse(f"admin:{name}_delete", args=[about]), {"post": "yes"})
        assert client.post(reverse("admin:controls_proposal_add"), told).status_code == 403
        assert stands()


def test_4_the_api(shop, anna):
    made, told = propose(shop, anna), {"status": "approved", "fee_bps": 350}
    for client in (sign_in(anna), sign_in(make_boss())):
        for path in (f"proposals/{made.public_id}", f"proposals/{made.public_id}/approve", f"merchants/{shop.public_id}", "merchant"):
            for method in ("post", "patch", "put"):
                answer = getattr(client, method)(f"/v1/{path}", told, content_type="application/json")
                assert answer.status_code in {401, 403, 404, 405}
    assert stands()


def test_5_a_direct_call_of_the_service_by_the_same_person(shop, anna):
    made = propose(shop, anna)
    again = User.objects.get(pk=anna.pk)
    for act in (services.approve_proposal, services.reject_proposal):
        with pytest.raises(OnePerson):
            act(proposal_id=made.pk, user=again, note="fine", at=wall())
    with pytest.raises(Decided):
        services.retry_proposal(proposal_id=made.pk, user=anna, at=wall())
    assert services.apply_proposals(at=wall() + timedelta(days=1)) == 0
    assert stands()


def test_6_what_is_edited_after_the_first_signature(shop, anna, bo):
    made = propose(shop, anna)
    for change in (
        "after = '{\"fee_bps\": 1}'",
        "before = '{}'",
        "subject = 'x'",
        "proposed_by = ''",
        "expires_at = now() + interval '9 years'",
    ):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            execute(f"UPDATE controls_proposal SET {change}")
    update_terms(merchant=shop, changes={"fee_bps": 390}, actor="test", at=AT)
    with pytest.raises(Changed):
        approve(made, bo)
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps) == ("proposed", 390)


def test_6_what_is_changed_after_both_signatures_is_not_carried_out(shop, anna, bo):
    day = wall().date() + timedelta(days=3)
    approve(propose(shop, anna, starts_on=day), bo)
    update_terms(merchant=shop, changes={"fee_bps": 390}, actor="test", at=AT)
    assert services.apply_proposals(at=wall() + timedelta(days=4)) == 0
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps) == ("approved", 390)


def test_7_one_that_is_over(shop, anna, bo):
    made = propose(shop, anna, at=wall() - timedelta(days=14))
    with pytest.raises(Decided, match="in time"):
        approve(made, bo)
    press(sign_in(bo), made)
    assert stands()
    with pytest.raises(Error, match="not signed in time"), transaction.atomic():
        execute(
            "UPDATE controls_proposal SET status = 'approved', decided_by = %s, decided_at = clock_timestamp(), signature = %s",
            [str(bo.pk), FORGED],
        )
    assert services.expire_proposals(at=wall()) == 1
    press(sign_in(bo), made)
    assert stands("expired")


def away(user, stand_in, *, days=3):
    today = wall().date()
    told = {"starts_on": today, "ends_on": today + timedelta(days=days), "reason": "holidays"}
    return services.note_absence(**told, user=user, stand_in=str(stand_in.pk) if stand_in else "", at=wall())


def test_8_delegated_to_oneself(shop, anna, bo):
    with pytest.raises(OnePerson, match="stand in for you"):
        away(anna, anna)
    with pytest.raises(Error, match="absence_not_by_oneself"), transaction.atomic():
        forged = Absence(person=str(anna.pk), stand_in=str(anna.pk), starts_on=AT.date(), ends_on=AT.date(), reason="x", made_at=AT)
        forged.save(force_insert=True)
    of_users = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=anna, content_type=of_users, object_id=str(bo.pk), object_repr="bo", action_flag=CHANGE)
    with pytest.raises(OnePerson):
        away(anna, bo)
    assert not Absence.objects.exists()


def test_8_delegated_to_the_maker(shop, anna, bo):
    away(bo, anna)
    made = propose(shop, anna)
    press(sign_in(anna), made)
    with pytest.raises(OnePerson):
        approve(made, anna)
    assert stands()


def test_8_delegated_to_somebody_without_the_right(shop, anna, bo):
    eve = make_operator("eve@kvart.example", may=["view_proposal", "approve_offer"])
    with pytest.raises(Invalid, match="decides nothing"):
        away(bo, eve)
    with pytest.raises(Forbidden):
        away(make_operator("vera@kvart.example", may=["view_proposal"]), bo)
    with pytest.raises(Error, match="is of operators"), transaction.atomic():
        Absence(person=str(bo.pk), stand_in="x", starts_on=AT.date(), ends_on=AT.date(), reason="x", made_at=AT).save(force_insert=True)
    assert not Absence.objects.exists()


def test_9_a_second_browser_of_the_same_person(shop, anna):
    made = propose(shop, anna)
    first, second = sign_in(anna), sign_in(anna)
    first.get(reverse("admin:controls_proposal_change", args=[made.pk]))
    press(second, made)
    assert stands()


def test_9_a_second_account_of_the_same_person(shop, anna, bo):
    made = propose(shop, anna)
    of_users = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=anna, content_type=of_users, object_id=str(bo.pk), object_repr="bo", action_flag=CHANGE)
    press(sign_in(bo), made)
    with pytest.raises(OnePerson):
        approve(made, bo)
    assert stands()


def test_10_a_role_that_changed_meanwhile(shop, anna, bo):
    made, client = propose(shop, anna), sign_in(bo)
    seen = User.objects.get(pk=bo.pk)
    assert seen.may("controls.approve_shop")
    assert 'value="approve"' in client.get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    permit(bo, "view_proposal")
    press(client, made)
    # What a caller read before the change counts no more.
    with pytest.raises(Forbidden):
        approve(made, seen)
    with pytest.raises(Error, match="nobody who may"), transaction.atomic():
        execute(
            "UPDATE controls_proposal SET status = 'approved', decided_by = %s, decided_at = now(), signature = %s", [str(bo.pk), FORGED]
        )
    assert stands()


def test_10_a_maker_who_may_not_propose_it_any_more(shop, anna, bo):
    made = propose(shop, anna)
    permit(anna, "approve_shop")
    with pytest.raises(Changed, match="may not propose it any more"):
        approve(made, bo)
    assert stands()
    services.reject_proposal(proposal_id=made.pk, user=bo, note="Anna left", at=wall())
    assert (Proposal.objects.get().status, Merchant.objects.get().fee_bps) == ("rejected", 400)


def test_11_a_request_that_is_sent_again(shop, anna, bo):
    made, client = propose(shop, anna), sign_in(bo)
    services.withdraw_proposal(proposal_id=made.pk, user=anna, at=wall())
    press(client, made)
    assert stands("withdrawn")
    second = propose(shop, anna)
    press(client, made)
    second.refresh_from_db()
    assert (second.status, Merchant.objects.get().fee_bps) == ("proposed", 400)
    for _time in range(3):
        press(client, second)
    assert (Merchant.objects.get().fee_bps, AccountChange.objects.count()) == (350, 1)
    # Back to the old fee by two people: the old click brings the new one about no second time.
    third = services.propose(
        kind="merchants.terms", subject=shop.public_id, after={"fee_bps": 400}, reason="back", starts_on=None, user=anna, at=wall()
    )
    approve(third, bo)
    press(client, second)
    assert (Merchant.objects.get().fee_bps, AccountChange.objects.count()) == (400, 2)


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("status = 'approved'", "proposal_by_two"),
        ("status = 'applied'", "no transition"),
        ("status = 'approved', decided_by = proposed_by, decided_at = now(), signature = repeat('f', 64)", "proposal_by_two"),
        ("status = 'approved', decided_by = 'somebody', decided_at = now(), signature = repeat('f', 64)", "nobody who may"),
        ("status = 'approved', decided_by = gen_random_uuid()::text, decided_at = now(), signature = repeat('f', 64)", "nobody who may"),
        ("status = 'approved', decided_by = {bo}, decided_at = now()", "not signed in time"),
        ("status = 'approved', decided_by = {bo}, signature = repeat('f', 64)", "not signed in time"),
    ],
)
def test_12_a_status_written_past_the_services(shop, anna, bo, written, refusal):
    propose(shop, anna)
    with pytest.raises(Error, match=refusal), transaction.atomic():
        execute("UPDATE controls_proposal SET " + written.format(bo=f"'{bo.pk}'"))
    assert stands()


def test_12_a_forged_signature_is_never_carried_out(shop, anna, bo):
    made = propose(shop, anna)
    Proposal.objects.update(status="approved", decided_by=str(bo.pk), decided_at=wall(), signature=FORGED)
    assert services.apply_proposals(at=wall() + timedelta(days=1)) == 0
    waiting = Proposal.objects.get()
    assert (waiting.status, "can be verified" in waiting.trouble, Merchant.objects.get().fee_bps) == ("approved", True, 400)
    sign_in(bo).post(reverse("admin:controls_proposal_retry", args=[made.pk]))
    assert Merchant.objects.get().fee_bps == 400


def test_12_a_signature_of_another_proposal_is_worth_nothing(shop, anna, bo):
    first = propose(shop, anna, starts_on=wall().date() + timedelta(days=2))
    good = approve(first, bo).signature
    services.withdraw_proposal(proposal_id=first.pk, user=anna, at=wall())
    second = propose(shop, anna)
    Proposal.objects.filter(pk=second.pk).update(status="approved", decided_by=str(bo.pk), decided_at=wall(), signature=good)
    assert services.apply_proposals(at=wall() + timedelta(days=1)) == 0
    assert Merchant.objects.get().fee_bps == 400


def test_12_nobody_but_an_operator_is_written_as_a_maker(shop, anna):
    made = propose(shop, anna)
    services.withdraw_proposal(proposal_id=made.pk, user=anna, at=wall())
    for maker in ("install", "", "x"):
        forged = Proposal(kind=made.kind, subject=made.subject, after={"fee_bps": 1}, reason="x", due_at=AT, proposed_by=maker)
        forged.proposed_at, forged.expires_at = AT, wall() + timedelta(days=9)
        with pytest.raises(Error, match="no operator proposes"), transaction.atomic():
            forged.save(force_insert=True)
