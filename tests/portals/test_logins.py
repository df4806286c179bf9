"""Signing in by other companies: linked once by a code, one touch from then on; forged, late and repeated answers sign nobody in."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests
from django.test import Client

from accounts import services as accounts
from accounts.errors import LoginFailed
from accounts.logins.models import Login
from accounts.logins.services import link_login
from core import clock
from core.models import OutboxEvent
from markets.models import Market
from portals import logins
from tests.portals.test_checkout_pages import path
from tests.portals.test_consumer_pages import text

pytestmark = pytest.mark.django_db(transaction=True)
FAILED = str(LoginFailed("That did not sign you in. Try again, or use a one-time code.").detail)


@pytest.fixture
def ann(sandbox_world, email):
    """A consumer with an account and an address."""
    return accounts.get_or_create_consumer(channel="email", destination=email(), market=Market.objects.get(code="US"), at=clock.now())


def visit(browser: Client, company: str, address: str, *, there: str = "/home", answer: str = "yes") -> str:
    """Press the button of a company and allow it there; return the path by which the browser comes back."""
    began = browser.post(f"/sign-in/with/{company}?{urlencode({'next': there})}")
    assert began.status_code == 303
    page = requests.post(began["Location"], data={"email": address, "answer": answer}, allow_redirects=False, timeout=10)
    if company != "apple":
        back = urlsplit(page.headers["Location"])
        return f"{back.path}?{back.query}"
    # A form, without the session's cookie, which comes again as a link.
    fields = dict(part.split('" value="') for part in page.text.split('<input type="hidden" name="')[1:] for part in [part.split('">')[0]])
    return Client().post(f"/sign-in/with/{company}/back", fields)["Location"]


@pytest.mark.parametrize("company", ["google", "apple", "facebook"])
def test_the_first_time_takes_a_code_and_then_one_touch_does(ann, company):
    browser = Client()
    assert f'action="/sign-in/with/{company}' in browser.get("/sign-in").content.decode()
    came = browser.get(visit(browser, company, ann.email))
    assert came["Location"].startswith("/sign-in/code")
    assert "consumer" not in browser.session
    browser.post("/sign-in/code", {"code": "111111"})
    assert browser.session["consumer"] == ann.public_id
    (login,) = Login.objects.all()
    assert (login.consumer_id, login.company) == (ann.pk, company)
    again = Client()
    assert again.get(visit(again, company, ann.email))["Location"] == "/home"
    assert (again.session["consumer"], again.session["consumer_how"]) == (ann.public_id, "login")
    again.post("/profile/sign-in/accounts/remove", {"company": company})
    told = OutboxEvent.objects.filter(name="accounts.security_changed").order_by("id").values_list("payload__what", flat=True)
    assert [what for what in told if what.startswith("login")] == ["login_added", "login_removed"]
    after = Client()
    assert after.get(visit(after, company, ann.email))["Location"].startswith("/sign-in/code")


def test_what_does_not_answer_this_browser_signs_nobody_in(ann, monkeypatch):
    browser = Client()
    browser.get(visit(browser, "google", ann.email))
    browser.post("/sign-in/code", {"code": "111111"})
    right = visit(mine := Client(), "google", ann.email)
    query = dict(parse_qsl(urlsplit(right).query))
    place = urlsplit(right).path

    def comes(browser, told, at=place):
        answer = browser.get(f"{at}?{urlencode(told)}", follow=True)
        return "consumer" not in browser.session and FAILED in text(answer)

    # Another browser, another state, another company, no code, a made-up code, too late, the same once more.
    assert comes(Client(), query)
    for wrong in (query | {"state": "x"}, {"state": query["state"], "error": "access_denied"}, query | {"code": "made-up"}):
        other = Client()
        fresh = dict(parse_qsl(urlsplit(visit(other, "google", ann.email)).query))
        assert comes(other, {name: fresh[name] if value == query.get(name) and name in fresh else value for name, value in wrong.items()})
    other = Client()
    fresh = dict(parse_qsl(urlsplit(visit(other, "google", ann.email)).query))
    assert comes(other, fresh, at=place.replace("google", "apple"))
    assert mine.get(right)["Location"] == "/home"
    mine.post("/sign-out")
    assert comes(mine, query)
    assert visit(browser, "google", ann.email, answer="no").count("error=access_denied") == 1
    assert Client().post("/sign-in/with/nobody").status_code == 404
    late = visit(other := Client(), "google", ann.email)
    monkeypatch.setattr(logins, "VALID", timedelta(0))
    assert comes(other, dict(parse_qsl(urlsplit(late).query)))


def test_an_account_links_only_the_mailbox_that_its_company_tells(ann, email):
    browser, another = Client(), email("+other")
    other = accounts.get_or_create_consumer(channel="email", destination=another, market=Market.objects.get(code="US"), at=clock.now())
    browser.get(visit(browser, "google", ann.email))
    # The person goes on as somebody else in the same browser.
    browser.post("/sign-in", {"contact": another})
    browser.post("/sign-in/code", {"code": "111111"})
    assert (browser.session["consumer"], Login.objects.count()) == (other.public_id, 0)
    at = clock.now()
    link_login(consumer=ann, company="google", subject_hash="a" * 64, at=at)
    assert link_login(consumer=ann, company="google", subject_hash="a" * 64, at=at).consumer_id == ann.pk
    for who, subject in ((other, "a" * 64), (ann, "b" * 64)):
        with pytest.raises(Exception, match="linked already"):
            link_login(consumer=who, company="google", subject_hash=subject, at=at)


def test_in_a_checkout_a_new_person_types_one_code_and_goes_on(open_checkout, email):
    checkout, browser = open_checkout(), Client()
    there = path(checkout)
    assert "Continue with Google" in text(browser.get(there))
    came = browser.get(visit(browser, "google", email(), there=there))
    assert came["Location"] == there
    browser.post(path(checkout, "code"), {"code": "111111"})
    assert Login.objects.get().consumer.public_id == browser.session["consumer"]
    assert "Continue with Google" not in text(browser.get(there))
