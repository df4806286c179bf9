"""What somebody may do in the back office is changed on pages there, and each change is told on theirs."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import User, UserChange
from accounts.queries import rights_of
from tests.operators import make_boss, make_operator
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
    assert "joined Approvers, may now checkout.decide_review (by boss@kvart.example)" in text
    assert "no longer works in the back office, left Approvers, may no longer checkout.decide_review (by boss@kvart.example)" in text


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
