"""What somebody may do in the back office is changed on pages there, and each change is told on theirs."""

import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User, UserChange
from accounts.queries import rights_of
from tests.operators import make_boss, make_operator, permit, telling
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss(client):
    client.boss = make_boss()
    client.force_login(client.boss)
    return client


def save(boss, user: User, *groups: Group, **told: str) -> None:
    form = {"email": user.email, "name": user.name, "groups": [group.pk for group in groups]} | told
    assert boss.post(reverse("admin:accounts_user_change", args=[user.pk]), form).status_code == 302


def group_of(name: str, *codenames: str) -> Group:
    group = Group.objects.create(name=name)
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    return group


def test_each_change_of_a_user_is_told_on_their_page(boss):
    user = make_operator("nora@kvart.example", name="Nora New")
    group = group_of("Approvers", "decide_review")
    save(boss, user, group, is_staff="on", is_active="on")
    save(boss, user, is_active="on")
    save(boss, user, is_active="on", name="Nora Newer")
    newest = UserChange.objects.filter(user=user).order_by("-number")
    assert [(change.actor, change.after["groups"]) for change in newest] == [
        (str(boss.boss.pk), []),
        (str(boss.boss.pk), ["Approvers"]),
        ("test", []),
    ]
    text = text_of(boss.get(reverse("admin:accounts_user_change", args=[user.pk])))
    assert "works in the back office (by test)" in text
    right = "“[^”]*Can approve or reject held orders”"
    assert re.search(rf"joined Approvers, may now {right} \(by boss@kvart.example\)", text)
    assert re.search(rf"no longer works in the back office, left Approvers, may no longer {right} \(by boss@kvart.example\)", text)
    assert "checkout.decide_review" not in text


def test_what_a_group_may_is_told_of_each_member(boss):
    group, user = group_of("Clerks", "view_order"), make_operator("nora@kvart.example")
    save(boss, user, group, is_staff="on", is_active="on")
    decide = Permission.objects.get(codename="decide_review")
    door = reverse("admin:auth_group_change", args=[group.pk])
    assert boss.post(door, {"name": "Clerks", "permissions": [decide.pk]}).status_code == 302
    assert user.changes.latest("number").after["permissions"] == ["checkout.decide_review"]
    assert boss.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 302
    assert user.changes.latest("number").after == rights_of(user)
    assert rights_of(user)["permissions"] == rights_of(user)["groups"] == []
    other = group_of("Others", "view_order")
    save(boss, user, other, is_staff="on", is_active="on")
    chosen = {"action": "delete_selected", "_selected_action": [str(other.pk)], "post": "yes"}
    assert boss.post(reverse("admin:auth_group_changelist"), chosen).status_code == 302
    assert user.changes.latest("number").after == rights_of(user)
    assert user.changes.count() == 6


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
    permit(user, "view_user", "add_user", "change_user", "view_group", "add_group", "change_group", "delete_group", "view_order")
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
    answer = clerk.post(door, told)
    assert (answer.status_code, "groups" in answer.context["adminform"].form.errors, rights()) == (200, True, before)
    lesser = group_of("Clerks", "view_order")
    assert clerk.post(door, told | {"groups": [lesser.pk]}).status_code == 302
    assert rights_of(User.objects.get(email=told["email"]))["groups"] == ["Clerks"]


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
    ways = [[permission.pk] for permission in Permission.objects.filter(codename__in=("view_consumer", "prepare_review"))]
    bosses = [Client(raise_request_exception=False) for _ in range(6)]
    for number, browser in enumerate(bosses):
        browser.force_login(make_boss(f"boss{number}@kvart.example"))

    def change(number: int, turn: int) -> int:
        if number % 2:
            group = groups[(number + turn) // 2 % 2]
            form = {"name": f"{group.name} {turn}", "permissions": ways[(number + turn) % 2]}
            return bosses[number].post(reverse("admin:auth_group_change", args=[group.pk]), form).status_code
        user = users[(number + turn) % 3]
        form = {"email": user.email, "name": "N", "is_staff": "on", "is_active": "on"}
        chosen = [group.pk for group in groups][turn % 2 : 1 + (number + turn) % 3]
        return bosses[number].post(reverse("admin:accounts_user_change", args=[user.pk]), form | {"groups": chosen}).status_code

    for turn in range(8):
        assert at_once(6, lambda number, turn=turn: change(number, turn)) == [302] * 6
        assert [user.changes.latest("number").after for user in users] == [rights_of(user) for user in users]
