"""Operators who answer people say whose bank accounts were shown, once for each; nobody else sees the list."""

import pytest
from django.test import Client
from django.urls import reverse

from core import clock
from credit.models import BankAccess
from tests.operators import make_operator
from tests.portals.reading import text_of

pytestmark = pytest.mark.django_db
FIGURES = {"income_minor": 1, "fixed_minor": 0, "lenders_minor": 0, "spending_minor": 0, "gambling_bps": 0, "months": 6}
FIGURES |= {"lowest_minor": 0, "days_below_zero": 0}


@pytest.fixture
def visit(buy, merchant) -> BankAccess:
    who, now = buy(merchant, 20_000).consumer, clock.now()
    told = {"holder": "other", "holders": ["BO HOLM"], "figures": FIGURES, "started_at": now, "read_at": now, "next_at": now}
    return BankAccess.objects.create(consumer=who, currency="USD", provider="x", **told)


def browser(*may) -> Client:
    made = Client()
    made.force_login(make_operator(f"{len(may)}@kvart.example", may=may), backend="django.contrib.auth.backends.ModelBackend")
    return made


def test_who_answers_people_decides_once_and_the_work_list_leads_there(visit):
    address, judge = reverse("admin:credit_bankaccess_doubted"), browser("view_person", "answer_request", "view_decision")
    assert address in text_of(judge.get(reverse("admin:index")))
    page = text_of(judge.get(address))
    assert ("BO HOLM" in page, visit.consumer.name in page) == (True, True)
    once = page.split('name="once" value="')[1].split('"')[0]
    for _press in range(2):
        judge.post(address, {"access": str(visit.pk), "theirs": "yes", "once": once})
    visit.refresh_from_db()
    assert (visit.holder, visit.is_own) == ("theirs", True)
    assert "Nobody" in text_of(judge.get(address))


def test_nobody_else_sees_or_decides(visit):
    address = reverse("admin:credit_bankaccess_doubted")
    for may in (("view_person",), ("answer_request",)):
        other = Client()
        other.force_login(make_operator(f"{may[0]}@kvart.example", may=may), backend="django.contrib.auth.backends.ModelBackend")
        assert other.get(address).status_code == 403
        assert other.post(address, {"access": str(visit.pk), "theirs": "yes", "once": "x" * 20}).status_code == 403
    visit.refresh_from_db()
    assert visit.holder == "other"


def test_nobody_decides_about_accounts_that_they_showed_themselves(visit):
    address, own = reverse("admin:credit_bankaccess_doubted"), Client()
    judge = make_operator(visit.consumer.email, may=("view_person", "answer_request"))
    own.force_login(judge, backend="django.contrib.auth.backends.ModelBackend")
    page = text_of(own.get(address))
    assert ("Yours: somebody else decides" in page, 'name="theirs"' in page) == (True, False)
    said = own.post(address, {"access": str(visit.pk), "theirs": "yes", "once": "x" * 20}, follow=True)
    assert "Nobody decides about their own accounts." in str(next(iter(said.context["messages"])))
    visit.refresh_from_db()
    assert visit.holder == "other"
