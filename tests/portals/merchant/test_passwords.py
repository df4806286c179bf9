"""A member of a shop's team who forgot the password chooses another by a mail: once, while the link is good; strangers learn nothing."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.test import Client

from accounts.models import User
from accounts.services import choose_password, telling_rights
from core import clock, relay
from notifications.letters import compose_letter
from notifications.models import Message
from notifications.queries import load_named
from tests.brands.cast import HOST, make_bank
from tests.operators import make_boss
from tests.portals.merchant.conftest import PASSWORD, join
from tests.portals.reading import asked_again, text_of, toasts
from tests.shops import join_team, open_shop

pytestmark = pytest.mark.django_db(transaction=True)
DOOR = "/merchant/password"
NEW = {"new_password1": "slow green kettle", "new_password2": "slow green kettle"}


@pytest.fixture
def mia(merchant):
    return join(merchant, "viewer")


def letters(kind: str):
    relay.drain()
    found = list(Message.objects.filter(kind=kind).select_related("user", "consumer").order_by("id"))
    return [compose_letter(message, load_named(found)) for message in found]


def ask(email: str) -> str:
    """Ask for a link in a browser of one's own, and give what the page says."""
    return " ".join(toasts(Client().post(DOOR, {"email": email}, follow=True)))


def link(email: str) -> str:
    ask(email)
    return re.search(r"http://localhost:8000(/merchant/password/\S+)", letters("member_password")[-1].text)[1]


def opened(path: str) -> tuple[Client, str]:
    browser = Client()
    page = browser.get(path, follow=True)
    assert "Choose a password" in text_of(page)
    return browser, page.request["PATH_INFO"]


def test_a_forgotten_password_is_chosen_anew_and_ends_all_sessions(client, merchant, mia):
    assert DOOR in client.get("/merchant/sign-in").content.decode()
    before = Client()
    before.force_login(mia, backend="django.contrib.auth.backends.ModelBackend")
    assert before.get("/merchant/").status_code == 200
    for n in range(5):
        Client().post("/merchant/sign-in", {"username": mia.email, "password": f"wrong {n}"})
    path = link(mia.email)
    browser, form = opened(path)
    assert "Your password is set. Sign in with it." in text_of(browser.post(form, NEW, follow=True))
    assert before.get("/merchant/").status_code == 302
    told = {"username": mia.email, "password": NEW["new_password1"]}
    assert Client().post("/merchant/sign-in", told)["Location"] == "/merchant/"
    (letter,) = letters("password_changed")
    assert (letter.subject, DOOR in letter.text) == ("Your password at kvart was changed", True)
    assert "This link was used already" in text_of(Client().get(path, follow=True))
    assert browser.post(form, NEW | dict.fromkeys(NEW, "another slow kettle")).status_code in {200, 302}
    mia.refresh_from_db()
    assert mia.check_password(NEW["new_password1"])


def test_an_address_of_nobody_gets_the_same_answer_and_no_mail(merchant, stranger, mia):
    lone = User.objects.create_user("lone@people.example", PASSWORD)
    gone = join(stranger, "owner", "gone@other.example")
    with telling_rights(users=[gone], actor="test", at=clock.now()):
        User.objects.filter(pk=gone.pk).update(is_active=False)
    said = {ask(email) for email in (mia.email, "nobody@people.example", lone.email, gone.email, make_boss().email)}
    assert len(said) == 1
    assert "a mail with a link is on its way" in said.pop()
    assert [len(letters(kind)) for kind in ("member_password", "operator_password")] == [1, 0]


def test_however_often_somebody_asks_there_is_one_mail_in_ten_minutes(mia):
    for _ in range(3):
        ask(mia.email)
    relay.drain()
    assert Message.objects.filter(kind="member_password").count() <= 2


def test_a_member_of_another_brands_shop_is_written_to_as_that_brand_and_at_its_host_only(mia, settings):
    settings.BASE_URL = "http://localhost:8000"
    make_bank()
    theirs = join_team(open_shop(name="Theirs", market="DK", brand="bank"), "team@shop.example", "owner").user
    for host, user in (("localhost", theirs), (HOST, mia)):
        assert Client().post(DOOR, {"email": user.email}, headers={"host": host}).status_code == 302
    assert letters("member_password") == []
    Client().post(DOOR, {"email": theirs.email}, headers={"host": HOST})
    (letter,) = letters("member_password")
    assert "Fjordbank" in letter.subject
    assert re.search(rf"//{HOST}[^/]*/merchant/password/\S+/\S+/", letter.text)
    assert "kvart" not in letter.text


def test_what_cannot_be_taken_is_said_on_a_page_of_its_own_and_changes_nothing(mia):
    browser, form = opened(link(mia.email))
    for told in ({"new_password1": "12345678", "new_password2": "12345678"}, NEW | {"new_password2": "another"}):
        page = asked_again(browser.post(form, told))
        assert ("too short" in text_of(page) or "match" in text_of(page)) is True
    assert "12345678" not in page.content.decode()
    assert "Enter your e-mail address." in text_of(asked_again(Client().post(DOOR, {"email": ""})))
    mia.refresh_from_db()
    assert mia.check_password(PASSWORD)


def test_a_link_ends(mia, monkeypatch):
    path = link(mia.email)
    in_four_days = PasswordResetTokenGenerator()._now() + timedelta(days=4)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _self: in_four_days)
    page = Client().get(path, follow=True)
    assert "older than three days" in text_of(page)
    assert DOOR in page.content.decode()


def test_of_two_who_use_a_link_at_once_one_has_it(mia, at_once):
    token = PasswordResetTokenGenerator().make_token(mia)
    came = at_once(4, lambda n: choose_password(user=mia, token=token, password=f"slow kettle {n}", place="member", at=clock.now()))
    assert sorted(came) == [False, False, False, True]
    assert len(letters("password_changed")) == 1
