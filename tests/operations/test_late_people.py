"""Operators work through late people: the queue, a case with its calls, and what is noted of a person."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Consumer, Look, Note
from checkout import services as checkouts
from collection.models import Call, Case, Complaint, Promise, Task
from collection.services import close_days, mark_overdue
from controls.models import Proposal
from core import clock
from core.once import new_key
from plans.models import Plan, ReliefOffer, Standstill
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
LIST = reverse("admin:collection_case_changelist")
FIGURES = reverse("admin:collection_case_figures")
BACKEND = "django.contrib.auth.backends.ModelBackend"
RIGHTS = ["view_case", "view_person", "look_after_person", "work_case", "propose_standstill", "view_plan"]
DAY = timedelta(days=1)


@pytest.fixture
def now(at, monkeypatch):
    """Noon in Los Angeles, a week and a day after the first payment was due."""
    found = at.replace(hour=20) + 8 * DAY
    monkeypatch.setattr(clock, "now", lambda: found)
    return found


@pytest.fixture
def rita(client):
    client.user = make_operator("rita@kvart.example", may=RIGHTS)
    client.force_login(client.user, backend=BACKEND)
    return client


@pytest.fixture
def case(buy, merchant, at, now):
    order = buy(merchant, 22_900)
    checkouts.capture_order(order_id=order.id, merchant=merchant, amount_minor=None, actor="test", at=at)
    close_days(at=at)
    mark_overdue(at=at + 2 * DAY)
    close_days(at=at + 8 * DAY)
    return Case.objects.select_related("consumer").get()


def text(answer) -> str:
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))).replace("\N{NO-BREAK SPACE}", " ")


def page_of(case) -> str:
    return reverse("admin:collection_case_change", args=[case.pk])


def do(client, case, act, **fields):
    return client.post(reverse("admin:collection_case_act", args=[case.pk, act]), fields | {"once": new_key()}, follow=True)


def give_phone(case):
    case.consumer.phone = "+12125550111"
    case.consumer.save(update_fields=["phone"])


def another(case, number, **told):
    """Another late person of the same market."""
    person = Consumer.objects.create(
        market=case.consumer.market, locale="en_US", time_zone="UTC", email_hash=f"{number}", created_at=case.consumer.created_at
    )
    values = {"currency": "USD", "opened_on": date(2026, 11, 30), "rank": 2, "days": 9, "plans": 1, "late_minor": 100} | told
    return Case.objects.create(consumer=person, **values)


def test_the_latest_come_first_and_then_the_largest_amounts(rita, case):
    worst, small, large = another(case, 1, rank=4, days=70), another(case, 2, late_minor=10), another(case, 3, late_minor=99_999)
    page = rita.get(f"{LIST}?market=US").content.decode()
    assert sorted([worst, large, case, small], key=lambda one: page.index(str(one.pk))) == [worst, large, case, small]
    page = rita.get(f"{LIST}?market=US&bucket=4").content.decode()
    assert str(worst.pk) in page
    assert str(case.pk) not in page
    assert "No cases." in text(rita.get(f"{LIST}?market=DK"))
    assert "No cases." in text(rita.get(f"{LIST}?market=US&mine=1"))
    assert "No cases." in text(rita.get(f"{LIST}?market=US&page=2"))
    assert Look.objects.filter(consumer=case.consumer, page="work_list").exists()


def test_the_pages_ask_as_much_however_much_there_is(rita, case):
    def called():
        told = {"consumer": case.consumer, "debts": ["x"], "day": date(2026, 9, 1), "begun_by": str(rita.user.pk), "outcome": "spoke"}
        Call.objects.create(case=case, begun_at=clock.now() - 91 * DAY, ended_at=clock.now(), **told)

    def counted():
        found = []
        for address in (f"{LIST}?market=US", page_of(case)):
            rita.get(address)
            with CaptureQueriesContext(connection) as asked:
                rita.get(address)
            found.append(len(asked))
        return found

    called()
    few = counted()
    for number in range(15):
        another(case, number)
        called()
    many = counted()
    assert many[0] <= few[0]
    assert many[1] <= few[1]


def test_a_case_is_taken_and_its_person_called_within_the_limits(rita, case):
    give_phone(case)
    page = text(rita.get(page_of(case)))
    for words in (
        str(case.consumer.name),
        "USD 57.25" if "USD 57.25" in page else "$57.25",
        "8 days late",
        "Call now",
        "Nobody has called yet",
    ):
        assert words in page, words
    assert str(case.consumer.phone) not in page
    do(rita, case, "take")
    assert case.consumer.name in text(rita.get(f"{LIST}?market=US&mine=1"))
    page = text(do(rita, case, "call"))
    assert case.consumer.phone in page
    assert f"Good day, this is {rita.user.email} of " in page
    assert f"Am I speaking with {case.consumer.name}?" in page
    assert "This is an attempt to collect a debt" in page
    page = text(do(rita, case, "outcome", outcome="spoke"))
    assert "Somebody talked with the person in the last days. The next call is allowed from Dec 7, 2026 08:00 (America/Los_Angeles)" in page
    assert "disabled" in rita.get(page_of(case)).content.decode()
    do(rita, case, "call")
    assert Call.objects.count() == 1


def test_a_task_that_is_due_comes_first_and_says_what_to_do(rita, case):
    another(case, 1, rank=4, days=70)
    today = "2026-11-30"
    assert "Choose a day from today on" in text(do(rita, case, "task", what="Ring the employer", due_on="2026-11-29", mine="1"))
    wrong = do(rita, case, "task", what="Ring the employer", due_on="soon")
    assert "By the day Choose a day." in text(wrong)
    assert 'value="Ring the employer" required' in wrong.content.decode()
    assert "Found out about the person None. Note what was found What" in text(wrong)
    wrong = do(rita, case, "trace", kind="phone", source="return", found=" ")
    assert text(wrong).count("Say what was found, and where.") == 1
    assert not Task.objects.exists()
    page = text(do(rita, case, "task", what="Ring after work", due_on=today, mine="1"))
    assert "Do what is noted as a task A task is due today or was due before." in page
    assert "Ring after work due" in page
    listed = rita.get(f"{LIST}?market=US").content.decode()
    assert listed.index(str(case.pk)) < listed.index("70 days late")
    task = Task.objects.get()
    assert (task.owner, task.made_by, str(task.due_on)) == (str(rita.user.pk), str(rita.user.pk), today)
    other = another(case, 2)
    assert "There is no such task." in text(do(rita, other, "finish", task=str(task.pk)))
    assert "There is no such task." in text(do(rita, other, "finish", task="x"))
    assert "The task is done." in text(do(rita, case, "finish", task=str(task.pk)))
    assert "done already" in text(do(rita, case, "finish", task=str(task.pk)))
    assert "Write, with a link to pay No phone number is known." in text(rita.get(page_of(case)))


def test_a_note_is_written_where_the_case_is_read(rita, case):
    answer = rita.post(reverse("admin:collection_case_note", args=[case.pk]), {"text": "Moved to Reno", "once": new_key()}, follow=True)
    assert "Moved to Reno" in text(answer)
    assert Note.objects.get().consumer_id == case.consumer_id


def test_the_queue_opens_where_most_is_late(rita, case):
    assert str(case.pk) in rita.get(LIST).content.decode()


def test_a_complaint_is_handed_over_and_answered_by_who_may(rita, case):
    give_phone(case)
    assert "Say it in a few words." in text(do(rita, case, "complain", about=" "))
    page = text(do(rita, case, "complain", about="The lamp never came"))
    for words in ("The lamp never came", "To be answered by: Dec 15, 2026", "Do not call.", "Wait for the answer to the complaint"):
        assert words in page, words
    assert "A complaint waits for its answer already." in text(do(rita, case, "complain", about="Again"))
    do(rita, case, "call")
    do(rita, case, "answer", answer="It came")
    assert not Call.objects.exists()
    assert Complaint.objects.get().ended_at is None
    lea = make_operator("lea@kvart.example", may=[*RIGHTS, "answer_complaint"])
    rita.force_login(lea, backend=BACKEND)
    assert "The answer is noted." in text(do(rita, case, "answer", answer="It came"))
    assert (Complaint.objects.get().answer, Complaint.objects.get().ended_by) == ("It came", str(lea.pk))
    assert "No complaint waits for an answer." in text(do(rita, case, "answer", answer="It came"))
    assert "A call is under way" in text(do(rita, case, "call"))


def test_what_operators_did_is_counted_by_who_did_it_and_how_late_the_people_are(rita, case):
    give_phone(case)
    do(rita, case, "call")
    do(rita, case, "outcome", outcome="spoke")
    plan, by = Plan.objects.get(), str(rita.user.pk)
    told = {"plan": plan, "pay_on": date(2026, 12, 1), "late_minor": 5_725, "made_at": clock.now()}
    kept = Promise.objects.create(amount_minor=5_000, made_by=by, **told)
    page = text(rita.get(f"{FIGURES}?market=US"))
    assert f"{rita.user.email} 1 1 1 – $0.00" in page
    assert "4–30 days late 1 1 1 – $0.00" in page
    kept.paid_minor, kept.decided_at = 5_000, clock.now()
    kept.keep()
    kept.save()
    assert f"{rita.user.email} 1 1 1 1 (100%) $50.00" in text(rita.get(f"{FIGURES}?market=US"))
    assert "Operator: Nothing in these days." in text(rita.get(f"{FIGURES}?market=US&from=2026-10-01&until=2026-10-02"))
    assert "Nothing in these days." in text(rita.get(f"{FIGURES}?market=DK"))


def test_a_death_is_noted_by_one_and_taken_back_by_a_proposal(rita, case):
    page = text(do(rita, case, "still", kind="deceased"))
    assert "No reminders, no charges by workers, no fees, no calls" in page
    assert "Note a promise to pay" not in page
    assert Standstill.objects.get().noted_by == str(rita.user.pk)
    assert "Another operator decides" in text(do(rita, case, "move", reason="It was a namesake"))
    assert Proposal.objects.get().kind == "plans.moves_on"
    assert Standstill.objects.get().ended_at is None


def test_who_may_not_see_people_sees_no_case(client, case):
    client.force_login(make_operator("vera@kvart.example", may=["view_case"]), backend=BACKEND)
    assert client.get(page_of(case)).status_code == 403
    listed = text(client.get(f"{LIST}?market=US"))
    assert case.consumer.public_id in listed
    assert case.consumer.name not in listed
    assert client.post(reverse("admin:collection_case_act", args=[case.pk, "call"]), {"once": "1"}).status_code == 403
    client.force_login(make_operator("clerk@kvart.example"), backend=BACKEND)
    assert client.get(LIST).status_code == 403


def test_another_s_address_is_none(rita, case):
    assert rita.get(reverse("admin:collection_case_change", args=[Plan.objects.get().pk])).status_code == 404


def test_an_operator_notes_how_a_person_does_not_want_to_be_asked_and_takes_it_back(rita, case):
    assert "Not wanted" not in text(rita.get(page_of(case)))
    assert "is not asked by this channel any more" in text(do(rita, case, "stop", channel="call"))
    assert "Not wanted" in text(rita.get(page_of(case)))
    assert "asked not to be called" in text(rita.get(page_of(case)))
    assert "may be asked by this channel again" in text(do(rita, case, "allow", channel="call"))
    assert "Not wanted" not in text(rita.get(page_of(case)))


def test_relief_beyond_what_a_person_chooses_is_offered_after_a_budget(rita, case, client):
    plan = Plan.objects.get()
    page = reverse("admin:collection_relief", args=[plan.pk])
    assert page in rita.get(page_of(case)).content.decode()
    month = {"income": "2000", "housing": "900", "living": "500", "dependants": "0", "priority": "100", "reason": "income"}
    told = month | {"lasts": "longer", "kind": "smaller", "number": "8", "once": new_key()}
    shown = text(rita.post(page, told | {"calculate": "1"}))
    assert re.search(r"Left in a month \$500.00 Payments that fit 1 ", shown)
    assert ("What comes of it today" in shown, ReliefOffer.objects.exists()) == (True, False)
    again = text(rita.post(page, told | {"offer": "1", "number": "1"}))
    assert "Days or payments: must be at least 4." in again
    assert "Offered. The person is told." in text(rita.post(page, told | {"offer": "1"}, follow=True))
    assert ReliefOffer.objects.get().count == 8
    other = make_operator("eva@kvart.example", may=["view_case", "view_person"])
    client.force_login(other, backend=BACKEND)
    assert client.get(page).status_code == 403
    ida = make_operator("ida@kvart.example", may=[*RIGHTS, "propose_refund"])
    client.force_login(ida, backend=BACKEND)
    long = told | {"kind": "pause", "number": "90", "note": "No work before spring", "income": "1900", "once": new_key()}
    assert "Proposed. Another person decides now." in text(client.post(page, long | {"offer": "1"}, follow=True))
    # While that waits, what one may offer alone is offered, and said to be.
    assert "Offered. The person is told." in text(client.post(page, told | {"offer": "1", "once": new_key()}, follow=True))
    client.force_login(make_operator("otto@kvart.example", may=["approve_refund", "view_person"]), backend=BACKEND)
    shown = text(client.get(page))
    assert re.search(r"Income in a month, after tax, USD \$1,900.00 .* Left in a month \$400.00 ", shown)
    assert ("Offer this" in shown, client.post(page, told | {"offer": "1"}).status_code) == (False, 403)
