"""Operators come to their password by a mail to themselves: invited, or after they forgot it."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import User
from controls.models import Proposal
from controls.services import approve_proposal
from core import relay
from core.clock import now
from notifications.letters import Letter, compose_letter
from notifications.models import Message
from notifications.queries import load_named
from tests.operators import make_boss
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {"new_password1": "slow green kettle", "new_password2": "slow green kettle"}


@pytest.fixture
def boss(client):
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    return client


def letters(email: str) -> list[Letter]:
    relay.drain()
    found = list(Message.objects.filter(user__email=email).select_related("user", "consumer").order_by("id"))
    return [compose_letter(message, load_named(found)) for message in found]


def links(email: str) -> list[str]:
    return [re.search(r"http://localhost:8000(/admin/password/\S+)", letter.text)[1] for letter in letters(email)]


def choose(path: str, **told: str) -> tuple[Client, int]:
    """Open a link and send the form that it leads to; give the browser and the answer's status: 302 where the password was taken."""
    browser = Client()
    page = browser.get(path, follow=True)
    assert "Choose a password" in text_of(page)
    return browser, browser.post(page.request["PATH_INFO"], NEW | told).status_code


def add(boss, **told: str) -> User:
    form = {"email": "nora@kvart.example", "name": "Nora New", "is_staff": "on", "is_active": "on", "why": "New here"} | told
    assert boss.post(reverse("admin:accounts_user_add"), {key: value for key, value in form.items() if value}).status_code == 302
    for made in Proposal.objects.filter(status="proposed"):
        approve_proposal(proposal_id=made.pk, user=make_boss("root@kvart.example"), at=now())
    return User.objects.get(email="nora@kvart.example")


def test_a_new_operator_is_invited_and_chooses_the_password(boss):
    assert not add(boss).has_usable_password()
    assert "Proposed. Another person decides now." in text_of(boss.get(reverse("admin:accounts_user_changelist")))
    (path,) = links("nora@kvart.example")
    assert choose(path, new_password2="another")[1] == 200
    assert choose(path)[1] == 302
    user = User.objects.get(email="nora@kvart.example")
    assert user.check_password(NEW["new_password1"])
    spent = Client().get(path, follow=True)
    assert "This link was used already" in text_of(spent)
    browser = Client()
    asked = {"username": "nora@kvart.example", "password": NEW["new_password1"], "next": "/admin/"}
    assert browser.post("/admin/login/?next=/admin/", asked)["Location"] == "/admin/"


def test_who_does_not_work_here_is_not_invited(boss):
    add(boss, is_staff="")
    assert links("nora@kvart.example") == []


def test_an_invitation_is_sent_again_from_the_list(boss):
    user = add(boss)
    door = reverse("admin:accounts_user_changelist")
    boss.post(door, {"action": "invite_again", "_selected_action": [str(user.pk)]})
    assert "Sent to 1." in text_of(boss.get(door))
    assert len(links("nora@kvart.example")) >= 1


def test_a_forgotten_password_is_chosen_anew_and_strangers_learn_nothing(boss):
    browser, door = Client(), reverse("admin_password_reset")
    assert door in browser.get("/admin/login/?next=/admin/").content.decode()
    told = set()
    for email in ("boss@kvart.example", "nobody@kvart.example", "boss@kvart.example"):
        assert browser.post(door, {"email": email})["Location"] == reverse("admin:login")
        told.add(text_of(browser.get("/admin/login/?next=/admin/")).count("a mail with a link is on its way"))
    assert told == {1}
    (path,) = links("boss@kvart.example")
    assert Message.objects.count() == 1
    assert choose(path)[1] == 302
    assert User.objects.get(email="boss@kvart.example").check_password(NEW["new_password1"])


def test_a_weak_password_is_refused_and_changes_nothing(boss):
    add(boss)
    (path,) = links("nora@kvart.example")
    assert choose(path, new_password1="12345678", new_password2="12345678")[1] == 200
    assert not User.objects.get(email="nora@kvart.example").has_usable_password()


def test_a_merchants_member_gets_no_link(boss):
    User.objects.create_user("mia@shop.example", "demo-password")
    Client().post(reverse("admin_password_reset"), {"email": "mia@shop.example"})
    assert links("mia@shop.example") == []


def test_an_invitation_is_in_the_language_that_who_invites_chose_for_it(boss):
    boss.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    page = boss.get(reverse("admin:accounts_user_add")).content.decode()
    assert re.search(r'<option value="da"\s+selected', page)
    assert (
        "language"
        not in boss.get(reverse("admin:accounts_user_change", args=[add(boss, language="sv").pk])).context["adminform"].form.fields
    )
    (letter,) = letters("nora@kvart.example")
    assert ("lösenord" in letter.text, User.objects.get(email="nora@kvart.example").language) == (True, "sv")


def test_who_has_chosen_no_language_gets_a_new_password_in_that_of_the_page(boss):
    browser = Client(headers={"Accept-Language": "de"})
    browser.post(reverse("admin_password_reset"), {"email": "boss@kvart.example"})
    (letter,) = letters("boss@kvart.example")
    assert "Passwort" in letter.subject
