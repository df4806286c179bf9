"""The pages of block and allow lists: values are added, found, ended, and blocked from a case, each once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from controls.models import Proposal
from core import clock
from core.db import execute
from fraud.lists.services import add_entry
from fraud.models import ListEntry
from fraud.states import Listed, ListKind, Verdict
from tests.fraud.cases import keep_attempt
from tests.operations.test_fraud_desk import people, words
from tests.operators import make_operator

pytestmark = pytest.mark.django_db
LIST, ADD = reverse("admin:fraud_listentry_changelist"), reverse("admin:fraud_listentry_add")
MAY = ("view_fraudcase", "view_listentry", "add_listentry", "propose_list", "view_person")
DEVICE, CARD = "d" * 32, "c" * 32


@pytest.fixture
def fay(client):
    """A fraud analyst, signed in with this test's browser."""
    user = make_operator("fay@kvart.example", name="Fay Analyst", may=MAY)
    client.force_login(user)
    return user


@pytest.fixture
def case(merchant):
    return keep_attempt(people(1)[0], merchant, Verdict.BLOCK, device=DEVICE, card=CARD)


def today():
    return clock.now().date()


def sent(once="the-same-form-of-a-page", **more):
    return {"once": once, "listed": "block", "kind": "email", "text": "ann@example.com", "until": today(), "reason": "Stolen"} | more


def put(user, text, *, kind=ListKind.DEVICE, listed=Listed.BLOCK):
    return add_entry(listed=listed, kind=kind, text=text, reason="Known", until=today(), user=user, at=clock.now())


def count(client, path) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return sum(not ("core_clockoffset" in one["sql"] or "accounts_look" in one["sql"]) for one in asked)


def test_a_value_is_added_once_found_by_its_clear_text_and_ended_with_a_reason(client, fay):
    assert ADD in client.get(LIST).content.decode()
    for _press in range(2):
        text = client.post(ADD, sent(), follow=True).content.decode()
    assert "a•••@example.com" in text
    entry = ListEntry.objects.get()
    assert (entry.added_by, entry.reason, entry.until) == (str(fay.pk), "Stolen", today())
    for asked, seen in (("Ann@example.com", True), ("bob@example.com", False), ("a•••@example.com", True)):
        assert (str(entry.pk) in client.get(LIST, {"q": asked}).content.decode()) is seen, asked
    page, end = (reverse(f"admin:fraud_listentry_{act}", args=[entry.pk]) for act in ("change", "end"))
    assert "Stolen" in words(client.get(page).content.decode())
    assert "say why" in client.post(end, {"once": "first-form-of-the-page", "reason": " "}, follow=True).content.decode()
    for _press in range(2):
        text = client.post(end, {"once": "other-form-of-the-page", "reason": "Wrong person"}, follow=True).content.decode()
    assert "Wrong person" in words(text)
    assert "Fay Analyst" in words(text)
    assert (end in text, ListEntry.objects.filter(ended_at=None).count()) == (False, 0)


def test_a_wide_value_is_proposed_and_a_bad_one_named_at_its_field(client, fay):
    assert "Another person decides now" in client.post(ADD, sent(kind="domain", text="fraud.example"), follow=True).content.decode()
    assert (Proposal.objects.get().subject, ListEntry.objects.count()) == ("block:domain:fraud.example", 0)
    text = client.post(ADD, sent("bad-form-of-the-page", kind="domain", text="gmail.com"), follow=True).content.decode()
    assert "is mail that anybody uses" in text
    assert "is in the past" in client.post(ADD, sent("old-form-of-the-page", until="2020-01-01"), follow=True).content.decode()


def test_what_was_seen_at_an_attempt_is_blocked_from_its_case(case, client, fay):
    page, block = (reverse(f"admin:fraud_fraudcase_{act}", args=[case.pk]) for act in ("change", "block"))
    text = words(client.get(page).content.decode())
    assert ("Block: Device" in text, "Block: Card" in text, "Block: Address" in text) == (True, True, False)
    told = {"once": "the-same-form-of-a-page", "kind": "device", "until": today(), "reason": "A phone farm"}
    for _press in range(2):
        text = words(client.post(block, told, follow=True).content.decode())
    entry = ListEntry.objects.get()
    assert (entry.key, entry.consumer, entry.reason) == (DEVICE, case.consumer, "A phone farm")
    assert "Device Block list until" in text
    client.post(block, told | {"once": "another-form-of-the-page", "kind": "card", "reason": ""})
    client.post(block, told | {"once": "a-third-form-of-the-page", "kind": "range"})
    assert ListEntry.objects.count() == 1


def test_who_may_only_look_changes_nothing_and_reads_no_reason(case, client, fay):
    entry = put(fay, "one")
    client.force_login(make_operator("vera@kvart.example", may=["view_fraudcase", "view_listentry"]))
    page, end = (reverse(f"admin:fraud_listentry_{act}", args=[entry.pk]) for act in ("change", "end"))
    block = reverse("admin:fraud_fraudcase_block", args=[case.pk])
    text = client.get(page).content.decode()
    assert ("Known" in text, end in text, ADD in client.get(LIST).content.decode()) == (False, False, False)
    assert client.get(ADD).status_code == 403
    assert block not in client.get(reverse("admin:fraud_fraudcase_change", args=[case.pk])).content.decode()
    for path, told in ((end, {"reason": "x"}), (block, {"kind": "device", "until": today(), "reason": "x"})):
        assert "You may not do this." in client.post(path, told | {"once": "the-form-of-a-page"}, follow=True).content.decode()
    assert ListEntry.objects.get().ended_at is None


def test_the_pages_cost_the_same_however_much_is_listed_and_unreadable_reasons_hide_nothing(case, client, fay):
    entries = [put(fay, "one")]
    paths = [f"{LIST}?state=open", reverse("admin:fraud_fraudcase_change", args=[case.pk])]
    [count(client, path) for path in paths]
    before = [count(client, path) for path in paths]
    entries += [put(fay, f"device {n}") for n in range(5)]
    entries.append(put(fay, "one", listed=Listed.ALLOW))
    assert [count(client, path) for path in paths] == before
    execute("UPDATE fraud_listentry SET reason = 'v2:k0:nonsense'")
    assert [client.get(path).status_code for path in paths] == [200, 200]
    page = client.get(reverse("admin:fraud_listentry_change", args=[entries[0].pk]))
    assert (page.status_code, "unreadable" in page.content.decode()) == (200, True)
    assert len(client.get(LIST, {"state": "over"}).context["cl"].result_list) == 0
    assert len(client.get(LIST, {"listed__exact": "allow"}).context["cl"].result_list) == 1
