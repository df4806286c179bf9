"""What somebody may do in the back office is changed on pages there, and each change is told on theirs."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts import services as people
from accounts.models import User, UserChange
from accounts.queries import rights_of
from controls.errors import Changed
from controls.models import Proposal
from controls.services import approve_proposal, propose, reject_proposal
from core.clock import now
from core.errors import Forbidden
from tests.operators import make_boss, make_operator, permit, telling
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss(client):
    client.boss = make_boss()
    client.force_login(client.boss)
    return client


def send(boss, user: User, *groups: Group, **told: str):
    form = {"email": user.email, "name": user.name, "why": "Her work", "groups": [group.pk for group in groups]} | told
    return boss.post(reverse("admin:accounts_user_change", args=[user.pk]), form)


def save(boss, user: User, *groups: Group, **told: str) -> None:
    """Send the form, and let another person agree to what it proposes."""
    assert send(boss, user, *groups, **told).status_code == 302
    for waiting in Proposal.objects.filter(kind="accounts.access", status="proposed"):
        other = User.objects.filter(email="root@kvart.example").first() or make_boss("root@kvart.example")
        approve_proposal(proposal_id=waiting.pk, user=other, at=now())


def group_of(name: str, *codenames: str) -> Group:
    group = Group.objects.create(name=name)
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    return group


def test_each_change_of_a_user_is_proposed_and_told_on_their_page(boss):
    user = make_operator("nora@kvart.example", name="Nora New")
    group = group_of("Approvers", "decide_review")
    send(boss, user, group, is_staff="on", is_active="on")
    assert "Another person decides what this person may do" in text_of(boss.get(reverse("admin:accounts_user_change", args=[user.pk])))
    assert (rights_of(user)["groups"], UserChange.objects.filter(user=user).count()) == ([], 1)
    save(boss, user, group, is_staff="on", is_active="on")
    save(boss, user, is_active="on")
    save(boss, user, is_active="on", name="Nora Newer")
    newest = UserChange.objects.filter(user=user).order_by("-number")
    agreed = [f"proposal:{one.public_id}" for one in Proposal.objects.order_by("-id")]
    assert [(change.actor, change.after["groups"]) for change in newest] == [(agreed[0], []), (agreed[1], ["Approvers"]), ("test", [])]
    text = text_of(boss.get(reverse("admin:accounts_user_change", args=[user.pk])))
    assert "works in the back office (by test)" in text
    right = "“[^”]*Can approve or reject held orders”"
    below = r"\(by two people\).{1,120}1 right.{1,60}"
    assert re.search(rf"joined Approvers {below}may now {right}", text)
    assert re.search(rf"no longer works in the back office, left Approvers {below}may no longer {right}", text)
    assert "checkout.decide_review" not in text


def test_who_leaves_is_shut_out_at_once_and_comes_back_by_two(boss):
    user, group = make_operator("nora@kvart.example", name="Nora New"), group_of("Clerks", "view_order")
    save(boss, user, group, is_staff="on", is_active="on")
    send(boss, user, is_staff="on")
    assert not Proposal.objects.filter(status="proposed").exists()
    assert (rights_of(user)["active"], rights_of(user)["groups"]) == (False, ["Clerks"])
    send(boss, user, group, is_staff="on", is_active="on")
    assert rights_of(user)["active"] is False
    save(boss, user, group, is_staff="on", is_active="on")
    assert rights_of(user)["active"] is True


def test_a_change_of_what_somebody_may_do_says_why(boss):
    user = make_operator("nora@kvart.example", name="Nora New")
    answer = send(boss, user, is_active="on", why="")
    assert (answer.status_code, list(answer.context["adminform"].form.errors), Proposal.objects.count()) == (200, ["why"], 0)


def test_a_role_that_somebody_has_stays_as_it_is(boss):
    group, user = group_of("Clerks", "view_order"), make_operator("nora@kvart.example")
    decide, door = Permission.objects.get(codename="decide_review"), reverse("admin:auth_group_change", args=[group.pk])
    assert boss.post(door, {"name": "Clerks", "permissions": [decide.pk]}).status_code == 302
    save(boss, user, group, is_staff="on", is_active="on")
    before = rights_of(user)
    assert boss.post(door, {"name": "Clerks", "permissions": []}).status_code == 403
    assert boss.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(group.pk)], "post": "yes"}
    boss.post(reverse("admin:auth_group_changelist"), chosen)
    assert (rights_of(user), before["permissions"]) == (before, ["checkout.decide_review"])


def test_a_role_that_changed_meanwhile_is_not_given(boss):
    group, user = group_of("Clerks", "view_order"), make_operator("nora@kvart.example")
    send(boss, user, group, is_staff="on", is_active="on")
    group.permissions.set(Permission.objects.filter(codename="decide_review"))
    with pytest.raises(Changed):
        approve_proposal(proposal_id=Proposal.objects.get().pk, user=make_boss("root@kvart.example"), at=now())
    assert rights_of(user)["groups"] == []


def test_nobody_decides_about_themselves_or_gives_more_than_they_may(boss):
    group = group_of("Approvers", "decide_review")
    lesser = make_operator("lea@kvart.example", may=["approve_access", "propose_access", "view_order"])
    user = make_operator("nora@kvart.example", may=["approve_access", "propose_access"])
    send(boss, user, group, is_staff="on", is_active="on")
    made = Proposal.objects.get()
    for who in (lesser, user):
        for act in (approve_proposal, reject_proposal):
            with pytest.raises(Forbidden):
                act(proposal_id=made.pk, user=who, note="fine", at=now())
        with pytest.raises(Forbidden):
            told = {"kind": made.kind, "subject": str(user.pk), "after": made.after, "reason": "x", "starts_on": None}
            propose(**told, user=who, at=now())
    assert rights_of(user)["groups"] == []
    approve_proposal(proposal_id=made.pk, user=make_boss("root@kvart.example"), at=now())
    assert rights_of(user)["groups"] == ["Approvers"]


def test_nobody_deletes_a_user(boss):
    user = User.objects.create_user("mia@shop.example", "demo-password")
    assert boss.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(user.pk)], "post": "yes"}
    boss.post(reverse("admin:accounts_user_changelist"), chosen)
    assert User.objects.filter(pk=user.pk).exists()


@pytest.fixture
def clerk():
    """Somebody who looks after users and groups, and may look at orders."""
    user = make_operator("clara@kvart.example")
    groups = ("view_group", "add_group", "change_group", "delete_group")
    permit(user, "view_user", "add_user", "change_user", "propose_access", "view_order", *groups)
    browser = Client()
    browser.force_login(user)
    browser.user = user
    return browser


def rights():
    return {user.email: (rights_of(user), user.email) for user in User.objects.all()}


@pytest.mark.parametrize("whom", ["herself", "another", "a new one"])
def test_nobody_gives_a_group_that_may_more_than_they(clerk, whom):
    group, other = group_of("Approvers", "decide_review", "view_order"), make_operator("nora@kvart.example")
    before = rights()
    user = {"herself": clerk.user, "another": other}.get(whom)
    door = reverse("admin:accounts_user_change", args=[user.pk]) if user else reverse("admin:accounts_user_add")
    told = {"email": user.email if user else "new@kvart.example", "name": "N", "is_staff": "on", "is_active": "on", "groups": [group.pk]}
    answer = clerk.post(door, told | {"why": "x"})
    assert rights() == before
    assert Proposal.objects.count() == 0
    if user == clerk.user:
        # Nobody proposes anything for themselves.
        assert answer.status_code == 302
        return
    assert (answer.status_code, "groups" in answer.context["adminform"].form.errors) == (200, True)
    lesser = group_of("Clerks", "view_order")
    assert clerk.post(door, told | {"groups": [lesser.pk], "why": "x"}).status_code == 302
    assert Proposal.objects.get().after["groups"] == ["Clerks"]
    assert rights_of(User.objects.get(email=told["email"]))["groups"] == []


@pytest.mark.parametrize("may", ["all", "more", "more, and has left"])
def test_nobody_takes_the_account_of_who_may_more(clerk, may):
    user = make_boss("root@kvart.example") if may == "all" else make_operator("dora@kvart.example", may=("decide_review",))
    if may == "more, and has left":
        with telling(user):
            user.is_active = False
            user.save()
    before, door = rights(), reverse("admin:accounts_user_change", args=[user.pk])
    assert clerk.get(door).status_code == 200
    answer = clerk.post(door, {"email": "clara+2@kvart.example", "name": user.name, "is_staff": "on", "is_active": "on"})
    assert (answer.status_code, rights()) == (403, before)


def test_a_group_gets_and_loses_only_what_who_changes_it_may(clerk):
    mine, beyond = group_of("Clerks", "view_order"), group_of("Approvers", "decide_review")
    decide, look = Permission.objects.get(codename="decide_review"), Permission.objects.get(codename="view_consumer")
    for door, status in ((reverse("admin:auth_group_change", args=[mine.pk]), 200), (reverse("admin:auth_group_add"), 200)):
        assert clerk.post(door, {"name": "Others", "permissions": [decide.pk, look.pk]}).status_code == status
    for name in ("change", "delete"):
        assert clerk.post(reverse(f"admin:auth_group_{name}", args=[beyond.pk]), {"name": "X", "post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [str(beyond.pk)], "post": "yes"}
    clerk.post(reverse("admin:auth_group_changelist"), chosen)
    found = {group.name: [one.codename for one in group.permissions.all()] for group in Group.objects.all()}
    assert (found["Clerks"], found["Approvers"], "Others" in found) == (["view_order"], ["decide_review"], False)


def test_changes_of_users_and_groups_at_once_are_all_told(at_once):
    users = [make_operator(f"{name}@kvart.example") for name in ("nora", "dora", "clara")]
    groups = [group_of("Clerks", "view_order"), group_of("Approvers", "decide_review")]
    ways = [["accounts.view_consumer"], ["checkout.prepare_review"]]

    def change(number: int, turn: int) -> None:
        if number % 2:
            group = groups[(number + turn) // 2 % 2]
            people.set_roles(roles={group.name: ways[(number + turn) % 2]}, actor="test", at=now())
            return
        chosen = [group.name for group in groups][turn % 2 : 1 + (number + turn) % 3]
        told = {"operator": True, "active": True, "roles": chosen, "actor": "test", "at": now()}
        people.set_access(user_id=users[(number + turn) % 3].pk, **told)

    for turn in range(8):
        assert at_once(6, lambda number, turn=turn: change(number, turn)) == [None] * 6
        assert [user.changes.latest("number").after for user in users] == [rights_of(user) for user in users]
