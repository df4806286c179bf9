"""The work list: one list of all kinds, who has what, and the next one."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import ConsumerRequest, User
from checkout.models import Checkout
from controls import services as controls
from controls.errors import Taken
from controls.models import Assignment
from core import relay
from core.clock import wall
from core.ids import public_id, uuid7
from core.once import new_key
from notifications.models import Message
from operations import sources
from operations.sources import Pick
from operations.tasklist import find_source
from payments.models import Break
from tests.api.counting import count_but_the_clock
from tests.operators import make_boss, make_operator
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


def press(client, key: str = "") -> str:
    return client.post(NEXT, {"once": key or new_key()}).url


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
    opened = [press(sign_in(user)) for user in (bo, cy, bo)]
    assert opened == [reverse("admin:controls_proposal_change", args=[one.pk]) for one in proposals]
    assert press(sign_in(cy)) == reverse("admin:index")


def test_who_made_a_proposal_does_not_get_it_as_the_next(proposals, anna):
    assert press(sign_in(anna)) == reverse("admin:index")
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


def test_the_people_stand_once_on_the_page_however_many_tasks_there_are(proposals, bo):
    lead = sign_in(make_operator("lead@kvart.example", name="Lead", may=["approve_shop", "assign_task"]))
    text = page(lead)
    assert (len(listed(text)), re.findall(r"<option value=[^>]*>(\w+)", text)) == (3, ["Anna", "Bo", "Lead"])
    for address in (TAKE, GIVE):
        button = re.findall(rf'form="act-on" formaction="{address}" name="task" value="([^"]+)"', page(lead))[0]
        lead.post(address, {"task": button, "person": str(bo.pk)})
    assert {(one.subject, one.person) for one in Assignment.objects.all()} == {(str(proposals[0].pk), str(bo.pk))}


@pytest.mark.parametrize("subject", ["x", "00000000-0000-0000-0000-000000000000"])
def test_only_an_open_task_of_ones_role_is_taken(proposals, bo, subject):
    told = sign_in(bo).post(TAKE, {"kind": "proposal", "subject": subject}, follow=True).content.decode()
    assert "This task is done, or waits no longer." in told
    stranger = sign_in(make_operator("eve@kvart.example", may=["view_order"]))
    for act in (TAKE, GIVE, RELEASE, NEXT):
        assert stranger.post(act, task(proposals[0])).status_code == 403
        assert sign_in(bo).get(act).status_code == 403
    assert not Assignment.objects.exists()


def test_the_number_of_queries_does_not_grow_with_the_list(proposals, anna, bo, django_assert_max_num_queries):
    client = sign_in(bo)
    with django_assert_max_num_queries(20):
        page(client)


def test_a_button_pressed_twice_takes_one_task(proposals, bo):
    client, key = sign_in(bo), new_key()
    assert press(client, key) == press(client, key)
    assert Assignment.objects.count() == 1
    assert client.post(NEXT).url == reverse("admin:index")
    assert Assignment.objects.count() == 1


def test_a_task_s_own_page_says_who_has_it_and_since_when(proposals, bo):
    address, client = reverse("admin:controls_proposal_change", args=[proposals[0].pk]), sign_in(bo)
    cy = make_operator("cy@kvart.example", name="Cy", may=["approve_shop"])
    assert "Nobody works on this yet" in client.get(address).content.decode()
    assert client.post(TAKE, task(proposals[0]) | {"at_task": "1"}).url == address
    since = Assignment.objects.get().taken_at
    assert ("Your task" in (mine := client.get(address).content.decode()), f"since {since:%H:%M}, until" in mine) == (True, True)
    theirs = sign_in(cy).get(address).content.decode()
    assert ("Bo works on this" in theirs, "Give to" in theirs, ">Take<" in theirs) == (True, False, False)
    assert client.post(GIVE, task(proposals[0]) | {"at_task": "1", "person": str(cy.pk)}).url == address
    theirs = sign_in(cy).get(address).content.decode()
    assert ("Your task" in theirs, "given by Bo" in theirs) == (True, True)
    assert client.post(GIVE, task(proposals[0]) | {"person": str(bo.pk)}).status_code == 403
    assert sign_in(cy).post(RELEASE, task(proposals[0]) | {"at_task": "1"}).url == address
    assert "Nobody works on this yet" in client.get(address).content.decode()


def test_a_task_that_is_done_has_no_bar(proposals, bo):
    controls.approve_proposal(proposal_id=proposals[0].pk, user=bo, at=wall())
    told = sign_in(bo).get(reverse("admin:controls_proposal_change", args=[proposals[0].pk])).content.decode()
    assert "Whose task this is" not in told


def test_a_list_beyond_a_page_is_paged_and_loses_nothing(proposals, bo, monkeypatch):
    monkeypatch.setattr("operations.tasklist.SHOWN", 2)
    client = sign_in(bo)
    first, second = page(client), page(client, page="2")
    assert (listed(first), listed(second)) == (["Contract 0", "Contract 1"], ["Contract 2"])
    assert ("page=2" in first, "page=1" in second, "page=3" in second) == (True, True, False)
    for rubbish in ("0", "-1", "x", "٣", "99999"):
        assert page(client, page=rubbish)


def test_the_list_of_who_has_what_takes_the_same_queries_for_any_number(proposals, bo):
    boss, address = sign_in(make_boss()), reverse("admin:controls_assignment_changelist")

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert "Bo" in boss.get(address).content.decode()
        return count_but_the_clock(asked)

    client = sign_in(bo)
    press(client)
    count()
    before = count()
    press(client)
    press(client)
    assert count() == before


@pytest.mark.django_db(transaction=True)
def test_of_many_who_press_next_at_once_each_gets_another_one(proposals, at_once):
    people = [make_operator(f"o{number}@kvart.example", may=["approve_shop"]) for number in range(4)]
    clients = [sign_in(one) for one in people]
    opened = at_once(4, lambda number: press(clients[number]))
    pages = [reverse("admin:controls_proposal_change", args=[one.pk]) for one in proposals]
    assert sorted(opened) == sorted([*pages, reverse("admin:index")])
    assert sorted(Assignment.objects.values_list("person", flat=True)) == sorted(
        str(one.pk) for one, link in zip(people, opened, strict=True) if link in pages
    )


@pytest.mark.django_db(transaction=True)
def test_a_task_is_handed_on_by_who_has_it_only(at_once):
    controls.take_task(kind="held", subject="1", actor="0", at=wall())
    hand = lambda number: controls.hand_task(kind="held", subject="1", person=f"to{number}", actor="0", at=wall())  # noqa: E731
    results = at_once(3, hand)
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Taken", "Taken"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_task_at_once_one_has_it(at_once):
    take = [lambda who=str(number): controls.take_task(kind="held", subject="1", actor=who, at=wall()) for number in range(4)]
    results = at_once(4, lambda number: take[number]())
    assert sorted(type(result).__name__ for result in results) == ["NoneType", "Taken", "Taken", "Taken"]
    assert Taken.code == "controls.taken"


def test_who_leaves_has_no_tasks_and_no_sessions(proposals, bo):
    client = sign_in(bo)
    client.post(TAKE, task(proposals[0]))
    boss, other = make_boss(), make_boss("other@kvart.example")
    page, without_active = reverse("admin:accounts_user_change", args=[bo.pk]), {"email": bo.email, "name": "Bo", "is_staff": "on"}
    refused = sign_in(boss).post(page, without_active).content.decode()
    assert ("Say why, for those who are told." in refused, User.objects.get(pk=bo.pk).is_active) == (True, True)
    sign_in(boss).post(page, without_active | {"why": "The laptop is gone"})
    bo.refresh_from_db()
    assert (bo.is_active, bo.has_usable_password(), Assignment.objects.exists()) == (False, False, False)
    assert client.get(reverse("admin:index")).status_code == 302
    newest = bo.changes.order_by("-number").first()
    assert (newest.after["active"], newest.reason, newest.actor) == (False, "The laptop is gone", str(boss.pk))
    relay.drain()
    (told,) = Message.objects.filter(kind="operator_locked_out")
    assert (told.user, told.context["by"], told.context["person"]) == (other, str(boss), str(User.objects.get(pk=bo.pk)))
    assert "The laptop is gone" in sign_in(other).get(page).content.decode()


@pytest.fixture
def quiet_gateway(db):
    """Give a function that leaves breaks of movements without an answer."""

    def make(gateway, count, at, kind="unanswered"):
        about = {"kind": kind, "gateway": gateway, "amount_minor": 100, "currency": "USD", "opened_at": at}
        rows = [Break(**about, subject=public_id("chg", uuid7()), reference=public_id("pln", uuid7())) for _ in range(count)]
        return Break.objects.bulk_create(rows)

    return make


def test_what_a_gateway_leaves_unanswered_on_a_day_is_one_task(quiet_gateway):
    cleo = make_operator("cleo@kvart.example", name="Cleo", may=["view_break", "handle_break"])
    at = wall().replace(hour=12)
    many = quiet_gateway("sandbox", 60, at)
    quiet_gateway("stripe", 1, at)
    quiet_gateway("sandbox", 2, at - timedelta(days=1))
    quiet_gateway("sandbox", 2, at, kind="payout_failed")
    source = find_source(cleo, "money")
    tasks = source.list(cleo, Pick(), at=at, limit=50)
    assert sorted(one.about for one in tasks if "movements" in one.about) == ["sandbox: 2 movements", "sandbox: 60 movements"]
    assert (len(tasks), source.count(cleo, at=at)) == (5, 5)
    client = sign_in(cleo)
    assert "sandbox: 60 movements" in page(client)
    (whole,) = (one for one in tasks if "60" in one.about)
    assert client.get(whole.link).context["cl"].queryset.count() == 60
    # Whoever has the task has all of them; each one by itself is found by its key.
    assert [one.key for one in source.list(cleo, Pick(without=[whole.key]), at=at, limit=50)] == [one.key for one in tasks if one != whole]
    assert [one.key for one in source.list(cleo, Pick(only=[str(many[7].pk)]), at=at, limit=50)] == [str(many[7].pk)]
    with CaptureQueriesContext(connection) as few:
        source.list(cleo, Pick(), at=at, limit=50)
    quiet_gateway("stripe", 30, at - timedelta(days=3))
    quiet_gateway("third", 30, at)
    with CaptureQueriesContext(connection) as more:
        source.list(cleo, Pick(), at=at, limit=50)
    assert len(few) == len(more) <= 5


def test_a_long_list_is_not_counted_to_its_end(bo, proposals, monkeypatch):
    monkeypatch.setattr(sources, "MOST_COUNTED", 2)
    page = sign_in(bo).get("/admin/").content.decode()
    assert "<b>2+</b>" in page
    assert '<span class="desk-pill">2+</span>' in page
    monkeypatch.setattr(sources, "MOST_COUNTED", 3)
    assert "<b>3</b>" in sign_in(bo).get("/admin/").content.decode()


def test_a_request_tells_its_next_step_and_the_amount_of_its_purchase(client, buy, merchant, at):
    checkout = buy.open(merchant, 64_000, at)
    buy.finish(checkout, "p1+decline@people.example", at=at)
    consumer = Checkout.objects.get(pk=checkout.pk).consumer
    about = {"consumer": consumer, "status": "open", "due_date": at.date(), "asked_at": at}
    ConsumerRequest.objects.create(kind="review", reference=checkout.public_id, **about)
    ConsumerRequest.objects.create(kind="complaint", text="Hello", **about)
    client.force_login(make_boss("boss@kvart.example", "demo-password", name="Ada Admin"))
    shown = " ".join(client.get("/admin/", {"kind": "request"}).content.decode().replace("\xa0", " ").split())
    for text in ("Look again, and answer", "$640.00", "Answer"):
        assert text in shown, text
