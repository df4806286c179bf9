"""Signing in, being locked out, invitations, several shops, signing out."""

from urllib.parse import urlencode

import pytest
from django.contrib.auth import SESSION_KEY

from accounts.models import User
from core import clock
from merchants.models import Membership
from merchants.queries import invitation_token
from merchants.services import invite_member
from tests.portals.merchant.conftest import PASSWORD, join
from tests.portals.reading import asked_again, text_of

RIGHT = {"username": "owner@nordlys.example", "password": PASSWORD}


@pytest.fixture
def mia(merchant):
    return join(merchant, "owner")


def test_the_right_password_lets_in_and_leads_back(client, mia):
    response = client.post("/merchant/sign-in?next=/merchant/orders%3Fstatus=captured", RIGHT)
    assert (response.status_code, response.headers["Location"]) == (302, "/merchant/orders?status=captured")
    assert client.get("/merchant/").status_code == 200


@pytest.mark.parametrize("there", ["https://evil.example/", "//evil.example", "/home", "/merchant/../admin", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_place(client, mia, there):
    response = client.post(f"/merchant/sign-in?next={there}", RIGHT)
    assert response.status_code == 302
    assert response.headers["Location"] in {"/merchant/", "/merchant/../admin"}


def test_a_wrong_password_says_no_more_than_that(client, mia):
    texts = []
    for sent in (RIGHT | {"password": "wrong"}, RIGHT | {"username": "nobody@nordlys.example"}):
        response = client.post("/merchant/sign-in", sent)
        response = asked_again(response)
        texts.append("E-mail and password do not match." in text_of(response))
    assert texts == [True, True]
    assert client.get("/merchant/").status_code == 302


def test_the_door_speaks_the_visitor_s_language(client, mia):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    told = text_of(asked_again(client.post("/merchant/sign-in", RIGHT | {"password": "wrong"})))
    assert ("E-Mail und Passwort passen nicht zusammen." in told, "für Händler" in told, "for shops" in told) == (True, True, False)


def test_five_wrong_passwords_close_the_door_also_for_the_right_one(client, mia):
    answers = [client.post("/merchant/sign-in", RIGHT | {"password": f"wrong {n}"}) for n in range(5)]
    assert [answer.headers.get("Retry-After") for answer in answers] == [None, None, None, None, "900"]
    response = client.post("/merchant/sign-in", RIGHT)
    assert response.headers["Retry-After"] == "900"
    assert "Wait 15 minutes" in text_of(asked_again(response))
    assert client.get("/merchant/").status_code == 302


def test_somebody_without_a_shop_is_told_so(client, db):
    User.objects.create_user("lone@people.example", PASSWORD)
    client.post("/merchant/sign-in", {"username": "lone@people.example", "password": PASSWORD})
    response = client.get("/merchant/")
    assert response.status_code == 403
    assert "You belong to no shop" in text_of(response)


def test_who_is_in_two_teams_chooses_and_switches(client, merchant, stranger):
    user = join(merchant, "owner", "both@people.example")
    join(stranger, "viewer", "both@people.example")
    client.post("/merchant/sign-in", {"username": user.email, "password": PASSWORD})
    assert client.get("/merchant/orders").headers["Location"] == "/merchant/choose"
    text = text_of(client.get("/merchant/choose"))
    assert "Nordlys Lamps" in text
    assert "Other Shop" in text
    client.post("/merchant/choose", {"merchant": stranger.public_id})
    page = client.get("/merchant/")
    assert page.context["shop"] == stranger.name
    assert "Switch shop" in text_of(page)
    assert client.get("/merchant/keys").status_code == 403
    client.post("/merchant/choose", {"merchant": merchant.public_id})
    assert client.get("/merchant/keys").status_code == 200


def test_nobody_chooses_a_shop_of_others(client, merchant, stranger, mia):
    client.post("/merchant/sign-in", RIGHT)
    assert client.post("/merchant/choose", {"merchant": stranger.public_id}).status_code == 404
    assert client.get("/merchant/").context["shop"] == merchant.name


def test_signing_out_ends_the_session_but_not_the_consumers(client, mia):
    session = client.session
    session["consumer"] = "con_x"
    session.save()
    client.post("/merchant/sign-in", RIGHT)
    assert client.session["consumer"] == "con_x"
    assert client.get("/merchant/sign-out").headers["Location"] == "/merchant/"
    assert SESSION_KEY in client.session
    assert client.post("/merchant/sign-out").headers["Location"] == "/merchant/sign-in"
    assert client.session["consumer"] == "con_x"
    assert client.get("/merchant/").status_code == 302


def test_who_left_the_team_is_out_at_once(client, mia):
    client.post("/merchant/sign-in", RIGHT)
    Membership.objects.all().delete()
    assert client.get("/merchant/orders").status_code == 403


@pytest.fixture
def invite(merchant):
    """Invite an address and give the path that its mail leads to."""

    def do(email="new@nordlys.example"):
        made = invite_member(merchant=merchant, email=email, role="finance", actor="user:x", at=clock.now())
        return f"/merchant/invitations/{made.public_id}/{invitation_token(made)}"

    return do


def test_somebody_new_sets_a_password_joins_and_is_in(client, invite):
    path = invite()
    assert "Join the team of Nordlys Lamps" in text_of(client.get(path))
    assert "too short" in text_of(asked_again(client.post(path, {"password": "short"})))
    assert Membership.objects.count() == 0
    assert client.post(path, {"password": PASSWORD}).headers["Location"] == "/merchant/"
    assert client.get("/merchant/").status_code == 200
    assert client.get(path).status_code == 410
    assert client.post(path, {"password": "another-password"}, follow=True).status_code == 410
    assert User.objects.get().check_password(PASSWORD)


def test_somebody_known_signs_in_first_and_joins(client, invite, stranger):
    kim = join(stranger, "owner", "kim@other.example")
    path = invite(kim.email)
    answer = client.get(path)
    assert answer.headers["Location"] == f"/merchant/sign-in?{urlencode({'next': path})}"
    assert client.post(path, {"password": "mine now, I hope"}).status_code == 302
    assert Membership.objects.count() == 1
    signed_in = client.post(answer.headers["Location"], {"username": kim.email, "password": PASSWORD})
    assert signed_in.headers["Location"] == path
    assert "Join the team of Nordlys Lamps?" in text_of(client.get(path))
    assert Membership.objects.count() == 1
    assert client.post(path).headers["Location"] == "/merchant/"
    assert "Nordlys Lamps" in text_of(client.get("/merchant/"))
    kim.refresh_from_db()
    assert kim.check_password(PASSWORD)


def test_nobody_joins_by_anothers_invitation(client, invite, mia, stranger):
    path = invite(join(stranger, "owner", "kim@other.example").email)
    client.force_login(mia, backend="django.contrib.auth.backends.ModelBackend")
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 403
        assert "kim@other.example" not in text_of(answer)
    assert Membership.objects.filter(merchant__slug="nordlys").count() == 1


def test_a_made_up_or_withdrawn_invitation_is_worth_nothing(client, invite, mia):
    path = invite()
    for wrong in (path[:-1] + ("0" if path[-1] != "0" else "1"), path.replace("inv_", "mer_"), "/merchant/invitations/x/y"):
        assert client.get(wrong).status_code in {404, 410}
    client.force_login(mia, backend="django.contrib.auth.backends.ModelBackend")
    taken_back = f"/merchant/team/invitations/{path.split('/')[3]}/withdraw"
    assert "Take back the invitation of new@nordlys.example?" in text_of(client.get(taken_back))
    client.post(taken_back)
    client.logout()
    assert client.get(path).status_code == 410
    assert client.post(path, {"password": PASSWORD}, follow=True).status_code == 410
    assert not User.objects.get(email="new@nordlys.example").has_usable_password()
