"""Twelve ways around the second person, through every door and for kinds of every app: all fail, and nothing changes."""

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
from controls.kinds import get_kind
from controls.models import Absence, Proposal
from core.clock import wall
from core.db import execute
from core.errors import Forbidden, Invalid
from merchants.models import AccountChange, Merchant
from tests.controls.cases import CASES, Case, Terms
from tests.operators import make_boss, make_operator, permit
from tests.shops import AT

FORGED = "f" * 64
SELDOM = pytest.mark.parametrize("case", [Terms], indirect=True)
"""What only a change that begins on a day can be tried with."""


@pytest.fixture(params=CASES, ids=lambda one: one.kind)
def case(request, db) -> Case:
    return request.param(request.getfixturevalue)


@pytest.fixture
def anna(case):
    """The maker, who may also decide what others propose."""
    return make_operator("anna@kvart.example", may=[case.may_propose, case.may_approve])


@pytest.fixture
def bo(case):
    return make_operator("bo@kvart.example", may=[case.may_approve])


def propose(case, user, *, at=None, starts_on=None) -> Proposal:
    told = {"kind": case.kind, "subject": case.subject, "after": case.after, "reason": "agreed in writing"}
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


def stands(case, status="proposed") -> bool:
    """Whether the only proposal has a status, and nothing changed."""
    made = Proposal.objects.get()
    unsigned = not made.decided_by and not made.signature
    return (made.status, unsigned, case.times()) == (status, True, 0)


def test_1_a_superuser_on_the_page(case):
    boss = make_boss()
    made, client = propose(case, boss), sign_in(boss)
    assert 'value="approve"' not in client.get(reverse("admin:controls_proposal_change", args=[made.pk])).content.decode()
    press(client, made)
    assert stands(case)
    press(sign_in(make_boss("other@kvart.example")), made)
    assert (Proposal.objects.get().status, case.times()) == ("applied", 1)


@pytest.mark.parametrize("action", ["approve", "approve_proposal", "delete_selected"])
def test_2_a_bulk_act(case, anna, action):
    made = propose(case, anna)
    for client in (sign_in(anna), sign_in(make_boss())):
        page = reverse("admin:controls_proposal_changelist")
        assert 'name="action"' not in client.get(page).content.decode()
        client.post(page, {"action": action, "_selected_action": [str(made.pk)], "post": "yes", "select_across": "1"})
        assert stands(case)


def test_3_the_admin_s_own_forms(case, anna):
    made = propose(case, anna)
    told = {"status": "approved", "decided_by": "x", "kind": case.kind, "_save": "1"} | case.after
    for client in (sign_in(anna), sign_in(make_boss())):
        for name, about in (("controls_proposal", made.pk), *case.pages):
            client.post(reverse(f"admin:{name}_change", args=[about]), told)
            client.post(reverse(f"admin:{name}_delete", args=[about]), {"post": "yes"})
        assert client.post(reverse("admin:controls_proposal_add"), told).status_code == 403
        assert stands(case)


def test_4_the_api(case, anna):
    made, told = propose(case, anna), {"status": "approved"} | case.after
    for client in (sign_in(anna), sign_in(make_boss())):
        for path in (
            f"proposals/{made.public_id}",
            f"proposals/{made.public_id}/approve",
            f"merchants/{case.subject}",
            f"orders/{case.subject}",
            "merchant",
        ):
            for method in ("post", "patch", "put"):
                answer = getattr(client, method)(f"/v1/{path}", told, content_type="application/json")
                assert answer.status_code in {401, 403, 404, 405}
    assert stands(case)


def test_5_a_direct_call_of_the_service_by_the_same_person(case, anna):
    made = propose(case, anna)
    again = User.objects.get(pk=anna.pk)
    for act in (services.approve_proposal, services.reject_proposal):
        with pytest.raises(OnePerson):
            act(proposal_id=made.pk, user=again, note="fine", at=wall())
    with pytest.raises(Decided):
        services.retry_proposal(proposal_id=made.pk, user=anna, at=wall())
    assert services.apply_proposals(at=wall() + timedelta(days=1)) == 0
    if way := case.alone(again):
        act, refusal = way
        with pytest.raises(refusal):
            act()
    assert stands(case)


def test_6_what_is_edited_after_the_first_signature(case, anna, bo):
    made = propose(case, anna)
    for change in (
        "after = '{\"x\": 1}'",
        "before = '{}'",
        "subject = 'x'",
        "proposed_by = ''",
        "expires_at = now() + interval '9 years'",
    ):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            execute(f"UPDATE controls_proposal SET {change}")
    case.meanwhile()
    with pytest.raises(Changed):
        approve(made, bo)
    assert stands(case)


@SELDOM
def test_6_what_is_changed_after_both_signatures_is_not_carried_out(case, anna, bo):
    day = wall().date() + timedelta(days=3)
    approve(propose(case, anna, starts_on=day), bo)
    case.meanwhile()
    assert services.apply_proposals(at=wall() + timedelta(days=4)) == 0
    assert (Proposal.objects.get().status, case.times()) == ("approved", 0)


def test_7_one_that_is_over(case, anna, bo):
    made = propose(case, anna, at=wall() - timedelta(days=14))
    with pytest.raises(Decided, match="in time"):
        approve(made, bo)
    press(sign_in(bo), made)
    assert stands(case)
    with pytest.raises(Error, match="not signed in time"), transaction.atomic():
        execute(
            "UPDATE controls_proposal SET status = 'approved', decided_by = %s, decided_at = clock_timestamp(), signature = %s",
            [str(bo.pk), FORGED],
        )
    assert services.expire_proposals(at=wall()) == 1
    press(sign_in(bo), made)
    assert stands(case, "expired")


