"""The privacy centre: what is kept and why, the copy to read, and the rights that each market's law gives."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts import services as accounts
from accounts.models import Consumer, ConsumerRequest, Look
from accounts.objections import spared_among
from checkout.cases import list_cases
from controls.models import AuditRow
from core.clock import local_date
from core.errors import NotFound
from portals.consumer.account.copying import SECTIONS
from portals.consumer.account.kept import ACCOUNT, AGREEMENTS, BY_SCHEDULE, DECISIONS, IDENTITY
from tests.owner import unguarded
from tests.portals.test_requests import anna, clerk, dane, send, text  # noqa: F401  (fixtures)

pytestmark = pytest.mark.django_db(transaction=True)
EUROPE, CALIFORNIA = {"restriction", "objection"}, {"no_sale", "limit_use"}


def test_each_section_of_the_copy_has_one_reason_to_be_kept():
    told = [*AGREEMENTS, *IDENTITY, *DECISIONS, *ACCOUNT, *BY_SCHEDULE]
    assert sorted(told) == sorted(SECTIONS)


def offered(client) -> set[str]:
    page = client.get("/profile/privacy").content.decode()
    return {kind for kind in EUROPE | CALIFORNIA if f'href="/requests/new/{kind}"' in page}


def test_a_right_is_offered_where_the_law_gives_it_and_nowhere_else(client, anna, moment):  # noqa: F811
    assert offered(client) == set()
    for kind in EUROPE | CALIFORNIA:
        assert client.get(f"/requests/new/{kind}").status_code == 404
    with pytest.raises(NotFound):
        accounts.open_request(consumer=anna.consumer, kind="no_sale", text="", at=moment)
    moved = Consumer.objects.get(pk=anna.consumer_id)
    moved.address |= {"region": "CA"}
    with unguarded():
        moved.save(update_fields=["address"])
    assert offered(client) == CALIFORNIA
    send(client, "/requests/new/no_sale", text="")
    row = ConsumerRequest.objects.get()
    assert row.due_date == local_date(row.asked_at, anna.consumer.time_zone) + timedelta(days=15)
    assert reverse("request", args=[row.public_id]) in client.get("/profile/privacy").content.decode()
    assert spared_among([anna.consumer_id]) == set()


def test_who_objects_teaches_no_model_and_reads_state_and_answer_there(client, dane, clerk, moment):  # noqa: F811
    later = moment + timedelta(days=900)
    assert offered(client) == EUROPE
    assert len([*list_cases(at=later)]) == 2
    send(client, "/requests/new/objection", text="Do not judge me")
    row = ConsumerRequest.objects.get()
    assert "Waiting" in text(client.get("/profile/privacy"))
    assert len([*list_cases(at=later)]) == 1
    desk = reverse("admin:accounts_consumerrequest_change", args=[row.pk])
    assert "no model judges how much reminding" in text(clerk.get(desk))
    clerk.post(reverse("admin:accounts_consumerrequest_answer", args=[row.pk]), {"outcome": "refused", "answer": "We must."})
    assert "Answered" in text(client.get("/profile/privacy"))
    assert len([*list_cases(at=later)]) == 2


def test_closing_says_before_and_after_what_is_kept_and_until_when(client, dane, moment):  # noqa: F811
    told = text(client.get("/profile/privacy"))
    last = max(one.due_date for one in dane.plan.installments.all())
    for page in (told, text(client.get("/requests/new/closure"))):
        assert "Bokföringslagen" in page
        assert str(last.year + 7) in page
    door = send(client, "/requests/new/closure", text="")["Location"]
    assert "What is kept all the same, and why" in text(client.get(door))


def test_the_copy_to_read_has_every_section_and_is_noted(client, anna):  # noqa: F811
    answer = client.get("/profile/copy/page")
    assert answer["Content-Disposition"].startswith('attachment; filename="your-data-')
    page = text(answer)
    assert [title for title in SECTIONS.values() if title not in page] == []
    assert anna.consumer.name in page
    assert "Lamp" in page
    assert "<script" not in answer.content.decode()
    assert AuditRow.objects.filter(act="accounts.data_copied").count() == 1


def test_who_looked_is_told_but_not_what_a_fraud_desk_looks_at(client, anna, clerk, moment):  # noqa: F811
    assert "Nobody has, in the last year." in text(client.get("/profile/privacy"))
    row = accounts.open_request(consumer=anna.consumer, kind="question", text="Why?", at=moment)
    assert clerk.get(reverse("admin:accounts_consumerrequest_change", args=[row.pk])).status_code == 200
    (look,) = Look.objects.filter(consumer=anna.consumer)
    accounts.note_look(user=look.user, consumers=[anna.consumer_id], page="fraud_case", address="", at=moment)
    told = text(client.get("/profile/privacy"))
    assert "Your copy has all of the last year." in told
    assert "Fraud case" not in told
    assert [one["page"] for one in client.get("/profile/copy").json()["looks"]] == ["request"]
