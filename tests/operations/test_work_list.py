"""The work list: one list of all kinds, who has what, and the next one."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from controls import services as controls
from controls.errors import Taken
from controls.models import Assignment
from core.clock import wall
from tests.operators import make_operator
from tests.shops import open_shop

TAKE, GIVE, RELEASE, NEXT = (reverse(f"admin:controls_assignment_{act}") for act in ("take", "give", "release", "next"))


def sign_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def anna(db):
    return make_operator("anna@kvart.example", name="Anna", may=["propose_shop"])


@pytest.fixture
def bo(db):
    return make_operator("bo@kvart.example", name="Bo", may=["approve_shop"])


@pytest.fixture
def proposals(anna):
    made = []
    for number in range(3):
        shop, at = open_shop(name=f"Shop {number}"), wall() + timedelta(seconds=number)
        more = {"subject": shop.public_id, "after": {"fee_bps": 100 + number}, "reason": f"Contract {number}", "starts_on": None}
        made.append(controls.propose(kind="merchants.terms", user=anna, at=at, **more))
    return made


def task(proposal) -> dict[str, str]:
    return {"kind": "proposal", "subject": str(proposal.pk)}


def page(client, **query) -> str:
    return client.get(reverse("admin:index"), query).content.decode()


def listed(text: str) -> list[str]:
    return re.findall(r"Contract \d", text)


def test_it_lists_what_waits_and_counts_it(proposals, anna, bo):
    text = page(sign_in(bo))
    assert listed(text) == ["Contract 0", "Contract 1", "Contract 2"]
    assert re.search(r"Proposals <b>3</b>", text)
    assert "Waits for another person" in page(sign_in(anna))
    assert listed(page(sign_in(bo), kind="held")) == []


def test_a_task_is_taken_once_and_shown_as_somebodys(proposals, bo):
    cy = make_operator("cy@kvart.example", name="Cy", may=["approve_shop"])
    first, second = sign_in(bo), sign_in(cy)
    first.post(TAKE, task(proposals[0]))
    assert "Somebody else works on this." in second.post(TAKE, task(proposals[0]), follow=True).content.decode()
    assert Assignment.objects.get().person == str(bo.pk)
    assert listed(page(first, who="mine")) == ["Contract 0"]
    assert listed(page(second, who="free")) == ["Contract 1", "Contract 2"]
    assert "<b>Bo</b>" in page(second)
    second.post(RELEASE, task(proposals[0]))
    assert Assignment.objects.get().person == str(bo.pk)
    first.post(RELEASE, task(proposals[0]))
    assert not Assignment.objects.exists()


def test_it_is_free_again_after_some_hours(proposals, bo):
    long_ago = wall() - timedelta(hours=5)
    controls.take_task(kind="proposal", subject=str(proposals[0].pk), actor="somebody", at=long_ago)
    client = sign_in(bo)
    assert listed(page(client, who="free")) == ["Contract 0", "Contract 1", "Contract 2"]
    client.post(TAKE, task(proposals[0]))
    assert Assignment.objects.get().person == str(bo.pk)


def test_the_next_one_is_opened_and_nobody_else_gets_it(proposals, bo):
    cy = make_operator("cy@kvart.example", may=["approve_shop"])
    opened = [sign_in(user).post(NEXT).url for user in (bo, cy, bo)]
    assert opened == [reverse("admin:controls_proposal_change", args=[one.pk]) for one in proposals]
    assert sign_in(cy).post(NEXT).url == reverse("admin:index")


def test_who_made_a_proposal_does_not_get_it_as_the_next(proposals, anna):
    assert sign_in(anna).post(NEXT).url == reverse("admin:index")
    assert not Assignment.objects.exists()


def test_tasks_are_given_by_whoever_may_to_whoever_may_work_on_them(proposals, anna, bo):
    lead = make_operator("lead@kvart.example", may=["approve_shop", "assign_task"])
    nobody = make_operator("eve@kvart.example", name="Eve", may=["view_order"])
    assert sign_in(bo).post(GIVE, task(proposals[0]) | {"person": str(bo.pk)}).status_code == 403
    client = sign_in(lead)
    assert "does not include this task" in client.post(GIVE, task(proposals[0]) | {"person": str(nobody.pk)}, follow=True).content.decode()
    assert not Assignment.objects.exists()
    client.post(GIVE, task(proposals[0]) | {"person": str(bo.pk)})
    assert (Assignment.objects.get().person, Assignment.objects.get().given_by) == (str(bo.pk), str(lead.pk))


@pytest.mark.parametrize("subject", ["x", "00000000-0000-0000-0000-000000000000"])
def test_only_an_open_task_of_ones_role_is_taken(proposals, bo, subject):
    assert sign_in(bo).post(TAKE, {"kind": "proposal", "subject": subject}).status_code == 403
    stranger = sign_in(make_operator("eve@kvart.example", may=["view_order"]))
    for act in (TAKE, GIVE, RELEASE, NEXT):
        assert stranger.post(act, task(proposals[0])).status_code == 403
        assert sign_in(bo).get(act).status_code == 403
    assert not Assignment.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_list(proposals, anna, bo, django_assert_max_num_queries):
    client = sign_in(bo)
    with django_assert_max_num_queries(20):
        page(client)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_task_at_once_one_has_it(at_once):
    take = [lambda who=str(number): controls.take_task(kind="held", subject="1", actor=who, at=wall()) for number in range(4)]
    results = at_once(4, lambda number: take[number]())
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Taken", "Taken", "Taken"]
    assert Taken.code == "controls.taken"


def test_who_leaves_has_no_tasks_and_no_sessions(proposals, bo):
    from tests.operators import make_boss

    client = sign_in(bo)
    client.post(TAKE, task(proposals[0]))
    boss = sign_in(make_boss())
    boss.post(reverse("admin:accounts_user_change", args=[bo.pk]), {"email": bo.email, "name": "Bo", "is_staff": "on"})
    bo.refresh_from_db()
    assert (bo.is_active, bo.has_usable_password(), Assignment.objects.exists()) == (False, False, False)
    assert client.get(reverse("admin:index")).status_code == 302
    newest = bo.changes.order_by("-number").first()
    assert newest.after["active"] is False