def away(user, stand_in, *, days=3):
    today = wall().date()
    told = {"starts_on": today, "ends_on": today + timedelta(days=days), "reason": "holidays"}
    return services.note_absence(**told, user=user, stand_in=str(stand_in.pk) if stand_in else "", at=wall())


def test_8_delegated_to_oneself(case, anna, bo):
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


def test_8_delegated_to_the_maker(case, anna, bo):
    away(bo, anna)
    made = propose(case, anna)
    press(sign_in(anna), made)
    with pytest.raises(OnePerson):
        approve(made, anna)
    assert stands(case)


def test_8_delegated_to_somebody_without_the_right(case, anna, bo):
    eve = make_operator("eve@kvart.example", may=["view_proposal", "approve_offer"])
    with pytest.raises(Invalid, match="decides nothing"):
        away(bo, eve)
    with pytest.raises(Forbidden):
        away(make_operator("vera@kvart.example", may=["view_proposal"]), bo)
    with pytest.raises(Error, match="is of operators"), transaction.atomic():
        Absence(person=str(bo.pk), stand_in="x", starts_on=AT.date(), ends_on=AT.date(), reason="x", made_at=AT).save(force_insert=True)
    assert not Absence.objects.exists()


def test_9_a_second_browser_of_the_same_person(case, anna):
    made = propose(case, anna)
    first, second = sign_in(anna), sign_in(anna)
    first.get(reverse("admin:controls_proposal_change", args=[made.pk]))
    press(second, made)
    assert stands(case)


def test_9_a_second_account_of_the_same_person(case, anna, bo):
    made = propose(case, anna)
    of_users = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=anna, content_type=of_users, object_id=str(bo.pk), object_repr="bo", action_flag=CHANGE)
    press(sign_in(bo), made)
    with pytest.raises(OnePerson):
        approve(made, bo)
    assert stands(case)


def test_10_a_role_that_changed_meanwhile(case, anna, bo):
    made, client = propose(case, anna), sign_in(bo)
    seen = User.objects.get(pk=bo.pk)
    assert seen.may(get_kind(case.kind).may_approve)
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
    assert stands(case)


def test_10_a_maker_who_may_not_propose_it_any_more(case, anna, bo):
    made = propose(case, anna)
    permit(anna, case.may_approve)
    with pytest.raises(Changed, match="may not propose it any more"):
        approve(made, bo)
    assert stands(case)
    services.reject_proposal(proposal_id=made.pk, user=bo, note="Anna left", at=wall())
    assert (Proposal.objects.get().status, case.times()) == ("rejected", 0)


def test_11_a_request_that_is_sent_again(case, anna, bo):
    made, client = propose(case, anna), sign_in(bo)
    services.withdraw_proposal(proposal_id=made.pk, user=anna, at=wall())
    press(client, made)
    assert stands(case, "withdrawn")
    second = propose(case, anna)
    press(client, made)
    second.refresh_from_db()
    assert (second.status, case.times()) == ("proposed", 0)
    for _time in range(3):
        press(client, second)
    assert case.times() == 1


@SELDOM
def test_11_an_old_click_brings_nothing_about_again(case, anna, bo):
    second, client = propose(case, anna), sign_in(bo)
    press(client, second)
    # Back to the old fee by two people: the old click brings the new one about no second time.
    third = services.propose(
        kind="merchants.terms", subject=case.subject, after={"fee_bps": 400}, reason="back", starts_on=None, user=anna, at=wall()
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
def test_12_a_status_written_past_the_services(case, anna, bo, written, refusal):
    propose(case, anna)
    with pytest.raises(Error, match=refusal), transaction.atomic():
        execute("UPDATE controls_proposal SET " + written.format(bo=f"'{bo.pk}'"))
    assert stands(case)


def test_12_a_forged_signature_is_never_carried_out(case, anna, bo):
    made = propose(case, anna)
    Proposal.objects.update(status="approved", decided_by=str(bo.pk), decided_at=wall(), signature=FORGED)
    assert services.apply_proposals(at=wall() + timedelta(days=1)) == 0
    waiting = Proposal.objects.get()
    assert (waiting.status, "can be verified" in waiting.trouble, case.times()) == ("approved", True, 0)
    sign_in(bo).post(reverse("admin:controls_proposal_retry", args=[made.pk]))
    assert case.times() == 0


@SELDOM
def test_12_a_signature_of_another_proposal_is_worth_nothing(case, anna, bo):
    first = propose(case, anna, starts_on=wall().date() + timedelta(days=2))
    good = approve(first, bo).signature
    services.withdraw_proposal(proposal_id=first.pk, user=anna, at=wall())
    second = propose(case, anna)
    Proposal.objects.filter(pk=second.pk).update(status="approved", decided_by=str(bo.pk), decided_at=wall(), signature=good)
    assert services.apply_proposals(at=wall() + timedelta(days=1)) == 0
    assert case.times() == 0


def test_12_nobody_but_an_operator_is_written_as_a_maker(case, anna):
    made = propose(case, anna)
    services.withdraw_proposal(proposal_id=made.pk, user=anna, at=wall())
    for maker in ("install", "", "x"):
        forged = Proposal(kind=made.kind, subject=made.subject, after=made.after, reason="x", due_at=AT, proposed_by=maker)
        forged.proposed_at, forged.expires_at = AT, wall() + timedelta(days=9)
        with pytest.raises(Error, match="no operator proposes"), transaction.atomic():
            forged.save(force_insert=True)
